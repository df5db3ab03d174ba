// Which endpoints AWS has to be asked about: new ones at once, those that it did not know again with growing delays.

import type { NetworkNeeds } from '../core/domain/desired-group.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import type { NetworkQuery, ObservedNetwork } from '../core/domain/network.ts';
import { networkQuery } from '../core/plan/network.ts';
import type { Clock } from '../lib/clock.ts';
import { backOffMs } from './work-queue.ts';

type Needs = ReadonlyMap<GroupKey, NetworkNeeds>;

/** A new instance is described within seconds; what is still unknown after minutes (a hybrid node) has no interface. */
const missing = { baseMs: 5000, maxMs: 300_000, random: () => 0 };

export class EndpointLookUps {
  readonly #clock: Clock;
  #asked = new Set<string>();
  /** Needs of which nothing is to be asked; most never change while others come and go. */
  #settled = new WeakSet<NetworkNeeds>();
  /** Endpoints that AWS did not know when it was last asked; outlives `forget`, so that their delays go on growing. */
  readonly #misses = new Map<string, { readonly tries: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Everything is to be asked again. */
  forget(): void {
    this.#asked = new Set();
    this.#settled = new WeakSet();
  }

  /** The endpoints to ask about now. */
  due(needs: Needs): NetworkQuery {
    const open = new Map([...needs].filter(([, need]) => !this.#settled.has(need)));
    const { instanceIds, podAddresses, ...nodes } = networkQuery(open);
    const isDue = (endpoint: string): boolean => !this.#asked.has(endpoint) || this.#isDue(endpoint);
    return { ...nodes, instanceIds: instanceIds.filter(isDue), podAddresses: podAddresses.filter(isDue) };
  }

  /** Takes in an answer to `query`. */
  answered(needs: Needs, query: NetworkQuery, { endpointGroups }: ObservedNetwork): void {
    for (const endpoint of [...query.instanceIds, ...query.podAddresses]) {
      this.#asked.add(endpoint);
      const tries = (this.#misses.get(endpoint)?.tries ?? 0) + 1;
      if (endpointGroups.has(endpoint)) this.#misses.delete(endpoint);
      else this.#misses.set(endpoint, { tries, at: this.#clock.now() + backOffMs(tries, missing) });
    }
    for (const need of needs.values()) {
      const endpoints = need.openings.flatMap((opening) => opening.endpoints);
      if (endpoints.every((endpoint) => endpointGroups.has(endpoint))) this.#settled.add(need);
    }
  }

  /** In how many milliseconds the next unknown endpoint is due; undefined when all are known. Forgets those that nobody needs. */
  nextIn(needs: Needs): number | undefined {
    const { instanceIds, podAddresses } = networkQuery(needs);
    const wanted = new Set([...instanceIds, ...podAddresses]);
    for (const endpoint of this.#misses.keys()) if (!wanted.has(endpoint)) this.#misses.delete(endpoint);
    const times = [...this.#misses.values()].map(({ at }) => at);
    return times.length === 0
      ? undefined
      : Math.max(missing.baseMs / 5, Math.min(...times) - this.#clock.now());
  }

  #isDue(endpoint: string): boolean {
    const miss = this.#misses.get(endpoint);
    return miss !== undefined && miss.at <= this.#clock.now();
  }
}
