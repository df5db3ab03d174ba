// What really listens in a cluster: pods from the moment their containers are ready until they have ended, and the node
// ports of nodes that are there. EndpointSlices say what the cluster believes, a little later.

import type { ClusterObject, Pod } from '../../src/core/domain/cluster.ts';
import { namespacedName } from '../../src/core/domain/ids.ts';
import type { ClusterWatch } from '../../src/kube/cluster-watch.ts';
import { type Backend, echo } from '../../src/simulator/dataplane/backend.ts';

type Address = { readonly id: string; readonly port: number };

export class RunningPods {
  readonly #watch: ClusterWatch;
  readonly #pods = new Map<string, Pod>();
  readonly #unsubscribe: () => void;
  #turn = 0;

  /** `watch` has to keep all pods, and to have read them. */
  constructor(watch: ClusterWatch) {
    this.#watch = watch;
    for (const pod of watch.snapshot().pods.values()) this.#take(undefined, pod);
    this.#unsubscribe = watch.onChange(({ before, after }) => this.#take(before, after));
  }

  close(): void {
    this.#unsubscribe();
  }

  /** Pods of a namespace that have not ended. */
  of(namespace: string): readonly Pod[] {
    return [...this.#watch.snapshot().pods.values()].filter(({ meta }) => meta.namespace === namespace);
  }

  /** Undefined: the connection is refused. */
  backendOf({ id, port }: Address): Backend | undefined {
    return id.startsWith('i-') ? this.#behindNodePort(id, port) : this.#atAddress({ id, port });
  }

  /** One that loses its readiness goes on listening. */
  #take(before: ClusterObject | undefined, after: ClusterObject | undefined): void {
    if (after === undefined && before?.kind === 'Pod') this.#pods.delete(before.meta.uid);
    const isUp = (pod: Pod) =>
      pod.conditions.some(({ type, status }) => type === 'ContainersReady' && status === 'True');
    if (after?.kind === 'Pod' && isUp(after)) this.#pods.set(after.meta.uid, after);
  }

  #atAddress({ id, port }: Address): Backend | undefined {
    const { nodes } = this.#watch.snapshot();
    const pod = [...this.#pods.values()].find(
      ({ ips, containerPorts, nodeName = '' }) =>
        ips.includes(id) &&
        containerPorts.some((open) => open.port === port) &&
        nodes.has(namespacedName('', nodeName)),
    );
    return pod && echo({ namespace: pod.meta.namespace, service: '', pod: pod.meta.name });
  }

  /** As kube-proxy has it: the next ready endpoint of the Service, one that is terminating where there is no other. */
  #behindNodePort(instance: string, nodePort: number): Backend | undefined {
    const { nodes, services, endpointSlices } = this.#watch.snapshot();
    if (![...nodes.values()].some(({ providerId }) => providerId.endsWith(`/${instance}`))) return undefined;
    const service = [...services.values()].find(({ ports }) =>
      ports.some((port) => port.nodePort === nodePort),
    );
    const name = service?.ports.find((port) => port.nodePort === nodePort)?.name;
    if (service === undefined || name === undefined) return undefined;
    const slices = endpointSlices.get(namespacedName(service.meta.namespace, service.meta.name)) ?? [];
    const endpoints = slices.flatMap((slice) => {
      const port = slice.ports.find((each) => each.name === name)?.port;
      return port === undefined ? [] : slice.endpoints.map((endpoint) => ({ endpoint, port }));
    });
    const ready = endpoints.filter(({ endpoint }) => endpoint.ready);
    const usable = ready.length > 0 ? ready : endpoints.filter(({ endpoint }) => endpoint.terminating);
    this.#turn += 1;
    const chosen = usable[this.#turn % Math.max(1, usable.length)];
    return chosen && this.#atAddress({ id: chosen.endpoint.addresses[0] ?? '', port: chosen.port });
  }
}
