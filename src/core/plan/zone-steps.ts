// A network load balancer takes another subnet in a zone only after it gave up the one that it has there, and one at least
// it has to have (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html). Subnets that
// stay are in every step, so that they keep their addresses.

import type { Policy } from '../domain/config.ts';
import type { DesiredLoadBalancer } from '../domain/desired-group.ts';
import type { SubnetId } from '../domain/ids.ts';
import type { ObservedLoadBalancer, Placed } from '../domain/observed-group.ts';

export type Zoned = Pick<Placed, 'id' | 'zone'>;

/**
 * The subnets after each call on the way from those that it has to those that are wanted, never none and never two of a zone
 * one right after the other. Undefined: there is no way, for it is in one zone only, and shall have another subnet there.
 */
export function zoneSteps(
  found: readonly Zoned[],
  wanted: readonly Zoned[],
): readonly (readonly SubnetId[])[] | undefined {
  const has = (all: readonly Zoned[], { id }: Zoned): boolean => all.some((other) => other.id === id);
  const isSwapped = (one: Zoned): boolean => !has(found, one) && found.some(({ zone }) => zone === one.zone);
  const ids = (all: readonly Zoned[]): readonly SubnetId[] => all.map(({ id }) => id);
  const free = wanted.filter((one) => !isSwapped(one));
  const end = free.length === wanted.length ? [ids(wanted)] : [ids(free), ids(wanted)];
  // Where nothing stays, the old ones go when the first new ones are there.
  if (free.length > 0) return free.some((one) => has(found, one)) ? end : [ids([...found, ...free]), ...end];
  // Every zone gets another subnet: an old one carries the traffic until the first new ones do.
  const bridge = found.find(({ zone }) => wanted.every((one) => one.zone !== zone)) ?? found[0];
  if (bridge === undefined) return [ids(wanted)];
  const others = wanted.filter(({ zone }) => zone !== bridge.zone);
  if (others.length === 0) return undefined;
  const steps = [[bridge], [bridge, ...others], others, wanted];
  return steps
    .filter(
      (step, i) =>
        i === 0 || step.length !== steps[i - 1]?.length || !step.every((one) => has(steps[i - 1] ?? [], one)),
    )
    .filter((step, i) => i > 0 || step.length < found.length)
    .map(ids);
}

type Subnets = Pick<DesiredLoadBalancer, 'subnets' | 'zones' | 'allocationIds'>;

/**
 * The calls that give a load balancer its subnets, each with what it says of them; undefined: there is no way. An application
 * load balancer takes them in one, and so does one of which the zones are not known, as in ALBC.
 */
export function subnetSteps(
  { subnets, zones, allocationIds }: DesiredLoadBalancer,
  { placement }: ObservedLoadBalancer,
  { replacements }: Pick<Policy, 'replacements'>,
): readonly Subnets[] | undefined {
  const whole = { subnets, ...(zones && { zones }), ...(allocationIds && { allocationIds }) };
  const wanted = placementOf(whole);
  if (replacements === 'deleteFirst' || wanted === undefined || placement === undefined) return [whole];
  const all = [...wanted, ...placement];
  const hasAddresses = allocationIds !== undefined;
  // AWS takes addresses for all subnets or for none: it says what it thinks of such a change.
  if (all.some(({ allocationId }) => (allocationId !== undefined) !== hasAddresses)) return [whole];
  return zoneSteps(placement, wanted)?.map((ids) => {
    const step = ids.flatMap((id) => all.find((one) => one.id === id) ?? []);
    return {
      subnets: ids,
      zones: step.map(({ zone }) => zone),
      ...(hasAddresses ? { allocationIds: step.map(({ allocationId }) => allocationId ?? '') } : {}),
    };
  });
}

/** The placement that a load balancer has after it was made or changed; undefined: nobody said the zones. */
export const placementOf = ({
  subnets,
  zones,
  allocationIds,
}: {
  readonly subnets: readonly SubnetId[];
  readonly zones?: readonly string[];
  readonly allocationIds?: readonly string[];
}): readonly Placed[] | undefined =>
  zones && subnets.map((id, i) => ({ id, zone: zones[i] ?? '', allocationId: allocationIds?.[i] }));
