/**
 * A tiny stand-in for kubelets and the controller manager, so that Services in the sandbox have something behind them: it runs
 * the pods of Deployments, makes up two pods for a Service that nobody runs pods for, gives addresses and readiness to pods
 * that users wrote, and keeps EndpointSlices equal to what is there. No scheduling, no roll-outs, no ReplicaSets.
 */
import type { JsonObject } from './json.ts';
import { at, listOf, objectOf, sameJson, textOf } from './json.ts';
import type { KubeObject } from './object.ts';
import type { KubeSimulator } from './simulator.ts';
import type { PodAddress } from './workload-objects.ts';
import * as made from './workload-objects.ts';

export type WorkloadsOptions = {
  readonly simulator: Pick<KubeSimulator, 'store' | 'onChange'>;
  /** Address and node of the n-th pod, counted from 0 over the whole run. */
  readonly podIp: (n: number) => PodAddress;
};

export type Workloads = { close(): void };

const watched = new Set(['/services', '/pods', 'apps/deployments', 'discovery.k8s.io/endpointslices']);

/** Brings the cluster's pods and slices in line now, and again after every change until it is closed. */
export function startWorkloads(options: WorkloadsOptions): Workloads {
  const { store, onChange } = options.simulator;
  const loop = new WorkloadLoop(options);
  const changed = new Set<string>();
  const unsubscribe = onChange((event) => {
    if (!watched.has(event.storage)) return;
    if (changed.size === 0) {
      // After the current batch of writes, so that objects applied together are seen together.
      queueMicrotask(() => {
        const namespaces = [...changed];
        changed.clear();
        for (const namespace of namespaces) loop.sync(namespace);
      });
    }
    changed.add(event.object.metadata.namespace ?? '');
  });
  for (const namespace of store.list('v1', 'Namespace')) loop.sync(namespace.metadata.name);
  return { close: unsubscribe };
}

class WorkloadLoop {
  readonly #store: KubeSimulator['store'];
  readonly #podIp: (n: number) => PodAddress;
  #dealt = 0;
  /** UID of a pod → UID of the Service it was made up for, to tell those pods from the user's own. */
  readonly #madeUp = new Map<string, string>();
  /** UIDs of pods that we run: their Ready condition is ours to keep. */
  readonly #running = new Set<string>();

  constructor({ simulator, podIp }: WorkloadsOptions) {
    this.#store = simulator.store;
    this.#podIp = podIp;
  }

  /** One pass over a namespace; where everything is in line it writes nothing. */
  sync(namespace: string): void {
    for (const deployment of this.#store.list('apps/v1', 'Deployment', namespace))
      this.#runDeployment(deployment);
    for (const pod of this.#pods(namespace)) this.#runPod(pod);
    const slices = this.#store.list('discovery.k8s.io/v1', 'EndpointSlice', namespace);
    const services = this.#store.list('v1', 'Service', namespace).filter(made.isSelecting);
    this.#sweep(namespace, services);
    for (const service of services) {
      const own = slices.filter((slice) => made.isSliceOf(slice, service));
      if (own.some((slice) => !made.isGenerated(slice))) continue;
      this.#populate(service);
      this.#publish(service, own);
    }
  }

  #pods(namespace: string): readonly KubeObject[] {
    return this.#store.list('v1', 'Pod', namespace);
  }

  /** The next address in turn that no pod has; once all are taken, addresses repeat. */
  #nextAddress(): PodAddress {
    const taken = new Set(this.#store.list('v1', 'Pod').map((pod) => at(pod['status'], 'podIP')));
    let address = this.#podIp(this.#dealt++);
    for (let tries = 0; taken.has(address.ip) && tries < mostAddresses; tries++) {
      address = this.#podIp(this.#dealt++);
    }
    return address;
  }

  #runDeployment(deployment: KubeObject): void {
    const { name, uid, generation = 1 } = deployment.metadata;
    const replicas = Number(at(deployment['spec'], 'replicas') ?? 1);
    const owned = this.#pods(made.namespaceOf(deployment)).filter((pod) =>
      listOf(pod.metadata['ownerReferences']).some((owner) => at(owner, 'uid') === uid),
    );
    const names = Array.from({ length: replicas }, (_, index) => `${name}-${index}`);
    this.#store.remove(owned.filter((pod) => !names.includes(pod.metadata.name)));
    for (const [index, podName] of names.entries()) {
      if (owned.some((pod) => pod.metadata.name === podName)) continue;
      this.#run(made.deploymentPod(deployment, index, this.#nextAddress()));
    }
    const counts = {
      replicas,
      readyReplicas: replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
    };
    this.#store.apply([{ ...deployment, status: { observedGeneration: generation, ...counts } }]);
  }

  /** Gives a pod that came without an address its status, and keeps Ready in step with the readiness gates. */
  #runPod(pod: KubeObject): void {
    const waiting = textOf(at(pod['status'], 'podIP')) === '' && at(pod['status'], 'phase') === 'Pending';
    if (waiting) this.#run(made.runningPod(pod, this.#nextAddress()));
    else if (this.#running.has(pod.metadata.uid)) {
      const conditions = made.podConditions(pod);
      this.#store.apply([{ ...pod, status: { ...objectOf(pod['status']), conditions } }]);
    }
  }

  #run(pod: JsonObject): KubeObject | undefined {
    this.#store.apply([pod]);
    const namespace = made.namespaceOf(pod);
    const name = textOf(at(pod, 'metadata', 'name'));
    const stored = this.#store.get({ apiVersion: 'v1', kind: 'Pod', namespace, name });
    if (stored) this.#running.add(stored.metadata.uid);
    return stored;
  }

  /** Makes up pods for a Service that selects none, replaces those that were deleted, and withdraws them for the user's own. */
  #populate(service: KubeObject): void {
    const pods = this.#pods(made.namespaceOf(service));
    const isOurs = (pod: KubeObject): boolean => this.#madeUp.get(pod.metadata.uid) === service.metadata.uid;
    const ours = pods.filter(isOurs);
    if (pods.some((pod) => made.selects(service, pod) && !isOurs(pod))) {
      this.#store.remove(ours);
      return;
    }
    const taken = new Set(pods.map((pod) => pod.metadata.name));
    for (let index = 0, count = ours.length; count < podsPerService; index++) {
      if (taken.has(`${service.metadata.name}-${index}`)) continue;
      const stored = this.#run(made.servicePod(service, index, this.#nextAddress()));
      // Refused: the namespace is being deleted.
      if (!stored) return;
      this.#madeUp.set(stored.metadata.uid, service.metadata.uid);
      count++;
    }
  }

  #publish(service: KubeObject, existing: readonly KubeObject[]): void {
    const wanted = made.endpointSlices({ service, pods: this.#pods(made.namespaceOf(service)) });
    const names = new Set(wanted.map((slice) => at(slice, 'metadata', 'name')));
    this.#store.remove(existing.filter((slice) => !names.has(slice.metadata.name)));
    // Most passes change nothing, and comparing is much cheaper than applying.
    const same = (slice: JsonObject): boolean =>
      existing.some(
        (old) =>
          old.metadata.name === at(slice, 'metadata', 'name') &&
          sameJson([old['ports'], old['endpoints']], [slice['ports'], slice['endpoints']]),
      );
    this.#store.apply(wanted.filter((slice) => !same(slice)));
  }

  /** Removes pods made up for Services that are gone or select something else now; slices go with the Service that owns them. */
  #sweep(namespace: string, services: readonly KubeObject[]): void {
    const byUid = new Map(services.map((service) => [service.metadata.uid, service]));
    const left = this.#pods(namespace).filter((pod) => {
      const owner = this.#madeUp.get(pod.metadata.uid);
      if (owner === undefined) return false;
      const service = byUid.get(owner);
      return service === undefined || !made.selects(service, pod);
    });
    this.#store.remove(left);
  }
}

const podsPerService = 2;
const mostAddresses = 1000;
