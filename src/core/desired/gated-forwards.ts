import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel, TargetGroupIntent } from '../domain/group-model.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Action } from '../domain/rule.ts';
import { targetGroupName } from './names.ts';

/** Whether ALBC would fail at a listener or a rule of this group because the gate WeightedTargetGroups is off. */
export function failsLate({ listeners }: Pick<GroupModel, 'listeners'>, config: CoreConfig): boolean {
  if (config.featureGates.WeightedTargetGroups || config.policy.gatedForwards === 'hold') return false;
  return listeners.some(
    ({ defaultActions, rules }) =>
      isWeighted(defaultActions) || rules.some(({ actions }) => isWeighted(actions)),
  );
}

const isWeighted = (actions: readonly Action<unknown>[]): boolean =>
  actions.some((action) => action.kind === 'forward' && action.targetGroups.length > 1);

/** Whether something in AWS forwards to the target group: ALBC fills a new one only after the rules. */
export function isInUse(
  intent: TargetGroupIntent,
  { key }: GroupModel,
  { observed, config }: { readonly observed: ObservedGroup; readonly config: CoreConfig },
): boolean {
  const name = targetGroupName(config.clusterName, key, intent);
  const arn = observed.targetGroups.find((group) => group.name === name)?.arn;
  return arn !== undefined && forwardedTo(observed).has(arn);
}

/** The target groups that something in AWS forwards to. */
export function forwardedTo({ loadBalancers }: Pick<ObservedGroup, 'loadBalancers'>): ReadonlySet<string> {
  const listeners = loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  const actions = listeners.flatMap(({ defaultActions, rules }) => [
    ...defaultActions,
    ...rules.flatMap((rule) => rule.actions),
  ]);
  return new Set(
    actions.flatMap((action) =>
      action.kind === 'forward' ? action.targetGroups.map(({ targetGroup }) => targetGroup) : [],
    ),
  );
}
