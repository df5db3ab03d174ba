// Which group an Ingress belongs to, shards taken as the groups that they are.

import type { Ingress } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { GroupKey, NamespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { ProblemWords } from './context.ts';
import { groupOf, type OwnGroup } from './group-of.ts';
import { identityOf, keyOf } from './identity.ts';
import { ingressId } from './ingress-ref.ts';
import { spreadGroups } from './shards.ts';

export type Membership = OwnGroup & {
  /** The other groups that a change of it concerns: shards share the settings of their load balancers. */
  readonly siblings: readonly GroupKey[];
  /** Of `siblings`: those that have its rules for every host too. */
  readonly guestOf: readonly GroupKey[];
  readonly warnings: readonly ProblemWords[];
};

/** Answers for one Ingress from one snapshot; Ingresses outside the watched namespace are nobody's. */
export function membership(ingress: Ingress, snapshot: Snapshot, config: CoreConfig): Membership {
  const own = groupOf(ingress, snapshot, config);
  const alone: Membership = { ...own, siblings: [], guestOf: [], warnings: [] };
  if (own.current?.kind !== 'explicit') return alone;
  const spread = spreadGroups(snapshot, config).get(keyOf(own.current));
  const id: NamespacedName = ingressId(ingress);
  const place = spread?.places.get(id);
  if (spread === undefined) return alone;
  if (place === undefined) return { ...alone, siblings: spread.allKeys };
  const others = (keys: readonly GroupKey[]) => keys.filter((key) => key !== place.home);
  return {
    ...own,
    current: identityOf(place.home),
    problems: [...own.problems, ...place.problems],
    // Nobody can say where it should be, so it stays wherever it is.
    proof: place.problems.length > 0 ? undefined : own.proof,
    warnings: place.warnings,
    siblings: others(spread.allKeys),
    guestOf: place.isEverywhere ? others(spread.keys) : [],
  };
}

/** Keys of all groups that the snapshot's Ingresses are in or hold finalizers of, sorted. */
export function allGroupKeys(snapshot: Snapshot, config: CoreConfig): readonly GroupKey[] {
  const keys = new Set<GroupKey>();
  for (const ingress of snapshot.ingresses.values()) {
    for (const key of keysOf(membership(ingress, snapshot, config))) keys.add(key);
  }
  return [...keys].toSorted();
}

/** The groups that one Ingress concerns. */
export function keysOf(found: Membership): readonly GroupKey[] {
  const current = found.current === undefined ? [] : [keyOf(found.current)];
  return [...current, ...found.siblings, ...found.finalizerKeys];
}
