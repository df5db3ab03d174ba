// A member that goes from one group to another is served by both for a while: where it was until nobody is told that name
// any more, where it goes as soon as its rules are there. What its status says tells how far it has come, so a restart goes on.

import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel, LeavingMember, Member } from '../domain/group-model.ts';
import type { GroupKey, NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { problemOf } from './context.ts';
import { baseOf, finalizerKeys } from './identity.ts';

/** The time-to-live of the DNS records of an ALB: so long may somebody still have the name that an Ingress was told before. */
export const dnsTimeToLiveMs = 60_000;

type World = {
  readonly observed: ObservedGroup;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
};

/**
 * Members that left for another group of ours and are served here for the time being: those that users were sent here for, until
 * nobody can have the name any more (`forgotten`). A shard goes as a whole: its rules for any host are for all its hosts.
 */
export function departing(
  model: Pick<GroupModel, 'key' | 'leaving'>,
  { forgotten, ...world }: World & { readonly forgotten: ReadonlySet<NamespacedName> },
): ReadonlySet<NamespacedName> {
  const moving = movers(model, world);
  const present = moving.filter(({ id }) => !forgotten.has(id));
  const isOfShard = ({ movesTo }: LeavingMember): boolean =>
    movesTo !== undefined && baseOf(movesTo) === baseOf(model.key);
  const stays = present.some(isOfShard) ? [...present, ...moving.filter(isOfShard)] : present;
  return new Set(stays.map(({ id }) => id));
}

/** Members that left for another group of ours, as far as such moves are gradual. */
export function movers(
  { key, leaving }: Pick<GroupModel, 'key' | 'leaving'>,
  { observed, snapshot, config }: World,
): readonly LeavingMember[] {
  if (observed.loadBalancers.length === 0) return [];
  return leaving.filter(
    ({ id, movesTo }) =>
      movesTo !== undefined && isGradual(key, movesTo, config) && namesOf(id, snapshot).length > 0,
  );
}

/** Whether users are still sent to this group's load balancers for a member. */
export function isNamedHere(id: NamespacedName, { observed, snapshot }: Omit<World, 'config'>): boolean {
  const here = observed.loadBalancers.map(({ dnsName }) => dnsName.toLowerCase());
  return namesOf(id, snapshot).some((name) => here.includes(name));
}

/** Members of this group that another one still serves, and whose status still names that one, with its key. */
export function arrivals(
  { key, members, guests }: Pick<GroupModel, 'key' | 'members' | 'guests'>,
  world: World,
): readonly { readonly member: Member; readonly from: GroupKey }[] {
  const { snapshot, config } = world;
  return members.flatMap((member) => {
    const ingress = snapshot.ingresses.get(member.id);
    if (ingress === undefined || guests?.has(member.id) === true) return [];
    const from = finalizerKeys(ingress, config).find(
      (other) => other !== key && isGradual(other, key, config),
    );
    const isToldElsewhere = namesOf(member.id, snapshot).length > 0 && !isNamedHere(member.id, world);
    return from === undefined || !isToldElsewhere ? [] : [{ member, from }];
  });
}

/** What those who wait are told. */
export function arrivalProblems(model: GroupModel, world: World): readonly Problem[] {
  return arrivals(model, world).map(({ member, from }) =>
    problemOf(member.ref, {
      code: 'MovePending',
      severity: 'warning',
      path: '',
      message: `Ingress ${member.id} moves from group ${from} to group ${model.key}: its status names the load balancer of ${from} until that of ${model.key} has its rules and at least half of its targets are healthy there`,
      hint: 'Nothing to do; if it does not end, look at the health of its targets',
    }),
  );
}

/** ALBC gives up the old place at once; load balancers of one group are ours alone. */
function isGradual(from: GroupKey, to: GroupKey, { policy }: CoreConfig): boolean {
  return policy.replacements === 'makeFirst' || baseOf(from) === baseOf(to);
}

function namesOf(id: NamespacedName, { ingresses }: Snapshot): readonly string[] {
  return (ingresses.get(id)?.status ?? []).flatMap(({ hostname }) => hostname ?? []);
}
