// Which of several target groups a pod of one Service is a target of, where all of them would not fit into one.

import { hash } from 'node:crypto';
import type { TargetPart, TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { DesiredTarget } from '../domain/target.ts';
import type { Selection } from './selection.ts';

/**
 * The share of one target group in what is selected for all of them. One whose own pods are all gone borrows the others: a
 * part of the requests goes to it until the rules change. No more than half of what fits, so that they can come before the
 * last of its own go.
 */
export function ofPart(selection: Selection, part: TargetPart): Selection {
  const { value, unready, leaving } = selection;
  const home = homes([...value, ...unready, ...leaving], part);
  const own = (targets: readonly DesiredTarget[]): readonly DesiredTarget[] =>
    targets.filter((target) => home.get(identity(target)) === part.index);
  const mine = own(value);
  const present = mine.length > 0 ? mine : value.slice(0, Math.ceil(part.limit / 2));
  return { ...selection, value: present, unready: own(unready), leaving: own(leaving) };
}

/**
 * Rendezvous: each pod has a rank for each target group that nothing else decides, and goes to the first one. One more
 * target group gets its share from all others, and no pod moves between those; one fewer gives its pods to the others. Pods
 * that their first one has no room for go to the next; that is what a target group being near its limit costs.
 */
export function homes(
  targets: readonly DesiredTarget[],
  { of, limit }: Pick<TargetPart, 'of' | 'limit'>,
): ReadonlyMap<string, number> {
  const ranked = [...new Set(targets.map(identity))].map((id) => ({ id, ranks: ranksOf(id, of) }));
  const filled = Array.from({ length: of }, () => 0);
  const home = new Map<string, number>();
  // In an order that the list does not decide.
  for (const { id, ranks } of ranked.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const free = ranks.find((index) => (filled[index] ?? 0) < limit) ?? ranks[0] ?? 0;
    filled[free] = (filled[free] ?? 0) + 1;
    home.set(id, free);
  }
  return home;
}

/** All ports of a pod stay together. */
const identity = ({ id, object }: DesiredTarget): string => object.uid || id;

/** 32 bytes are enough for eight; AWS takes five in one action. */
const bytesPerRank = 4;

function ranksOf(id: string, of: number): readonly number[] {
  const digest = hash('sha256', id, 'buffer');
  const scores = Array.from({ length: of }, (_, index) => digest.readUInt32BE(index * bytesPerRank));
  return scores.map((_, index) => index).toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
}

/**
 * How many pod addresses a Service port has, ready or not: pods that are not ready for a moment take their places again.
 * Those that end are gone soon.
 */
export function podCount(
  { service, servicePort, ipAddressType }: TargetsIntent,
  { endpointSlices }: Pick<Snapshot, 'endpointSlices'>,
): number {
  const slices = endpointSlices.get(namespacedName(service.namespace, service.name)) ?? [];
  const family = ipAddressType === 'ipv6' ? 'IPv6' : 'IPv4';
  const addresses = slices
    .filter((slice) => slice.addressType === family)
    .filter(({ ports }) => ports.some(({ name }) => name === servicePort.name))
    .flatMap(({ endpoints }) => endpoints.filter(({ terminating }) => !terminating))
    .flatMap(({ addresses: [address] }) => address ?? []);
  return new Set(addresses).size;
}
