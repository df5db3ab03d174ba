import { isDeepStrictEqual } from 'node:util';
import type { CoreConfig } from '../core/domain/config.ts';
import type { Facts } from '../core/domain/facts.ts';
import type { TargetGroupIntent } from '../core/domain/group-model.ts';
import { type ResourceId, resourceId } from '../core/domain/ids.ts';
import type { ObservedGroup, ObservedTargetGroup } from '../core/domain/observed-group.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import { targetKey } from '../core/domain/target.ts';
import { foreignTargetsTag, modesFor } from '../core/domain/drift.ts';
import { nothingByHand } from '../core/targets/by-hand.ts';
import { targetGroupName } from '../core/desired/names.ts';
import { failsLate, isInUse } from '../core/desired/gated-forwards.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import type { Binding, Memory } from './memory.ts';
import { afterwards } from './targets-loop.ts';

type Input = {
  readonly planned: GroupPlan;
  readonly facts: Facts;
  readonly observed: ObservedGroup;
  readonly outcomes: readonly Outcome[];
  /** Target groups that get no targets yet. */
  readonly unfilled: ReadonlySet<ResourceId>;
};
type Context = {
  readonly config: CoreConfig;
  readonly memory: Memory;
  readonly onBound: (targetGroup: string) => void;
};

/**
 * Hands a group's target groups to the targets loop, after a run of the group. What the plan registered is remembered,
 * so that nothing is read or registered twice. A target group that only a held member wants keeps the binding that it had;
 * after a restart it gets one, so that the rules that stay for the member lead to pods of now.
 */
export function bindTargetGroups(
  { planned, facts, observed, outcomes, unfilled }: Input,
  context: Context,
): void {
  const { memory, config } = context;
  const { key } = planned.desired;
  const present = new Map(observed.targetGroups.map((group) => [group.name, group]));
  for (const { name, group } of memory.bindings())
    if (group === key && !present.has(name)) memory.unbind(name);
  const { targetGroups, heldTargetGroups } = planned.model;
  const nameOf = (intent: TargetGroupIntent) => targetGroupName(config.clusterName, key, intent);
  const isGated = failsLate(planned.model, config);
  const isUnfilled = (intent: TargetGroupIntent, name: string): boolean =>
    unfilled.has(resourceId('target-group', name)) ||
    (isGated && !isInUse(intent, planned.model, { observed, config }));
  const lost = heldTargetGroups.filter((intent) => memory.binding(nameOf(intent)) === undefined);
  // While traffic moves from one to the other, the one with the other name serves too.
  const others = targetGroups
    .map(({ second, ...intent }): TargetGroupIntent => (second ? intent : { ...intent, second: true }))
    .filter((intent) => memory.binding(nameOf(intent)) === undefined);
  for (const intent of [...lost, ...others, ...targetGroups]) {
    const name = nameOf(intent);
    const found = present.get(name);
    if (found === undefined || isUnfilled(intent, name)) continue;
    const before = memory.binding(name);
    const same = before?.arn === found.arn ? before : undefined;
    const { vpc, quotas } = facts;
    const { inherited } = memory.group(key);
    const registered = registeredIn(found, { same, inherited }, outcomesOf(name, outcomes));
    const modes = modesFor(planned.model, config);
    memory.bind({ name, arn: found.arn, group: key, intent, vpc, quotas, modes, ...registered });
    if (!isDeepStrictEqual(same?.intent, intent)) context.onBound(name);
  }
}

function outcomesOf(name: string, outcomes: readonly Outcome[]): readonly Outcome[] {
  const subject = resourceId('target-group', name);
  return outcomes.filter(({ operation }) => operation.subject === subject);
}

function registeredIn(
  { targets, tags }: ObservedTargetGroup,
  { same, inherited }: { readonly same: Binding | undefined; readonly inherited: boolean },
  outcomes: readonly Outcome[],
): Pick<Binding, 'targets' | 'inherited' | 'own' | 'byHand' | 'drift' | 'noted'> {
  const done = outcomes.flatMap(({ kind, operation }) => (kind === 'done' ? [operation] : []));
  const isNew = done.some(({ kind }) => kind === 'createTargetGroup');
  const before = isNew ? { targets: [] } : presentIn(targets, { same, inherited });
  const added = done
    .flatMap((operation) => (operation.kind === 'registerTargets' ? operation.targets : []))
    .map(targetKey);
  return {
    targets: before.targets && afterwards(before.targets, outcomes),
    inherited: before.inherited,
    own: new Set([...(same?.own ?? []), ...added]),
    noted: same?.noted ?? tags[foreignTargetsTag] ?? '',
    ...handsKnown(same, { isNew, outcomes }),
  };
}

/** What is in a target group, and whether that is only what another process left. */
function presentIn(
  found: ObservedTargetGroup['targets'],
  { same, inherited }: { readonly same: Binding | undefined; readonly inherited: boolean },
): Pick<Binding, 'targets' | 'inherited'> {
  if (same?.targets !== undefined) return same;
  if (!inherited) return { targets: found };
  // What was inherited and has been lost is not taken once more: somebody may have written since.
  return same === undefined && found !== undefined
    ? { targets: found, inherited: true }
    : { targets: undefined };
}

/** Of a target group that was made now everything is known without a reading. What had no answer may be there. */
function handsKnown(
  { byHand = nothingByHand, drift }: Pick<Binding, 'byHand' | 'drift'> = {},
  { isNew, outcomes }: { readonly isNew: boolean; readonly outcomes: readonly Outcome[] },
): Pick<Binding, 'byHand' | 'drift'> {
  const known = isNew ? [] : byHand.known;
  const tried = outcomes.flatMap(({ operation }) =>
    operation.kind === 'registerTargets' ? operation.targets.map(targetKey) : [],
  );
  return {
    byHand: { ...byHand, known: known && new Set([...known, ...tried]) },
    ...(drift === undefined ? {} : { drift }),
  };
}
