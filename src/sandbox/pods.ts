import { type Backend, echo } from '../simulator/dataplane/backend.ts';
import type { KubeObject } from '../simulator/kube/object.ts';

type Store = { list(apiVersion: string, kind: string): readonly KubeObject[] };
type Slice = KubeObject & {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly name?: string };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
};
type Service = KubeObject & {
  readonly spec?: { readonly ports?: readonly { readonly name?: string; readonly nodePort?: number }[] };
};

/**
 * Finds what answers for a target: at a pod's address the echo of that pod; at a node port, as kube-proxy would do it,
 * the echo of the next ready pod of the Service that owns the port. Undefined: nothing listens there.
 */
export class PodBackends {
  readonly #store: Store;
  #turn = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  backendOf({ id, port }: { readonly id: string; readonly port: number }): Backend | undefined {
    return id.startsWith('i-') ? this.#behindNodePort(port) : this.#atAddress(id, port);
  }

  #slices(): readonly Slice[] {
    return this.#store.list('discovery.k8s.io/v1', 'EndpointSlice') as readonly Slice[];
  }

  #atAddress(address: string, port: number): Backend | undefined {
    for (const slice of this.#slices()) {
      if (!(slice.ports ?? []).some((entry) => entry.port === port)) continue;
      const endpoint = (slice.endpoints ?? []).find((entry) => entry.addresses.includes(address));
      if (endpoint !== undefined) return echo(echoPod(slice, endpoint.targetRef?.name ?? address));
    }
    return undefined;
  }

  #behindNodePort(nodePort: number): Backend | undefined {
    const services = this.#store.list('v1', 'Service') as readonly Service[];
    for (const service of services) {
      const port = (service.spec?.ports ?? []).find((entry) => entry.nodePort === nodePort);
      if (port === undefined) continue;
      const slices = this.#slices().filter(
        (slice) =>
          slice.metadata.namespace === service.metadata.namespace &&
          serviceName(slice) === service.metadata.name,
      );
      const ready = slices.flatMap((slice) =>
        (slice.endpoints ?? [])
          .filter((entry) => entry.conditions?.ready !== false)
          .map((entry) => echoPod(slice, entry.targetRef?.name ?? '')),
      );
      this.#turn += 1;
      const pod = ready[this.#turn % Math.max(1, ready.length)];
      return pod && echo(pod);
    }
    return undefined;
  }
}

function serviceName(slice: KubeObject): string {
  return String(
    (slice.metadata.labels as Record<string, string> | undefined)?.['kubernetes.io/service-name'] ?? '',
  );
}

function echoPod(slice: KubeObject, pod: string): { namespace: string; service: string; pod: string } {
  return { namespace: String(slice.metadata.namespace ?? ''), service: serviceName(slice), pod };
}
