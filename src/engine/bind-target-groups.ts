import { isDeepStrictEqual } from 'node:util';
import type { CoreConfig } from '../core/domain/config.ts';
import type { Facts } from '../core/domain/facts.ts';
import type { TargetGroupIntent } from '../core/domain/group-model.ts';
import type { ObservedGroup, ObservedTargetGroup } from '../core/domain/observed-group.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { ObservedTarget } from '../core/domain/target.ts';
import { targetGroupName } from '../core/desired/names.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import type { Memory } from './memory.ts';
import { afterwards } from './targets-loop.ts';

type Input = {
  readonly planned: GroupPlan;
  readonly facts: Facts;
  readonly observed: ObservedGroup;
  readonly outcomes: readonly Outcome[];
};
type Context = {
  readonly config: CoreConfig;
  readonly memory: Memory;
  readonly onBound: (targetGroup: string) => void;
};

/**
 * Hands a group's target groups to the targets loop, after a run of the group. What the plan registered is remembered,
 * so that nothing is read or registered twice. A target group that only a held member wants keeps what it had.
 */
export function bindTargetGroups({ planned, facts, observed, outcomes }: Input, context: Context): void {
  const { memory, config } = context;
  const { key } = planned.desired;
  const present = new Map(observed.targetGroups.map((group) => [group.name, group]));
  for (const { name, group } of memory.bindings())
    if (group === key && !present.has(name)) memory.unbind(name);
  for (const intent of planned.model.targetGroups) {
    const name = targetGroupName(config.clusterName, key, intent);
    const found = present.get(name);
    if (found === undefined) continue;
    const before = memory.binding(name);
    const own = outcomes.filter(({ operation }) => isOn(operation.subject, name));
    const targets = targetsAfter(found, before?.arn === found.arn ? before.targets : undefined, own);
    memory.bind({ name, arn: found.arn, group: key, intent, vpc: facts.vpc, quotas: facts.quotas, targets });
    if (isNews(before?.intent, intent) || before?.arn !== found.arn) context.onBound(name);
  }
}

const isOn = (subject: string, name: string): boolean => subject === `target-group/${name}`;

function targetsAfter(
  { targets }: ObservedTargetGroup,
  remembered: readonly ObservedTarget[] | undefined,
  outcomes: readonly Outcome[],
): readonly ObservedTarget[] | undefined {
  const isNew = outcomes.some(
    ({ kind, operation }) => kind === 'done' && operation.kind === 'createTargetGroup',
  );
  const before = isNew ? [] : (remembered ?? targets);
  return before === undefined ? undefined : afterwards(before, outcomes);
}

const isNews = (before: TargetGroupIntent | undefined, after: TargetGroupIntent): boolean =>
  !isDeepStrictEqual(before, after);
