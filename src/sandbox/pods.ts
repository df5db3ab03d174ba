import type { EndpointSlice, Service } from '../core/domain/cluster.ts';
import { type Backend, echo, type EchoPod } from '../simulator/dataplane/backend.ts';

/** What a cluster has behind its Services now. */
export type Endpoints = {
  readonly services: () => Iterable<Service>;
  readonly slices: () => Iterable<EndpointSlice>;
};

/**
 * Finds what answers for a target: at a pod's address the echo of that pod; at a node port, as kube-proxy would do it,
 * the echo of the next ready pod of the Service that owns the port. Undefined: nothing listens there.
 */
export class PodBackends {
  readonly #endpoints: Endpoints;
  #turn = 0;

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints;
  }

  backendOf({ id, port }: { readonly id: string; readonly port: number }): Backend | undefined {
    return id.startsWith('i-') ? this.#behindNodePort(port) : this.#atAddress(id, port);
  }

  #atAddress(address: string, port: number): Backend | undefined {
    for (const slice of this.#endpoints.slices()) {
      if (!slice.ports.some((entry) => entry.port === port)) continue;
      const endpoint = slice.endpoints.find((entry) => entry.addresses.includes(address));
      if (endpoint !== undefined) return echo(echoPod(slice, endpoint.pod?.name ?? address));
    }
    return undefined;
  }

  #behindNodePort(nodePort: number): Backend | undefined {
    for (const { meta, ports } of this.#endpoints.services()) {
      if (!ports.some((entry) => entry.nodePort === nodePort)) continue;
      const ready = [...this.#endpoints.slices()]
        .filter((slice) => slice.meta.namespace === meta.namespace && slice.serviceName === meta.name)
        .flatMap((slice) =>
          slice.endpoints
            .filter((entry) => entry.ready)
            .map((entry) => echoPod(slice, entry.pod?.name ?? entry.addresses[0] ?? '')),
        );
      this.#turn += 1;
      const pod = ready[this.#turn % Math.max(1, ready.length)];
      return pod && echo(pod);
    }
    return undefined;
  }
}

function echoPod({ meta, serviceName }: EndpointSlice, pod: string): EchoPod {
  return { namespace: meta.namespace, service: serviceName, pod };
}
