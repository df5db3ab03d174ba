// The three pure stages in one: what the users of a group ask for → what AWS should have → what to do about it. Used
// alike by the engine, by `albatross plan` and by every golden test, so that all of them see the same plan.

import { heldByClaims } from './claims/claims.ts';
import { heldAsStrays } from './claims/strays.ts';
import { desiredGroup } from './desired/group.ts';
import { withOverflow } from './overflow/overflow.ts';
import { heldByLostServices, untilLost } from './claims/lost-services.ts';
import { withHeldSettings } from './desired/held-settings.ts';
import { withSecondNames } from './desired/second-names.ts';
import { withSharedTargetGroups } from './desired/shared-target-groups.ts';
import { failsLate, isInUse } from './desired/gated-forwards.ts';
import { factsNeeded } from './desired/facts-needed.ts';
import type { CoreConfig } from './domain/config.ts';
import type { DesiredGroup } from './domain/desired-group.ts';
import { type FieldPath, modesFor } from './domain/drift.ts';
import type { Facts, FactsQuery } from './domain/facts.ts';
import type { GroupModel, TargetGroupIntent } from './domain/group-model.ts';
import { type GroupKey, type NamespacedName, namespacedName, type ResourceId } from './domain/ids.ts';
import type { ObservedGroup } from './domain/observed-group.ts';
import type { Plan } from './domain/plan.ts';
import type { Problem } from './domain/problem.ts';
import type { Snapshot } from './domain/snapshot.ts';
import type { DesiredTarget } from './domain/target.ts';
import { nearLimits } from './limits/near.ts';
import { groupRows } from './limits/rows.ts';
import { goingGroups } from './model/going.ts';
import { groupModel } from './model/group.ts';
import { arrivalProblems, departing } from './model/moves.ts';
import { untilGatedForward } from './plan/gated-forwards.ts';
import { type DriftInput, settledAfter } from './plan/drift/drift.ts';
import { planWithDrift } from './plan/drift/plan.ts';
import { groupProblem } from './plan/group-problem.ts';
import { heldWhole } from './plan/hold.ts';
import { oneByOne } from './plan/one-by-one.ts';
import { adoptionRefused } from './plan/adoption.ts';
import { clashOf, ownOf } from './plan/other-cluster.ts';
import { pausedGroup, tooMany } from './plan/standstill.ts';
import { desiredTargets } from './targets/select.ts';
import { admitted } from './targets/plan.ts';
import type { Selection } from './targets/selection.ts';

/** Members that something after the model refused (AWS, a missing certificate, a quota), with what was wrong. */
export type Refused = ReadonlyMap<NamespacedName, readonly Problem[]>;

export type GroupInput = {
  readonly snapshot: Snapshot;
  readonly key: GroupKey;
  readonly config: CoreConfig;
  readonly observed: ObservedGroup;
  readonly facts: Facts;
  /** What was last applied in full; undefined after a restart. */
  readonly previous: DesiredGroup | undefined;
  readonly refused: Refused;
  /** Ids that other loops know, such as that of the shared backend security group. */
  readonly knownIds: ReadonlyMap<ResourceId, string>;
  /** Target groups that are not filled because nothing lets the load balancer in to their nodes; undefined: none. */
  readonly unreachable?: ReadonlySet<ResourceId>;
  /** Members that left for another group, whose name here nobody can have in a cache any more; undefined: none. */
  readonly forgotten?: ReadonlySet<NamespacedName>;
  /** What is known of drift; absent: nothing, as after a start. */
  readonly drift?: Pick<DriftInput, 'settled' | 'resting'>;
};

const nothingSettled: Pick<DriftInput, 'settled' | 'resting'> = { settled: new Map(), resting: new Map() };

export type GroupPlan = {
  readonly model: GroupModel;
  readonly desired: DesiredGroup;
  readonly plan: Plan;
  /** Everything that was wrong on the way, without repeats. */
  readonly problems: readonly Problem[];
};

/** What has to be looked up before `planGroup` can run for this group. */
export function factsQuery(input: Pick<GroupInput, 'snapshot' | 'key' | 'config' | 'observed'>): FactsQuery {
  const { snapshot, key, observed, config } = input;
  const model = withHeldSettings(groupModel(snapshot, key, config, { observed }), { observed, config });
  return factsNeeded(model, observed, config);
}

/**
 * The plan of one group. A member with an error found only with the facts at hand is held and the stages run again
 * without it; an error of the whole group holds every member, so that what exists stays and what was deleted still goes.
 * While another cluster of the same name has something of the group, while it is paused, and while too many groups are to be
 * deleted at once, the whole plan is held.
 */
export function planGroup(input: GroupInput): GroupPlan {
  const planned = stages({ ...input, observed: ownOf(input.observed, input.config) });
  const why = standstill(planned, input);
  return why === undefined
    ? planned
    : { ...planned, plan: heldWhole(planned.plan, why), problems: [...planned.problems, why] };
}

/** Why nothing at all may be done for the group; undefined: it may. */
function standstill(
  { model, desired, plan }: GroupPlan,
  { observed, snapshot, config }: GroupInput,
): Problem | undefined {
  const isGoing = model.members.length + model.held.length === 0;
  // What only leaves leaves what is another cluster's.
  const clash = isGoing ? undefined : clashOf(observed, config);
  if (clash !== undefined) return groupProblem({ desired }, clash);
  const refused = isGoing ? undefined : adoptionRefused(model, observed, config);
  if (refused !== undefined) return groupProblem({ desired }, refused);
  const paused = pausedGroup(model);
  if (paused !== undefined) return { ...groupProblem({ desired }, paused), severity: 'warning' };
  if (!isGoing || plan.operations.length === 0 || config.policy.massDeletions === 'allow') return undefined;
  const many = tooMany(goingGroups(snapshot, config).size, model, config);
  return many && groupProblem({ desired }, many);
}

function stages(input: GroupInput): GroupPlan {
  const { snapshot, config, observed, facts } = input;
  const asked = modelOf(input);
  const strays = heldAsStrays({ model: asked, observed, snapshot, config });
  if (strays.size > 0) return stages({ ...input, refused: new Map([...input.refused, ...strays]) });
  const lost = heldByLostServices({ model: asked, observed, snapshot, config });
  if (lost.size > 0) return stages({ ...input, refused: new Map([...input.refused, ...lost]) });
  const fitting = withOverflow(asked, { snapshot, observed, quotas: facts.quotas, config });
  const named = withSecondNames(fitting, observed, config);
  const model = withSharedTargetGroups(named, { observed, quotas: facts.quotas, config });
  const claims = heldByClaims({ model, observed, snapshot, config });
  if (claims.refused.size > 0)
    return stages({ ...input, refused: new Map([...input.refused, ...claims.refused]) });
  const isGated = failsLate(model, config);
  const isLeftOut = (intent: TargetGroupIntent): boolean =>
    isGated && !isInUse(intent, model, { observed, config });
  const selections = new Map(
    model.targetGroups
      .filter((intent) => !isLeftOut(intent))
      .map((intent) => [intent, desiredTargets(intent, snapshot, { vpc: facts.vpc, config })]),
  );
  const targetProblems = [...selections.values()].flatMap(({ problems }) => problems);
  const desired = desiredGroup({
    model,
    facts,
    observed,
    config,
    targetsOf: (intent) => capped(selections.get(intent)?.value ?? [], config),
    otherReachableOf: (intent) => others(selections.get(intent), config),
    previous: input.previous,
    knownIds: input.knownIds,
  });
  const refused = refusedMembers(model, desired.problems, config);
  if (refused.size > 0) return stages({ ...input, refused: new Map([...input.refused, ...refused]) });
  const whole = planWithDrift(
    {
      desired: desired.value,
      observed,
      config,
      previous: input.previous,
      complete: isComplete(snapshot),
      quotas: facts.quotas,
      knownIds: input.knownIds,
      unreachable: input.unreachable,
      published: model.members
        .filter(({ id }) => model.guests?.has(id) !== true)
        .map(({ id }) => (snapshot.ingresses.get(id)?.status ?? []).map(({ hostname }) => hostname)),
    },
    { modes: modesFor(model, config), ...(input.drift ?? nothingSettled) },
  );
  const reached = isGated ? untilGatedForward(whole, desired.value, observed) : whole;
  const plan = config.policy.afterRefusal === 'stop' ? oneByOne(reached) : reached;
  const rows = groupRows({ observed, quotas: facts.quotas, wanted: { desired: desired.value, config } });
  const object = model.members[0]?.ref;
  const near = object === undefined ? [] : nearLimits(rows, { object, region: config.region });
  const problems = [
    ...untilLost(model.problems, input.refused),
    ...claims.problems,
    ...desired.problems,
    ...targetProblems,
    ...plan.problems,
    ...arrivalProblems(model, { observed, snapshot, config }),
    ...near,
  ];
  return { model, desired: desired.value, plan, problems: withoutRepeats(problems) };
}

/** The model, with members that leave and are still served here, and with the settings of those that are held. */
function modelOf({
  snapshot,
  key,
  config,
  observed,
  previous,
  refused,
  forgotten = new Set(),
}: GroupInput): GroupModel {
  const model = groupModel(snapshot, key, config, { observed, refused });
  const staying = departing(model, { observed, snapshot, config, forgotten });
  const whole =
    staying.size === 0 ? model : groupModel(snapshot, key, config, { observed, refused, departing: staying });
  return withHeldSettings(whole, { observed, config, previous });
}

/** What of a group's fields is settled, and what differs, once its plan was carried out and AWS has `after`. */
export function driftAfter(
  input: {
    readonly planned: GroupPlan;
    readonly after: ObservedGroup;
    readonly facts: Facts;
    readonly config: CoreConfig;
    readonly knownIds: GroupInput['knownIds'];
  },
  before: ReadonlyMap<FieldPath, string>,
): ReturnType<typeof settledAfter> {
  const { planned, after: observed, facts, config, knownIds } = input;
  const { desired } = planned;
  const { quotas } = facts;
  return settledAfter(
    { desired, observed, config, previous: desired, complete: true, quotas, knownIds },
    before,
  );
}

/** A new target group gets as many at once as the operator lets it have. */
const capped = (targets: readonly DesiredTarget[], { maxTargetsPerTargetGroup: cap }: CoreConfig) =>
  cap > 0 ? admitted(targets, [], cap) : targets;

/** What need not be registered and must be reachable all the same. */
function others(selection: Selection | undefined, config: CoreConfig): readonly DesiredTarget[] {
  if (selection === undefined) return [];
  const { value, unready, leaving } = selection;
  const now = new Set(capped(value, config));
  return [...value.filter((target) => !now.has(target)), ...unready, ...leaving];
}

/** Kinds whose absence could read as "nobody wants this any more". */
const decisive = ['Ingress', 'IngressClass', 'IngressClassParams', 'Service'] as const;

function isComplete(snapshot: Snapshot): boolean {
  return decisive.every((kind) => snapshot.complete.has(kind));
}

/** Members to hold because of errors that the desired stage found; ends, for each turn holds at least one more. */
function refusedMembers(model: GroupModel, problems: readonly Problem[], config: CoreConfig): Refused {
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length === 0) return new Map();
  const isOfGroup =
    config.policy.memberErrors === 'holdGroup' || errors.some((problem) => problem.scope === 'group');
  const affected = isOfGroup
    ? model.members.map((member) => [member.id, errors] as const)
    : model.members.map(
        (member) => [member.id, errors.filter((problem) => ownerOf(problem) === member.id)] as const,
      );
  return new Map(affected.filter(([, own]) => own.length > 0));
}

function ownerOf({ object }: Problem): NamespacedName {
  return namespacedName(object.namespace, object.name);
}

function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(
    problems.map((problem) => [
      JSON.stringify([problem.code, problem.object, problem.path, problem.message]),
      problem,
    ]),
  );
  return [...seen.values()];
}
