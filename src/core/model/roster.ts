// Who belongs to one group: active members in order, members that cannot be read, and those that leave.

import { parseMap } from '../annotations/string-map.ts';
import { fullKey } from '../annotations/table.ts';
import { parseBoolean, parseInteger } from '../annotations/values.ts';
import type { Ingress } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { HeldMember, LeavingMember, Member } from '../domain/group-model.ts';
import type { GroupKey } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { type MemberContext, memberContext, problemOf } from './context.ts';
import { ingressId, ingressRef } from './ingress-ref.ts';
import { baseOf, keyOf } from './identity.ts';
import { type Membership, membership } from './membership.ts';
import { groupPauser, isPaused, pausedProblem } from './pause.ts';
import { releaseHeld } from './release.ts';
import { annotationReader } from './read-annotations.ts';
import { spreadGroups } from './shards.ts';
import type { Presence } from './slice.ts';
import { stage } from './stage.ts';

export type Active = {
  readonly member: Member;
  readonly context: MemberContext;
  readonly presence: Presence;
};

export type Roster = {
  /** In group order, those of other shards too; an unreadable group.order counts as 0 and is among the context's findings. */
  readonly active: readonly Active[];
  readonly held: readonly HeldMember[];
  readonly leaving: readonly LeavingMember[];
  /** Of members that leave because of them. */
  readonly problems: readonly Problem[];
  /** Who asks that nothing of the group is changed. */
  readonly pausers: readonly string[];
};

/** Goes through all Ingresses of the snapshot; the result does not depend on their order. */
export function rosterOf(snapshot: Snapshot, key: GroupKey, config: CoreConfig): Roster {
  const active: Active[] = [];
  const held: HeldMember[] = [];
  const leaving: LeavingMember[] = [];
  const problems: Problem[] = [];
  const pausers = new Set<string>();
  for (const ingress of snapshot.ingresses.values()) {
    const found = membership(ingress, snapshot, config);
    const isCurrent = found.current !== undefined && keyOf(found.current) === key;
    const role = roleOf(ingress, found, { snapshot, config, key });
    const pauser = role === undefined ? undefined : groupPauser(ingress, snapshot);
    if (pauser !== undefined) pausers.add(pauser);
    switch (role !== undefined && isPaused(ingress) ? 'paused' : role) {
      case 'active':
        active.push(activeOf(ingress, found, { snapshot, config, presence: isCurrent ? 'home' : 'guest' }));
        break;
      case 'protected':
        held.push({ ...memberOf(ingress, 0), problems: [protectedProblem(ingress)], isDeleting: true });
        break;
      case 'paused':
        held.push({ ...memberOf(ingress, 0), problems: [pausedProblem(ingress)] });
        break;
      case 'held':
        held.push({ ...memberOf(ingress, 0), problems: problemsOf(ingress, found) });
        break;
      case 'leaving':
        leaving.push(...leavingOf(ingress, found, key));
        if (isCurrent) problems.push(...found.problems);
        break;
      case undefined:
        break;
    }
  }
  const staying = [...active.map(({ member }) => member), ...held];
  const isStuck = ({ proof }: LeavingMember): boolean => proof === 'released' && staying.length > 0;
  const kept = leaving
    .filter(isStuck)
    .map((member) => ({ ...member, problems: [releaseHeld(member, staying)] }));
  const siblings = siblingsOf(snapshot, key, config);
  for (const { context } of siblings) {
    const pauser = groupPauser(context.ingress, snapshot);
    if (pauser !== undefined) pausers.add(pauser);
  }
  return {
    active: [...active, ...siblings].toSorted((a, b) => byOrder(a.member, b.member)),
    held: [...held, ...kept].toSorted(byOrder),
    leaving: leaving.filter((member) => !isStuck(member)).toSorted(byOrder),
    problems,
    pausers: [...pausers].toSorted(),
  };
}

/** Usable members of the other shards of a spread group, which have nothing on this one. */
function siblingsOf(snapshot: Snapshot, key: GroupKey, config: CoreConfig): readonly Active[] {
  const spread = spreadGroups(snapshot, config).get(baseOf(key));
  return [...(spread?.places.keys() ?? [])].flatMap((id) => {
    const ingress = snapshot.ingresses.get(id);
    if (ingress === undefined) return [];
    const found = membership(ingress, snapshot, config);
    if (isIn(found, key) || found.problems.length > 0) return [];
    return [activeOf(ingress, found, { snapshot, config, presence: 'elsewhere' })];
  });
}

const isIn = ({ current, guestOf }: Membership, key: GroupKey): boolean =>
  guestOf.includes(key) || (current !== undefined && keyOf(current) === key);

function leavingOf(
  ingress: Ingress,
  { current, proof }: Membership,
  key: GroupKey,
): readonly LeavingMember[] {
  if (proof === undefined) return [];
  const other = current === undefined ? key : keyOf(current);
  return [{ ...memberOf(ingress, 0), proof, ...(other === key ? {} : { movesTo: other }) }];
}

type Role = 'active' | 'leaving' | 'held' | 'protected' | undefined;

/** What an Ingress is to the group; undefined: nothing. */
function roleOf(
  ingress: Ingress,
  found: Membership,
  of: { readonly snapshot: Snapshot; readonly config: CoreConfig; readonly key: GroupKey },
): Role {
  const isCurrent = found.current !== undefined && keyOf(found.current) === of.key;
  const isHolder = found.finalizerKeys.includes(of.key);
  if (isIn(found, of.key) && found.managed && found.problems.length === 0) return 'active';
  if (isHolder && isProtected(ingress, of.config)) return 'protected';
  if (isHolder && found.proof !== undefined && of.snapshot.complete.has('Ingress')) return 'leaving';
  return isHolder || isCurrent ? 'held' : undefined;
}

/**
 * With ALBC's policy an Ingress that asks for deletion protection stays, and its group with it, until it stops asking; so does
 * one where that cannot be read.
 */
function isProtected(ingress: Ingress, { policy }: CoreConfig): boolean {
  if (policy.compatibility === 'none' || ingress.meta.deletionTimestamp === undefined) return false;
  const attributes = parseMap(ingress.meta.annotations[fullKey(attributesKey)] ?? '');
  if (!attributes.ok) return true;
  const value = parseBoolean(attributes.value['deletion_protection.enabled'] ?? 'false');
  return !value.ok || value.value;
}

function protectedProblem(ingress: Ingress): Problem {
  const id = ingressId(ingress);
  return problemOf(ingressRef(ingress), {
    code: 'DeletionHeld',
    path: `metadata.annotations[${fullKey(attributesKey)}]`,
    message: `Ingress ${id} is being deleted while its annotation ${fullKey(attributesKey)} asks for deletion protection, so its group is left as it is`,
    hint: `Set deletion_protection.enabled=false in ${fullKey(attributesKey)}`,
    albcMessage: `deletion_protection is enabled, cannot delete the ingress: ${ingress.meta.name}`,
  });
}

function problemsOf(ingress: Ingress, found: Membership): readonly Problem[] {
  if (found.problems.length > 0) return found.problems;
  return [
    problemOf(ingressRef(ingress), {
      code: 'DeletionHeld',
      path: 'metadata.finalizers',
      message: `Ingress ${ingressId(ingress)} seems to have left its group, but the lists of Ingresses and IngressClasses have not been read whole, so nothing of it is removed yet`,
      hint: 'Nothing to do if the controller has just started; else it may lack permission to list them',
      albcEvent: 'none',
    }),
  ];
}

function activeOf(
  ingress: Ingress,
  { params, warnings }: Membership,
  {
    presence,
    ...world
  }: { readonly snapshot: Snapshot; readonly config: CoreConfig; readonly presence: Presence },
): Active {
  const context = memberContext({ ingress, params, ...world });
  for (const words of warnings) context.report(stage.ours, words);
  return { context, presence, member: memberOf(ingress, orderOf(context)) };
}

function memberOf(ingress: Ingress, order: number): Member {
  return {
    ref: ingressRef(ingress),
    id: ingressId(ingress),
    order,
    resourceVersion: ingress.meta.resourceVersion,
    finalizers: ingress.meta.finalizers,
  };
}

const attributesKey = 'load-balancer-attributes';
const key = 'group.order';
const limit = 1000;

/** ALBC meets a wrong order while it loads the group, and only logs it. */
function orderOf(context: MemberContext): number {
  const silent: MemberContext = {
    ...context,
    report: (at, words) => context.report(at, { ...words, albcEvent: 'none' }),
  };
  const reader = annotationReader(silent, { stage: stage.leaving, albcPrefix: true });
  const order = reader.value(key, parseInteger) ?? 0;
  if (Math.abs(order) <= limit) return order;
  reader.refuse(
    key,
    'which is out of range',
    `explicit Ingress group order must be within [-${limit}:${limit}]`,
  );
  return 0;
}

/** Ascending order, then namespace and name as text. */
function byOrder(a: Member, b: Member): number {
  return a.order - b.order || (a.id < b.id ? -1 : 1);
}
