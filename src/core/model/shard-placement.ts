// Which shard of a group each member is in. Whoever is served stays where it is, whatever comes and goes; a newcomer goes where
// its hosts are, else to the shard with the most room. Pure, and the same for every order of the members.

import type { NamespacedName } from '../domain/ids.ts';
import { type HostName, isWild, overlap, type Weight } from './shard-hosts.ts';

export type Candidate = {
  readonly id: NamespacedName;
  readonly createdAt: string;
  readonly hosts: readonly HostName[];
  /** It has rules for any host, or a default backend: its own place is the first shard. */
  readonly isEverywhere: boolean;
  readonly weight: Weight;
  /** Numbers of the shards whose finalizers it holds. */
  readonly shards: readonly number[];
  /** Users have been told of a load balancer. */
  readonly isServed: boolean;
};

export type Placed = {
  readonly shard: number;
  /** Hosts that it asks for and that others have on other shards. */
  readonly conflicts: readonly Conflict[];
  /** It came with such hosts, and so it has no place. */
  readonly isTurnedAway: boolean;
};

export type Conflict = { readonly host: HostName; readonly other: NamespacedName; readonly shard: number };

/** Places by member. `stated`: how many shards there are to be; undefined: nobody says, so no one moves and none is begun. */
export function placements(
  candidates: readonly Candidate[],
  stated: number | undefined,
): ReadonlyMap<NamespacedName, Placed> {
  return new Placing(stated).all(candidates.toSorted(byAge));
}

const byAge = (a: Candidate, b: Candidate): number =>
  a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1;

/** Documented defaults of one load balancer (docs/reference/limits.md): only their proportions matter. */
const limits: Weight = { rules: 100, targetGroups: 100, certificates: 25 };

class Placing {
  readonly #stated: number | undefined;
  readonly #placed = new Map<NamespacedName, Placed>();
  readonly #hosts = new Hosts();
  readonly #loads = new Map<number, Weight>();

  constructor(stated: number | undefined) {
    this.#stated = stated;
  }

  all(candidates: readonly Candidate[]): ReadonlyMap<NamespacedName, Placed> {
    const settled = candidates.flatMap((one) => {
      const shard = this.#settledIn(one);
      return shard === undefined ? [] : [{ one, shard }];
    });
    for (const { one, shard } of settled) this.#put(one, shard);
    const ids = new Set(settled.map(({ one }) => one.id));
    const rest = candidates.filter(({ id }) => !ids.has(id));
    for (const one of rest.filter(({ isEverywhere }) => isEverywhere)) this.#join(one, 0);
    for (const together of components(rest.filter(({ isEverywhere }) => !isEverywhere)))
      this.#newcomers(together);
    for (const { one, shard } of settled)
      this.#placed.set(one.id, { shard, conflicts: this.#conflicts(one, shard), isTurnedAway: false });
    return this.#placed;
  }

  /** Where it is and stays; undefined: it comes, or its shard is to go. */
  #settledIn({ isEverywhere, isServed, hosts, shards }: Candidate): number | undefined {
    if (isEverywhere) return isServed ? 0 : undefined;
    if (hosts.length === 0) return this.#valid(shards) ?? 0;
    return isServed ? this.#valid(shards) : undefined;
  }

  /** Shards that go are the last ones, so a member that moves is on its way to the lower one. */
  #valid(shards: readonly number[]): number | undefined {
    const valid = shards.filter((shard) => this.#stated === undefined || shard < this.#stated);
    return valid.length === 0 ? undefined : Math.min(...valid);
  }

  /** Newcomers that share hosts, and so a shard; where they would join hosts of several shards, each for itself. */
  #newcomers(together: readonly Candidate[]): void {
    const around = new Set(together.flatMap((one) => [...this.#shardsOf(one)]));
    if (around.size > 1) {
      for (const one of together) this.#join(one, undefined);
      return;
    }
    const [known] = around;
    const shard = known ?? this.#roomiest(together);
    for (const one of together) this.#put(one, shard);
  }

  #join(one: Candidate, wanted: number | undefined): void {
    const around = this.#shardsOf(one);
    const [known] = around;
    const shard = wanted ?? known ?? this.#roomiest([one]);
    const isFine = around.size === 0 || (around.size === 1 && known === shard);
    if (isFine) this.#put(one, shard);
    else this.#placed.set(one.id, { shard: 0, conflicts: this.#conflicts(one), isTurnedAway: true });
  }

  #put(one: Candidate, shard: number): void {
    this.#placed.set(one.id, { shard, conflicts: [], isTurnedAway: false });
    this.#hosts.add(one, shard);
    this.#loads.set(shard, sum(this.#loads.get(shard), one.weight));
  }

  #shardsOf(one: Candidate): ReadonlySet<number> {
    return new Set(one.hosts.flatMap((host) => this.#hosts.at(host).map(({ shard }) => shard)));
  }

  /** Hosts that others have on another shard than this; without one, that others have at all. */
  #conflicts(one: Candidate, shard?: number): readonly Conflict[] {
    return one.hosts.flatMap((host) =>
      this.#hosts
        .at(host)
        .filter((found) => found.shard !== shard && found.other !== one.id)
        .map(({ other, shard: where }) => ({ host, other, shard: where })),
    );
  }

  /**
   * The least loaded shard, the first among equals. Who is on the way to one stays with it, unless it never got in there
   * because that one is full and another one is not.
   */
  #roomiest(together: readonly Candidate[]): number {
    const weight = together.map((one) => one.weight).reduce(sum);
    const loadWith = (shard: number): number => loadOf(sum(this.#loads.get(shard), weight));
    const open = Array.from({ length: this.#stated ?? 1 }, (_none, shard) => shard);
    const best = open.reduce((a, b) => (loadWith(b) < loadWith(a) ? b : a));
    const begun = this.#valid(together.flatMap(({ shards }) => shards));
    return begun === undefined || (loadWith(begun) > 1 && loadWith(best) <= 1) ? best : begun;
  }
}

const sum = (a: Weight | undefined, b: Weight): Weight => ({
  rules: (a?.rules ?? 0) + b.rules,
  targetGroups: (a?.targetGroups ?? 0) + b.targetGroups,
  certificates: (a?.certificates ?? 0) + b.certificates,
});

const loadOf = (weight: Weight): number =>
  Math.max(
    weight.rules / limits.rules,
    weight.targetGroups / limits.targetGroups,
    weight.certificates / limits.certificates,
  );

type Owner = { readonly other: NamespacedName; readonly shard: number };

class Hosts {
  readonly #exact = new Map<HostName, Owner[]>();
  readonly #wild = new Map<HostName, Owner[]>();

  add({ id: other, hosts }: Candidate, shard: number): void {
    for (const host of hosts) {
      const map = isWild(host) ? this.#wild : this.#exact;
      map.set(host, [...(map.get(host) ?? []), { other, shard }]);
    }
  }

  /** Everybody with a host that some request to this one may be for, too. */
  at(host: HostName): readonly Owner[] {
    const overlapping = (map: ReadonlyMap<HostName, readonly Owner[]>): readonly Owner[] =>
      [...map].flatMap(([other, owners]) => (overlap(other, host) ? owners : []));
    const exact = isWild(host) ? overlapping(this.#exact) : (this.#exact.get(host) ?? []);
    return [...exact, ...overlapping(this.#wild)];
  }
}

/** Candidates that share hosts, directly or over others; in the order of the first of each. */
function components(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const hosts = new Hosts();
  for (const [index, one] of candidates.entries()) hosts.add(one, index);
  const seen = new Set<number>();
  const reach = (index: number): readonly number[] => {
    const found: number[] = [];
    const open = [index];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      found.push(next);
      const around = candidates[next]?.hosts.flatMap((host) => hosts.at(host)) ?? [];
      open.push(...around.map(({ shard }) => shard));
    }
    return found.toSorted((a, b) => a - b);
  };
  return candidates.flatMap((_one, index) => {
    const together = reach(index).flatMap((place) => candidates[place] ?? []);
    return together.length === 0 ? [] : [together];
  });
}
