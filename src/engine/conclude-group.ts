// What is done about a group when its plan has been carried out, or has not: memory, the other loops, the users.

import { isDeepStrictEqual } from 'node:util';
import type { CoreConfig } from '../core/domain/config.ts';
import { backendSecurityGroupId, type NetworkNeeds } from '../core/domain/desired-group.ts';
import type { Facts } from '../core/domain/facts.ts';
import type { GroupModel } from '../core/domain/group-model.ts';
import type { SecurityGroupId } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import type { Refused } from '../core/pipeline.ts';
import { ownOf } from '../core/plan/other-cluster.ts';
import { confirmedAfter } from '../core/plan/confirmed.ts';
import { remember } from '../core/plan/remember.ts';
import { countMistakes, countRefusals } from './albc-metrics.ts';
import type { Applied } from './apply.ts';
import { bindTargetGroups } from './bind-target-groups.ts';
import { type Deployed, withoutOpenings } from './deploy.ts';
import { type DriftNews, driftNews } from './drift-memory.ts';
import { dropLeftovers, goneOf } from './gone-group.ts';
import type { GroupContext, GroupRun, Run } from './group-run.ts';
import { listsOf } from './lists-of-deleted.ts';
import { stillArriving } from './moves.ts';
import { nextLook } from './next-look.ts';
import { distrust } from './observation.ts';
import { needsNow } from './present-needs.ts';
import { withOutcomes } from './refusals.ts';
import { retryPolicy } from './retry.ts';
import { tellGroup } from './tell.ts';
import type { Verdict } from './work-queue.ts';

type Conclusion = {
  readonly deployed: Deployed;
  readonly observed: ObservedGroup;
  readonly facts: Facts;
  readonly snapshot: Snapshot;
  readonly needsBefore: NetworkNeeds | undefined;
  readonly refused: Refused;
};

/** Remembers what happened, hands target groups and network on, tells the users, and says when to come back. */
export async function conclude(conclusion: Conclusion, context: GroupContext, run: Run): Promise<GroupRun> {
  const { deployed, observed, facts, snapshot } = conclusion;
  const { memory } = context;
  const { planned, ensured, applied, unfilled } = deployed;
  const { key } = planned.model;
  const noted = note(conclusion, context);
  const { after, outcomes, isDone, stale, drift } = noted;
  const lists = listsOf(observed, outcomes, memory);
  bindTargetGroups({ planned, facts, observed: after, outcomes: applied.outcomes, unfilled }, context);
  if (noted.isNeedNew) context.onNetwork();
  const problems = ensured.problems.filter(({ object }) => isOwn(object, planned.model));
  countMistakes(context.metrics, planned.problems);
  countRefusals(context.metrics, outcomes);
  const { gone, waitMs } = goneOf(planned.model, after, context);
  const certain = !stale && waitMs === undefined;
  await dropLeftovers(key, { lists, gone }, context, run);
  const arriving = await stillArriving({ planned, observed: after, snapshot, isDone }, context, run);
  const told = toldOf(deployed, context.config);
  await tellGroup(
    { planned, problems, snapshot, observed: after, outcomes: told, drift, certain, arriving },
    context,
    run,
  );
  context.believedTags.after(applied.outcomes);
  if (gone) {
    memory.forget(key);
    context.inventory.forget(key);
  }
  const verdict = nextLook(deployed, { ...noted, waitMs, arriving, snapshot }, context);
  return { verdict, changed: outcomes.length > 0 };
}

type Noted = {
  /** What is there now of what this cluster owns. */
  readonly after: ObservedGroup;
  readonly outcomes: readonly Outcome[];
  readonly isDone: boolean;
  readonly isNeedNew: boolean;
  readonly isRefusedAnew: boolean;
  readonly retry: Verdict;
  readonly stale: boolean;
  readonly drift: DriftNews;
};

/** Puts into memory what was done and what it leaves the group in need of. */
function note(
  { deployed, observed, facts, snapshot, needsBefore, refused }: Conclusion,
  context: GroupContext,
): Noted {
  const { memory, config, network } = context;
  const { planned, ensured, applied, unread, unreached } = deployed;
  const { key } = planned.model;
  const seen = fold(observed, applied);
  const after = ownOf(seen, config);
  const outcomes = [...ensured.outcomes, ...applied.outcomes];
  const { verdict: retry, stale } = retryPolicy(outcomes, unread);
  const present = needsNow({ planned, facts, snapshot, observed: after, needsBefore }, context);
  const needs = withoutOpenings(present, unreached);
  const isNeedNew = outcomes.length > 0 || !isDeepStrictEqual(needs, needsBefore);
  const isDone = outcomes.every(({ kind }) => kind === 'done') && unread === undefined;
  const refusals = withOutcomes(refused, applied.outcomes, snapshot);
  const before = memory.group(key);
  const at = context.clock.now();
  const drift = driftNews(
    before.drift,
    { planned, after, readAt: before.observedAt, facts, config, knownIds: network.knownIds() },
    context,
  );
  memory.update(key, {
    observed: seen,
    drift: drift.memory,
    needs,
    quotas: facts.quotas,
    regionUse: facts.regionUse,
    ...(outcomes.length > 0 ? { writtenAt: at } : {}),
    confirmed: confirmedAfter(before.confirmed, { ...applied, before: observed, after: seen, at }),
    refusals,
    ...(isDone ? { previous: planned.desired } : {}),
  });
  if (stale) distrust(key, context);
  network.released(releasedGroups(observed, outcomes));
  const isRefusedAnew = refusals.size > refused.size;
  return { after, outcomes, isDone, isNeedNew, isRefusedAnew, retry, stale, drift };
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

/** In ALBC the TargetGroupBinding is told of what becomes of the rules on nodes and pods, not the Ingress. */
function toldOf({ ensured, applied }: Deployed, { policy }: CoreConfig): readonly Outcome[] {
  const ofGroup = ensured.outcomes.filter(({ operation }) => operation.subject === backendSecurityGroupId);
  return [...(policy.compatibility === 'none' ? ensured.outcomes : ofGroup), ...applied.outcomes];
}

/** The network's problems are those of all groups. */
const isOwn = (object: ObjectRef, { members, held }: GroupModel): boolean =>
  [...members, ...held].some(({ ref }) => ref.namespace === object.namespace && ref.name === object.name);

function fold(observed: ObservedGroup, { outcomes, look }: Applied): ObservedGroup {
  let after = observed;
  for (const outcome of outcomes) {
    if (outcome.kind === 'done') after = remember(after, { ...outcome, look });
  }
  return after;
}
