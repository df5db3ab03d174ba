// One group from what its users ask for to what AWS has and Kubernetes says. The order of the steps is what keeps
// promises: finalizers before the first write, grants before the load balancer, status and release of members last.

import { isDeepStrictEqual } from 'node:util';
import { withoutStrangers } from '../core/domain/adoption.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { backendSecurityGroupId, type NetworkNeeds } from '../core/domain/desired-group.ts';
import type { Facts, FactsQuery } from '../core/domain/facts.ts';
import type { GroupModel } from '../core/domain/group-model.ts';
import type { GroupKey, SecurityGroupId } from '../core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../core/domain/observed-group.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { groupModel } from '../core/model/group.ts';
import { factsQuery, type GroupPlan, planGroup, type Refused } from '../core/pipeline.ts';
import { isRefusedUnasked } from '../core/desired/quota-problem.ts';
import { unknownNeeds } from '../core/desired/network-needs.ts';
import { isSettling } from '../core/overflow/parts.ts';
import { resourceTag } from '../core/desired/tags.ts';
import { awaitingRegistration } from '../core/plan/frontend-targets.ts';
import { awaitingCapacity } from '../core/plan/load-balancers.ts';
import { ownOf } from '../core/plan/other-cluster.ts';
import { remember } from '../core/plan/remember.ts';
import { finalizersToAdd } from '../core/report/finalizers.ts';
import { heldAnnotations } from '../core/report/plan-annotations.ts';
import { countMistakes, countRefusals, inStage } from './albc-metrics.ts';
import type { Applied } from './apply.ts';
import { discardBindings } from './adopt-bindings.ts';
import type { BelievedTags } from './believed-tags.ts';
import { bindTargetGroups } from './bind-target-groups.ts';
import { type Deployed, deploy, withoutOpenings } from './deploy.ts';
import type { InventoryCache } from './inventory.ts';
import type { NetworkContext, NetworkLoop } from './network-loop.ts';
import { forgottenNames, stillArriving, whileMoving } from './moves.ts';
import { distrust, observation, unsettledFor } from './observation.ts';
import { type ClusterPort, type TargetList, type WritePort, written } from './ports.ts';
import { withRegistered } from './registered.ts';
import { isTurnedDown, standing, withOutcomes } from './refusals.ts';
import { retryPolicy } from './retry.ts';
import { presentNeeds } from './present-needs.ts';
import { tellGroup, tellPlan, tellReadFailure } from './tell.ts';
import { incompleteRetryMs, isWhole } from './whole.ts';
import type { Verdict } from './work-queue.ts';
import type { Clock } from '../lib/clock.ts';
import { listsOf } from './lists-of-deleted.ts';
import type { Memory } from './memory.ts';
import { driftInput, driftNews } from './drift-memory.ts';

export type GroupContext = Omit<NetworkContext, 'complete' | 'orphans' | 'alone' | 'onRefused'> & {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly provisioningIntervalMs: number;
  readonly auditIntervalMs: number;
  readonly cluster: ClusterPort;
  readonly write: WritePort;
  readonly memory: Memory;
  readonly inventory: InventoryCache;
  readonly believedTags: BelievedTags;
  readonly network: NetworkLoop;
  /** A target group came up, or its registered targets became unknown. */
  readonly onBound: (targetGroup: string) => void;
  /** The needs of the network changed: a pass over all groups may have something to revoke. */
  readonly onNetwork: () => void;
};

export type Run = {
  readonly signal: AbortSignal;
  /** Somebody changed something, rather than the audit or a retry. */
  readonly prompted: boolean;
};
export type GroupRun = { readonly verdict: Verdict; readonly changed: boolean };

/**
 * Brings one group up to date. Rejects when AWS cannot be read or Kubernetes cannot be written; both are worth a retry,
 * and neither loses anything that was done.
 */
export async function reconcileGroup(key: GroupKey, context: GroupContext, run: Run): Promise<GroupRun> {
  const { memory, config, network } = context;
  const snapshot = context.cluster.snapshot();
  const model = await inStage('fetch_ingress', context, () => groupModel(snapshot, key, config));
  if (isUnknown(model) && isGone(model, memory.group(key).observed ?? emptyObservedGroup(key))) {
    memory.forget(key);
    context.onNetwork();
    return { verdict: { kind: 'rest' }, changed: false };
  }
  const givesFinalizers = (of: GroupModel, observed: ObservedGroup): Promise<void> =>
    inStage('add_group_finalizer', context, () => addFinalizers(of, observed, context, run));
  // ALBC gives them before it reads AWS, and to every active member whatever is there.
  const isEarly = config.policy.compatibility === 'albc';
  if (isEarly) await givesFinalizers(model, emptyObservedGroup(key));
  const seen = await inStage('build_model', context, () => looked(model, snapshot, context, run));
  const { observed, query } = seen;
  let { facts } = seen;
  // Under ALBC's preset one refused member holds its group already, and nothing gets its turn behind it.
  const holdsGroup = config.policy.memberErrors === 'holdGroup';
  const refused = holdsGroup ? new Map() : standing(memory.group(key).refusals, snapshot);
  const forgotten = forgottenNames(model, { observed, snapshot, config }, context);
  const plan = (): GroupPlan =>
    planGroup({
      snapshot,
      key,
      config,
      observed: withRegistered(observed, memory),
      facts,
      previous: memory.group(key).previous,
      drift: driftInput(memory.group(key).drift, context.clock),
      refused,
      knownIds: network.knownIds(),
      unreachable: network.unreachable(),
      forgotten,
    });
  // Another group's run may make more of the network known while this one waits.
  const idsBefore = network.knownIds().size;
  const unreachableBefore = network.unreachable().size;
  let first = plan();
  if (isRefusedUnasked(first.problems, facts.quotas)) {
    facts = await telling(model, context, run, context.aws.facts({ ...query, serviceQuotas: true }, run));
    first = plan();
  }
  const own = ownOf(observed, config);
  if (!isEarly) await givesFinalizers(first.model, own);
  const needsBefore = memory.group(key).needs;
  const needs = needsNow({ planned: first, facts, snapshot, observed: own, needsBefore }, context);
  const onPlan = async (planned: GroupPlan): Promise<void> => {
    await tellPlan(planned, { ...context, snapshot, knownIds: network.knownIds() }, run);
    for (const annotation of heldAnnotations(planned.plan, planned.model, snapshot))
      await written('mark a held deletion', context.write.annotate(annotation, run));
  };
  const deployed = await inStage('deploy_model', context, () =>
    telling(
      model,
      context,
      run,
      deploy(
        {
          first,
          // Nothing has become known that the plan has not been made from.
          plan: () =>
            network.knownIds().size === idsBefore && network.unreachable().size === unreachableBefore
              ? first
              : plan(),
          needs,
          observed: own,
          onPlan,
          onBug: () => distrust(key, context),
          ...run,
        },
        context,
      ),
    ),
  );
  // Another pass made the network uncertain between: nothing was done, and nobody is told that it was.
  if (deployed.lacks && deployed.ensured.outcomes.every(({ kind }) => kind === 'done'))
    return { verdict: { kind: 'again', afterMs: networkRetryMs }, changed: false };
  return conclude({ deployed, observed, facts, snapshot, needsBefore, refused }, context, run);
}

const networkRetryMs = 1000;

/** Where nothing may be written and nothing is there that serves, nothing is opened for the group, and nothing closed either. */
const needsNow = (input: Parameters<typeof presentNeeds>[0], context: GroupContext): NetworkNeeds => {
  const { standstill } = input.planned.plan;
  const { loadBalancers } = withoutStrangers(input.observed, undefined);
  const isShut = standstill !== undefined && loadBalancers.length === 0;
  return isShut ? unknownNeeds : presentNeeds(input, context);
};

/** What AWS has of the group, and what else a plan has to know. */
async function looked(
  model: GroupModel,
  snapshot: Snapshot,
  context: GroupContext,
  run: Run,
): Promise<{ readonly observed: ObservedGroup; readonly query: FactsQuery; readonly facts: Facts }> {
  const observed = await telling(model, context, run, observation(model, context, run));
  context.believedTags.pass();
  const query = factsQuery({ snapshot, key: model.key, config: context.config, observed });
  return { observed, query, facts: await telling(model, context, run, context.aws.facts(query, run)) };
}

/** Work that reads AWS; a refusal is told to the members before it ends the run. */
async function telling<T>(model: GroupModel, context: GroupContext, run: Run, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const refusal = context.aws.refusalOf(error);
    if (refusal !== undefined) await tellReadFailure(model, refusal, context, run);
    throw error;
  }
}

type Conclusion = {
  readonly deployed: Deployed;
  readonly observed: ObservedGroup;
  readonly facts: Facts;
  readonly snapshot: Snapshot;
  readonly needsBefore: NetworkNeeds | undefined;
  readonly refused: Refused;
};

/** Remembers what happened, hands target groups and network on, tells the users, and says when to come back. */
async function conclude(
  { deployed, observed, facts, snapshot, needsBefore, refused }: Conclusion,
  context: GroupContext,
  run: Run,
): Promise<GroupRun> {
  const { memory } = context;
  const { planned, ensured, applied, unread, unreached, unfilled } = deployed;
  const { key } = planned.model;
  const seen = fold(observed, applied);
  const after = ownOf(seen, context.config);
  const outcomes = [...ensured.outcomes, ...applied.outcomes];
  const { verdict, stale } = retryPolicy(outcomes, unread);
  const present = needsNow({ planned, facts, snapshot, observed: after, needsBefore }, context);
  const needs = withoutOpenings(present, unreached);
  const isNeedNew = outcomes.length > 0 || !isDeepStrictEqual(needs, needsBefore);
  const isDone = outcomes.every(({ kind }) => kind === 'done') && unread === undefined;
  const refusals = withOutcomes(refused, applied.outcomes, snapshot);
  const before = memory.group(key);
  const knownIds = context.network.knownIds();
  const drift = driftNews(
    before.drift,
    { planned, after, readAt: before.observedAt, facts, config: context.config, knownIds },
    context,
  );
  memory.update(key, {
    observed: seen,
    drift: drift.memory,
    needs,
    quotas: facts.quotas,
    regionUse: facts.regionUse,
    ...(outcomes.length > 0 ? { writtenAt: context.clock.now() } : {}),
    refusals,
    ...(isDone ? { previous: planned.desired } : {}),
  });
  if (stale) distrust(key, context);
  context.network.released(releasedGroups(observed, outcomes));
  const lists = listsOf(observed, outcomes, memory);
  bindTargetGroups({ planned, facts, observed: after, outcomes: applied.outcomes, unfilled }, context);
  if (isNeedNew) context.onNetwork();
  const problems = ensured.problems.filter(({ object }) => isOwn(object, planned.model));
  countMistakes(context.metrics, planned.problems);
  countRefusals(context.metrics, outcomes);
  const { gone, waitMs } = goneOf(planned.model, after, context);
  const certain = !stale && waitMs === undefined;
  await dropLeftovers(key, { lists, gone }, context, run);
  const arriving = await stillArriving({ planned, observed: after, snapshot, isDone }, context, run);
  const told = {
    planned,
    problems,
    snapshot,
    observed: after,
    outcomes: toldOf(deployed, context.config),
    drift,
    certain,
    arriving,
  };
  await tellGroup(told, context, run);
  context.believedTags.after(applied.outcomes);
  if (gone) {
    memory.forget(key);
    context.inventory.forget(key);
  }
  const news = refusals.size > refused.size;
  const waiting = unlessWaiting(deployed, { after, outcomes, waitMs }, context);
  const next = isDone
    ? whileMoving(waiting, { model: planned.model, arriving }, context)
    : unlessAgain(verdict, { outcomes, news }, context.config);
  return { verdict: unlessIncomplete(next, snapshot), changed: outcomes.length > 0 };
}

/** Somebody's neighbours may have waited behind what AWS turned down: plan again without it. */
function unlessAgain(
  verdict: Verdict,
  { outcomes, news }: { readonly outcomes: readonly Outcome[]; readonly news: boolean },
  { policy }: CoreConfig,
): Verdict {
  const again = policy.memberErrors === 'quarantine' && news;
  const isFinal = again && outcomes.every((outcome) => outcome.kind !== 'failed' || isTurnedDown(outcome));
  return isFinal ? { kind: 'again', afterMs: 0 } : verdict;
}

/** Whether the group is gone for certain; where only a later look can tell, the milliseconds until then. */
function goneOf(
  model: GroupModel,
  after: ObservedGroup,
  context: GroupContext,
): { readonly gone: boolean; readonly waitMs: number | undefined } {
  if (!isGone(model, after)) return { gone: false, waitMs: undefined };
  const waitMs = unsettledFor(model.key, context);
  return { gone: waitMs === undefined, waitMs };
}

/** Security groups of the load balancers that were let go. */
function releasedGroups(
  { loadBalancers }: ObservedGroup,
  outcomes: readonly Outcome[],
): readonly SecurityGroupId[] {
  const done = outcomes.flatMap(({ kind, operation }) =>
    kind === 'done' && operation.kind === 'release' ? [operation.resource] : [],
  );
  return loadBalancers
    .filter(({ arn }) => done.includes(arn))
    .flatMap(({ securityGroups }) => securityGroups);
}

/** Objects in Kubernetes that stand for what was deleted. Before finalizers go: nobody would come back for these. */
async function dropLeftovers(
  key: GroupKey,
  { lists, gone }: { readonly lists: readonly TargetList[]; readonly gone: boolean },
  context: GroupContext,
  run: Run,
): Promise<void> {
  for (const list of lists)
    await written('drop the list of own targets', context.write.dropOwnTargets(list, run));
  if (gone) await discardBindings(key, context, run);
}

/** When to come back after a run that did all it wanted. */
function unlessWaiting(
  { planned, postponed }: Deployed,
  done: {
    readonly after: ObservedGroup;
    readonly outcomes: readonly Outcome[];
    readonly waitMs: number | undefined;
  },
  context: GroupContext,
): Verdict {
  if (done.waitMs !== undefined) return { kind: 'again', afterMs: done.waitMs };
  if (postponed) return closing;
  if (planned.plan.status === 'afterAll') return statusMoved;
  // Pods leave their target groups for others when those have requests, which is only now.
  if (done.outcomes.length > 0 && planned.model.targetGroups.some(isSettling))
    return { kind: 'again', afterMs: 0 };
  return untilIssued(planned, done) ?? untilActive(planned, done, context);
}

/** Only ACM knows when it has issued a certificate. Undefined: none is waited for. */
function untilIssued(
  { desired }: GroupPlan,
  { after, outcomes }: { readonly after: ObservedGroup; readonly outcomes: readonly Outcome[] },
): Verdict | undefined {
  const wanted = new Set(desired.certificates.map(({ name }) => name));
  const isWaiting = after.certificates.some(
    ({ status, tags }) => status !== 'issued' && wanted.has(tags[resourceTag] ?? ''),
  );
  if (!isWaiting) return undefined;
  const isNew = outcomes.some(
    ({ operation: { kind } }) => kind === 'createValidationRecords' || kind === 'requestCertificate',
  );
  return { kind: 'again', afterMs: isNew ? firstLookMs : issuanceIntervalMs };
}

/** The network closes within a second what let in a security group that is to go. */
const closing: Verdict = { kind: 'again', afterMs: 2000 };

/** In ALBC the TargetGroupBinding is told of what becomes of the rules on nodes and pods, not the Ingress. */
function toldOf({ ensured, applied }: Deployed, { policy }: CoreConfig): readonly Outcome[] {
  const ofGroup = ensured.outcomes.filter(({ operation }) => operation.subject === backendSecurityGroupId);
  return [...(policy.compatibility === 'none' ? ensured.outcomes : ofGroup), ...applied.outcomes];
}

/** A private authority issues within a second; Amazon takes a minute or more. */
const firstLookMs = 1000;
const issuanceIntervalMs = 15_000;

/** The next plan of a replacement begins with the status that this one moved. */
const statusMoved: Verdict = { kind: 'again', afterMs: 1000 };

/**
 * A reservation of capacity, and the registration with a network load balancer, wait until the load balancer is active,
 * which only AWS knows.
 */
function untilActive(
  { desired }: GroupPlan,
  { after, outcomes }: { readonly after: ObservedGroup; readonly outcomes: readonly Outcome[] },
  { memory, provisioningIntervalMs }: GroupContext,
): Verdict {
  const waiting = awaitingCapacity(desired.loadBalancer, after) ?? awaitingRegistration(desired, after);
  if (waiting === undefined) return { kind: 'rest' };
  // One that was there already has had its chance in the plan that was just carried out.
  if (waiting.state !== 'provisioning') {
    const isNew = outcomes.some(
      ({ operation: { kind } }) => kind === 'createLoadBalancer' || kind === 'createListener',
    );
    return isNew ? { kind: 'again', afterMs: 0 } : { kind: 'rest' };
  }
  memory.update(desired.key, { reread: true });
  return { kind: 'again', afterMs: provisioningIntervalMs };
}

/** The network's problems are those of all groups. */
const isOwn = (object: ObjectRef, { members, held }: GroupModel): boolean =>
  [...members, ...held].some(({ ref }) => ref.namespace === object.namespace && ref.name === object.name);

async function addFinalizers(
  model: GroupModel,
  observed: ObservedGroup,
  { config, write }: GroupContext,
  run: Run,
): Promise<void> {
  for (const change of finalizersToAdd(model, observed, config.policy)) {
    await written('add a finalizer', write.addFinalizer(change.member.ref, change.finalizer, run));
  }
}

function fold(observed: ObservedGroup, { outcomes, look }: Applied): ObservedGroup {
  let after = observed;
  for (const outcome of outcomes) {
    if (outcome.kind === 'done') after = remember(after, { ...outcome, look });
  }
  return after;
}

function isUnknown({ members, held, leaving }: GroupModel): boolean {
  return members.length + held.length + leaving.length === 0;
}

function isGone(model: GroupModel, observed: ObservedGroup): boolean {
  const { loadBalancers, targetGroups, securityGroups, certificates } = observed;
  const isEmpty = [loadBalancers, targetGroups, securityGroups, certificates].every(
    (all) => all.length === 0,
  );
  return isEmpty && model.members.length === 0 && model.held.length === 0;
}

/** Nothing is concluded from lists that are not whole: look again when they may be. */
function unlessIncomplete(verdict: Verdict, snapshot: Snapshot): Verdict {
  return verdict.kind === 'rest' && !isWhole(snapshot)
    ? { kind: 'again', afterMs: incompleteRetryMs }
    : verdict;
}
