// The model stage: what the users of one group ask for. Pure: the same snapshot and settings, in any order, give the same model.

import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel, HeldMember, Member, TargetGroupIntent } from '../domain/group-model.ts';
import { type GroupKey, type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { accept, type Before } from './accept.ts';
import { adoptionOf } from './adoption.ts';
import { makesBackendGroup } from './backend-group.ts';
import { deletionConsent } from './consent.ts';
import { type Finding, hasError, memberContext, problemOf } from './context.ts';
import { crossChecks } from './cross-checks.ts';
import { groupDrift } from './drift.ts';
import { duplicates } from './duplicates.ts';
import { identityOf } from './identity.ts';
import { loadBalancersOf } from './load-balancers.ts';
import { type MemberDraft, memberDraft } from './member-draft.ts';
import { mergedListeners } from './merge.ts';
import { certificateIntents } from './requested-certificate.ts';
import { type Roster, rosterOf } from './roster.ts';
import { shadowedRules } from './shadows.ts';
import { type Presence, sliced } from './slice.ts';
import { stage } from './stage.ts';
import { namedSettings, type Standing, standing } from './standing.ts';
import { usedTargetGroups } from './used-target-groups.ts';

/** What AWS has, as far as it was read, and members that are not to be served as they ask. */
export type Circumstances = {
  readonly observed: ObservedGroup | undefined;
  readonly refused: ReadonlyMap<NamespacedName, readonly Problem[]>;
  readonly departing: ReadonlySet<NamespacedName>;
};
const nothingSpecial: Circumstances = { observed: undefined, refused: new Map(), departing: new Set() };

/**
 * Builds the model of a group from the cluster's state.
 *
 * Problems come in the order in which ALBC would meet them, so the first error is the one its event names. A member with
 * an error is in `held`, and with `policy.memberErrors: 'holdGroup'` so are all others. Nothing is concluded from objects that
 * are missing in an incomplete snapshot: their members are held. So are those in `refused`, which a later stage or AWS
 * turned down, with the problems given there, and those in `departing`, which leave for another group that does not yet
 * serve them. A shard is made of all members of its group, and has those that are in it.
 */
export function groupModel(
  snapshot: Snapshot,
  key: GroupKey,
  config: CoreConfig,
  circumstances: Partial<Circumstances> = {},
): GroupModel {
  const { observed, refused, departing }: Circumstances = { ...nothingSpecial, ...circumstances };
  const roster = withDeparting(rosterOf(snapshot, key, config), departing);
  const presence = new Map(roster.active.map((one) => [one.member.id, one.presence]));
  const isHere = ({ member }: MemberDraft): boolean => presence.get(member.id) !== 'elsewhere';
  const everybody = roster.active.map(({ member, context }) => memberDraft(member, context));
  const drafts = everybody.filter(isHere);
  const asides = unreadableDrafts(roster, snapshot, config);
  const turnedDown = drafts.flatMap(({ member }): readonly Finding[] =>
    (refused.get(member.id) ?? []).map((problem) => ({ stage: stage.ours, problem })),
  );
  const there = standing(
    [...roster.active.map(({ member: { id }, presence: at }) => ({ id, presence: at })), ...roster.held],
    { key, snapshot, config, observed },
  );
  const all = [...everybody, ...asides];
  const settled = settle(
    everybody.filter(({ member }) => !refused.has(member.id)),
    { standing: there, everybody: all },
    config,
  );
  const drift = groupDrift(everybody, config);
  const ofAll = [...everybody.flatMap((draft) => draft.context.findings), ...settled.findings];
  const findings = [...ofAll.filter(isToldBy(presence)), ...turnedDown];
  const found = sorted(findings);
  const unreadable = roster.held.flatMap((member) => member.problems);
  const incomplete = snapshot.complete.has('Ingress') ? [] : [incompleteProblem(roster, drafts)].flat();
  const errors = [...unreadable, ...sorted([...ofAll, ...turnedDown]).filter(isError), ...incomplete];
  const holdsAll = incomplete.length > 0 || (errors.length > 0 && config.policy.memberErrors === 'holdGroup');
  const accepted = holdsAll ? [] : settled.accepted;
  const slice = shardOf(accepted, presence);
  const members = slice.filter(isHere);
  const isAlbc = config.policy.compatibility === 'albc';
  const hasOnlyFindings = unreadable.length + incomplete.length === 0;
  const backendGroupAnyway = isAlbc && hasOnlyFindings && makesBackendGroup(drafts, findings, config);
  const listeners = mergedListeners(slice, config);
  const different = isAlbc ? { listeners, problems: [] } : duplicates(listeners);
  const shadows = isAlbc ? [] : shadowedRules(different.listeners);
  const kept = different.listeners.map(({ listener }) => listener);
  return {
    key,
    identity: identityOf(key),
    members: members.map((draft) => draft.member),
    held: withServed(
      heldMembers(roster, drafts, { accepted, found: [...found, ...incomplete], errors, key }),
      there,
    ),
    leaving: roster.leaving,
    ...guestsAmong(members, presence),
    ...namedBy(accepted, all, config),
    problems: [...unreadable, ...incomplete, ...found, ...roster.problems, ...different.problems, ...shadows],
    ...loadBalancersOf(slice, key, config),
    drift,
    listeners: kept,
    certificates: certificateIntents(members, config.defaultTags),
    targetGroups: usedTargetGroups(members, kept, config),
    heldTargetGroups: [...drafts.filter((draft) => !accepted.includes(draft)), ...asides].flatMap(
      heldTargetGroups,
    ),
    ...(backendGroupAnyway ? { backendGroupAnyway } : {}),
    pausers: roster.pausers,
    adopts: adoptionOf(drafts.filter(({ member }) => presence.get(member.id) === 'home')),
    ...deletionConsent(roster.leaving, snapshot),
  };
}

/** Members that leave and are served for the time being are kept like those with a mistake. */
function withDeparting(roster: Roster, departing: ReadonlySet<NamespacedName>): Roster {
  const isDeparting = ({ id }: Member): boolean => departing.has(id);
  const kept = roster.leaving
    .filter(isDeparting)
    .map(({ proof: _proof, ...member }): HeldMember => ({ ...member, problems: [] }));
  const leaving = roster.leaving.filter((member) => !isDeparting(member));
  return { ...roster, held: [...roster.held, ...kept], leaving };
}

/** The members as one shard has them; none where it has none of its own. */
function shardOf(
  accepted: readonly MemberDraft[],
  presence: ReadonlyMap<NamespacedName, Presence>,
): readonly MemberDraft[] {
  if (accepted.every(({ member }) => presence.get(member.id) === 'home')) return accepted;
  const hasOwn = accepted.some(({ member }) => presence.get(member.id) === 'home');
  return hasOwn ? sliced(accepted, presence) : [];
}

const withServed = (held: readonly HeldMember[], { isServed }: Standing): readonly HeldMember[] =>
  held.map((member) => (isServed(member.id) ? { ...member, isServed: true } : member));

/** Where everybody is accepted, that is what the model asks for. */
const namedBy = (
  accepted: readonly MemberDraft[],
  all: readonly MemberDraft[],
  config: CoreConfig,
): Pick<GroupModel, 'named'> =>
  accepted.length === all.length || config.policy.settings !== 'oldest'
    ? {}
    : { named: namedSettings(all, config) };

function guestsAmong(
  members: readonly MemberDraft[],
  presence: ReadonlyMap<NamespacedName, Presence>,
): Pick<GroupModel, 'guests'> {
  const guests = members.map(({ member }) => member.id).filter((id) => presence.get(id) === 'guest');
  return guests.length === 0 ? {} : { guests: new Set(guests) };
}

/** What is wrong with a member is told once, where it is at home. */
const isToldBy =
  (presence: ReadonlyMap<NamespacedName, Presence>) =>
  ({ problem: { object } }: Finding): boolean =>
    (presence.get(namespacedName(object.namespace, object.name)) ?? 'home') === 'home';

/** Members that cannot be said to be in the group still name their backends. */
function unreadableDrafts({ held }: Roster, snapshot: Snapshot, config: CoreConfig): readonly MemberDraft[] {
  return held.flatMap((member) => {
    const ingress = snapshot.ingresses.get(member.id);
    if (ingress === undefined) return [];
    return [memberDraft(member, memberContext({ ingress, snapshot, config, params: undefined }))];
  });
}

/** Without its node labels a target group would get every node. */
function heldTargetGroups({ context, targetGroups }: MemberDraft): readonly TargetGroupIntent[] {
  const unclear = context.findings.some(({ problem }) => problem.path.includes('target-node-labels'));
  return unclear ? [] : targetGroups.map((intent) => ({ ...intent, unproven: true }));
}

type Settled = { readonly accepted: readonly MemberDraft[]; readonly findings: readonly Finding[] };

/**
 * Members without mistakes of their own, as far as they agree. A member that only makes sense with another one goes when that
 * one is not accepted, and then the rest is looked at anew.
 */
function settle(drafts: readonly MemberDraft[], before: Before, config: CoreConfig): Settled {
  const first = config.policy.settings === 'oldest' ? before : undefined;
  let candidates = drafts.filter((draft) => !hasError(draft.context.findings));
  const broken: Finding[] = [];
  for (;;) {
    const { accepted, findings } = accept(candidates, first);
    const checks = crossChecks(accepted, config);
    if (checks.length === 0) return { accepted, findings: [...broken, ...findings] };
    broken.push(...checks.map(({ finding }) => finding));
    const out = new Set(checks.map(({ member }) => member.id));
    candidates = candidates.filter((draft) => !out.has(draft.member.id));
  }
}

function sorted(findings: readonly Finding[]): readonly Problem[] {
  return findings.toSorted((a, b) => a.stage - b.stage).map((finding) => finding.problem);
}

function isError(problem: Problem): boolean {
  return problem.severity === 'error';
}

/** Members that nobody has seen yet may exist: what is there must not shrink to what is known. */
function incompleteProblem(roster: Roster, drafts: readonly MemberDraft[]): readonly Problem[] {
  const [first] = [...drafts.map((draft) => draft.member), ...roster.held, ...roster.leaving];
  if (first === undefined) return [];
  return [
    {
      ...problemOf(first.ref, {
        code: 'DeletionHeld',
        path: '',
        message: 'The list of Ingresses has not been read whole, so the group is left as it is',
        hint: 'Nothing to do if the controller has just started; else it may lack permission to list Ingresses',
        albcEvent: 'none',
      }),
      scope: 'group',
    },
  ];
}

function heldMembers(
  roster: Roster,
  drafts: readonly MemberDraft[],
  of: {
    readonly accepted: readonly MemberDraft[];
    readonly found: readonly Problem[];
    readonly errors: readonly Problem[];
    readonly key: GroupKey;
  },
): readonly HeldMember[] {
  const rest = drafts.filter((draft) => !of.accepted.includes(draft)).map(({ member }) => member);
  const [cause] = of.errors;
  const held = rest.map((member): HeldMember => {
    const own = of.found.filter(({ object }) => namespacedName(object.namespace, object.name) === member.id);
    if (own.some(isError) || cause === undefined) return { ...member, problems: own };
    return { ...member, problems: [...own, groupHeld(member, cause, of.key)] };
  });
  return [...held, ...roster.held];
}

function groupHeld(member: Pick<HeldMember, 'ref' | 'id'>, cause: Problem, key: GroupKey): Problem {
  const { hint, albcMessage, albcEvent } = cause;
  return {
    kind: 'problem',
    code: cause.code,
    severity: 'error',
    scope: 'group',
    object: member.ref,
    path: '',
    message: `Ingress ${member.id} is held with its whole group ${key}: ${cause.message}`,
    ...(hint === undefined ? {} : { hint }),
    ...(albcMessage === undefined ? {} : { albcMessage }),
    ...(albcEvent === undefined ? {} : { albcEvent }),
  };
}
