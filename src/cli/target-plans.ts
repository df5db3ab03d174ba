// What the targets loop would do with the target groups of Ingresses: part of the plan that `albatross plan` prints.

import type { Aws } from '../aws/aws.ts';
import { failsLate, isInUse } from '../core/desired/gated-forwards.ts';
import { namesOf } from '../core/desired/second-names.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { onlyQuotas } from '../core/domain/facts.ts';
import { foreignTargetsTag, modesFor, type Settled } from '../core/domain/drift.ts';
import type { TargetGroupIntent } from '../core/domain/group-model.ts';
import { type ResourceId, resourceId } from '../core/domain/ids.ts';
import type { ObservedTargetGroup } from '../core/domain/observed-group.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { firstLook } from '../core/targets/by-hand.ts';
import type { ObservedTarget } from '../core/domain/target.ts';
import { filling } from '../core/targets/filling.ts';
import type { PlannedGroup } from './cluster-groups.ts';

type Context = {
  readonly aws: Pick<Aws, 'observeTargets' | 'facts'>;
  readonly config: CoreConfig;
  readonly snapshot: Snapshot;
  /** As in the group's plan: these are not filled yet. */
  readonly unreachable: ReadonlySet<ResourceId>;
  /** As in the group's plan, too. */
  readonly settled: Settled;
  readonly signal: AbortSignal;
};

/**
 * The group's plan with what has to be done about the targets of target groups that exist; new ones are filled by the
 * plan already. One DescribeTargetHealth for each. Of a target group that clusters share nothing is said to be taken out
 * (see `planBindings`).
 */
export async function withTargetPlans(
  { planned, observed }: PlannedGroup,
  { aws, config, snapshot, unreachable, settled, signal }: Context,
): Promise<PlannedGroup> {
  const filled = filledTargetGroups({ planned, observed }, config).filter(
    ({ found }) => !isTouched(found, planned) && !unreachable.has(resourceId('target-group', found.name)),
  );
  if (filled.length === 0) return { planned, observed };
  const needsVpc = filled.some(({ intent }) => intent.targetType === 'ip');
  const { vpc, quotas } = await aws.facts({ ...onlyQuotas, vpc: needsVpc }, { signal });
  const plans = [];
  const registered = new Map<string, readonly ObservedTarget[]>();
  for (const { intent, found } of filled) {
    const { arn, name } = found;
    const targets = await aws.observeTargets(arn, { signal });
    registered.set(arn, targets);
    const own = intent.multiCluster ? new Set<string>() : undefined;
    const about = { name, arn, object: intent.member, intent, observed: targets };
    const hand = {
      ...firstLook(config),
      noted: found.tags[foreignTargetsTag],
      modes: modesFor(planned.model, config),
      told: settled,
    };
    plans.push(filling({ ...about, own, hand, snapshot, vpc, quotas, config }).plan);
  }
  const { plan, problems } = planned;
  const after = {
    ...planned,
    plan: {
      ...plan,
      operations: [...plan.operations, ...plans.flatMap(({ operations }) => operations)],
      held: [...plan.held, ...plans.flatMap(({ held }) => held)],
      drift: [...(plan.drift ?? []), ...plans.flatMap(({ drift = [] }) => drift)],
      foreign: [...plan.foreign, ...plans.flatMap(({ foreign }) => foreign)],
    },
    problems: [...problems, ...plans.flatMap((each) => each.problems)],
  };
  const targetGroups = observed.targetGroups.map((group) => ({
    ...group,
    targets: registered.get(group.arn) ?? group.targets,
  }));
  return { planned: after, observed: { ...observed, targetGroups } };
}

/** Target groups in AWS that the targets loop keeps filled after a start, with what for; held members' too. */
function filledTargetGroups(
  { planned: { model }, observed }: PlannedGroup,
  config: CoreConfig,
): readonly { readonly intent: TargetGroupIntent; readonly found: ObservedTargetGroup }[] {
  const isGated = failsLate(model, config);
  const intents = [...model.heldTargetGroups, ...model.targetGroups].filter(
    (intent) => !isGated || isInUse(intent, model, { observed, config }),
  );
  const byName = new Map(
    intents.flatMap((intent) => namesOf(intent, model, config).map((name) => [name, intent] as const)),
  );
  return observed.targetGroups.flatMap((found) => {
    const intent = byName.get(found.name);
    return intent === undefined ? [] : [{ intent, found }];
  });
}

/** The group's own plan fills it or removes it. */
function isTouched({ name }: ObservedTargetGroup, { plan: { operations } }: GroupPlan): boolean {
  const subject = resourceId('target-group', name);
  return operations.some(
    (operation) =>
      operation.subject === subject &&
      (operation.kind === 'registerTargets' || operation.kind === 'deleteTargetGroup'),
  );
}
