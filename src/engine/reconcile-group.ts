// One group from what its users ask for to what AWS has and Kubernetes says. The order of the steps is what keeps
// promises: finalizers before the first write, grants before the load balancer, status and release of members last.

import type { Facts, FactsQuery } from '../core/domain/facts.ts';
import type { GroupModel } from '../core/domain/group-model.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../core/domain/observed-group.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { isRefusedUnasked } from '../core/desired/quota-problem.ts';
import { groupModel } from '../core/model/group.ts';
import { factsQuery, type GroupPlan, planGroup, type Refused } from '../core/pipeline.ts';
import { ownOf } from '../core/plan/other-cluster.ts';
import { finalizersToAdd } from '../core/report/finalizers.ts';
import { heldAnnotations } from '../core/report/plan-annotations.ts';
import { inStage } from './albc-metrics.ts';
import { conclude } from './conclude-group.ts';
import { deploy } from './deploy.ts';
import { driftInput } from './drift-memory.ts';
import { isNobodys } from './gone-group.ts';
import type { GroupContext, GroupRun, Run } from './group-run.ts';
import { forgottenNames } from './moves.ts';
import { distrust, observation } from './observation.ts';
import { written } from './ports.ts';
import { needsNow } from './present-needs.ts';
import { standing } from './refusals.ts';
import { withRegistered } from './registered.ts';
import { tellPlan, tellReadFailure } from './tell.ts';

/**
 * Brings one group up to date. Rejects when AWS cannot be read or Kubernetes cannot be written; both are worth a retry,
 * and neither loses anything that was done.
 */
export async function reconcileGroup(key: GroupKey, context: GroupContext, run: Run): Promise<GroupRun> {
  const { memory, config } = context;
  const snapshot = context.cluster.snapshot();
  const { observed: known } = memory.group(key);
  const model = await inStage('fetch_ingress', context, () =>
    groupModel(snapshot, key, config, { observed: known }),
  );
  if (isNobodys(model, memory)) {
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
  const { inherited } = memory.group(key);
  if (inherited) await telling(model, context, run, context.network.look(run));
  // Under ALBC's preset one refused member holds its group already, and nothing gets its turn behind it.
  const holdsGroup = config.policy.memberErrors === 'holdGroup';
  const refused = holdsGroup ? new Map() : standing(memory.group(key).refusals, snapshot);
  const { facts, first, again } = await planned({ model, snapshot, seen, refused }, context, run);
  const { observed } = seen;
  // Nothing is written by hearsay: what another process left is forgotten, and AWS asked.
  if (inherited && first.plan.operations.length > 0) {
    memory.update(key, { observed: undefined, inherited: false });
    return { verdict: { kind: 'again', afterMs: 0 }, changed: false };
  }
  const own = ownOf(observed, config);
  if (!isEarly) await givesFinalizers(first.model, own);
  const needsBefore = memory.group(key).needs;
  const needs = needsNow({ planned: first, facts, snapshot, observed: own, needsBefore }, context);
  const onPlan = (plan: GroupPlan): Promise<void> => announce(plan, snapshot, context, run);
  const onBug = (): void => distrust(key, context);
  const deployed = await inStage('deploy_model', context, () => {
    const work = deploy({ first, plan: again, needs, observed: own, onPlan, onBug, ...run }, context);
    return telling(model, context, run, work);
  });
  // Another pass made the network uncertain between: nothing was done, and nobody is told that it was.
  if (deployed.lacks && deployed.ensured.outcomes.every(({ kind }) => kind === 'done'))
    return { verdict: { kind: 'again', afterMs: networkRetryMs }, changed: false };
  return conclude({ deployed, observed, facts, snapshot, needsBefore, refused }, context, run);
}

const networkRetryMs = 1000;

type Seen = { readonly observed: ObservedGroup; readonly query: FactsQuery; readonly facts: Facts };

/** What AWS has of the group, and what else a plan has to know. */
async function looked(model: GroupModel, snapshot: Snapshot, context: GroupContext, run: Run): Promise<Seen> {
  const observed = await telling(model, context, run, observation(model, context, run));
  context.believedTags.pass();
  const query = factsQuery({ snapshot, key: model.key, config: context.config, observed });
  return { observed, query, facts: await telling(model, context, run, context.aws.facts(query, run)) };
}

type Planned = {
  readonly facts: Facts;
  readonly first: GroupPlan;
  /** The same plan, or another one when more of the network has become known meanwhile. */
  readonly again: () => GroupPlan;
};

/** The plan for what was seen; limits that it goes beyond are asked for before it is believed. */
async function planned(
  input: {
    readonly model: GroupModel;
    readonly snapshot: Snapshot;
    readonly seen: Seen;
    readonly refused: Refused;
  },
  context: GroupContext,
  run: Run,
): Promise<Planned> {
  const { model, snapshot, seen, refused } = input;
  const { key } = model;
  const { observed, query } = seen;
  const { memory, config, network, clock } = context;
  const forgotten = forgottenNames(model, { observed, snapshot, config }, context);
  let { facts } = seen;
  const plan = (): GroupPlan =>
    planGroup({
      snapshot,
      key,
      config,
      observed: withRegistered(observed, memory),
      facts,
      previous: memory.group(key).previous,
      drift: driftInput(memory.group(key).drift, clock),
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
  const isSame = (): boolean =>
    network.knownIds().size === idsBefore && network.unreachable().size === unreachableBefore;
  return { facts, first, again: () => (isSame() ? first : plan()) };
}

/** Tells the users of the plan before anything of it is done. */
async function announce(plan: GroupPlan, snapshot: Snapshot, context: GroupContext, run: Run): Promise<void> {
  await tellPlan(plan, { ...context, snapshot, knownIds: context.network.knownIds() }, run);
  for (const annotation of heldAnnotations(plan.plan, plan.model, snapshot))
    await written('mark a held deletion', context.write.annotate(annotation, run));
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
