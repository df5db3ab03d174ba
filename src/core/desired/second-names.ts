// A target group can serve one load balancer only (ELBv2: TargetGroupAssociationLimit), and its address family cannot be
// changed. While one with the usual name is in such a way not to be had, another one with a second name takes its place
// and keeps it: names do not matter once tags say what a target group is for, and the next replacement finds the first name free.

import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel, TargetGroupIntent } from '../domain/group-model.ts';
import type { ObservedGroup, ObservedLoadBalancer, ObservedTargetGroup } from '../domain/observed-group.ts';
import { isWarmUp } from '../domain/warm-up-host.ts';
import { targetGroupName } from './names.ts';
import { presentLoadBalancer } from './present.ts';

/** The model with every target group under the name that it has, or can have, for the load balancer that is wanted. */
export function withSecondNames(model: GroupModel, observed: ObservedGroup, config: CoreConfig): GroupModel {
  if (config.policy.replacements === 'deleteFirst') return model;
  const current = presentLoadBalancer(observed, model.loadBalancer.scheme);
  const named = (intent: TargetGroupIntent): TargetGroupIntent => {
    const rank = (name: string): number => rankOf(name, intent, { observed, current });
    const [first, second] = namesOf(intent, model, config);
    return rank(second) > rank(first) ? { ...intent, second: true } : intent;
  };
  return {
    ...model,
    targetGroups: model.targetGroups.map(named),
    heldTargetGroups: model.heldTargetGroups.map(named),
  };
}

/** The two names that a target group of this intent can have. */
export function namesOf(
  intent: TargetGroupIntent,
  { key }: Pick<GroupModel, 'key'>,
  { clusterName }: Pick<CoreConfig, 'clusterName'>,
): readonly [string, string] {
  const { second: _second, ...usual } = intent;
  return [
    targetGroupName(clusterName, key, usual),
    targetGroupName(clusterName, key, { ...usual, second: true }),
  ];
}

type At = { readonly observed: ObservedGroup; readonly current: ObservedLoadBalancer | undefined };

/** 0: not to be had, 1: not made yet, 2: free, 3: in use where it is wanted. */
function rankOf(name: string, { ipAddressType }: TargetGroupIntent, { observed, current }: At): number {
  const found = observed.targetGroups.find((group) => group.name === name);
  if (found === undefined) return 1;
  const isTaken = observed.loadBalancers.some((other) => other !== current && serves(found, other));
  if (isTaken || found.ipAddressType !== ipAddressType) return 0;
  return current !== undefined && serves(found, current) ? 3 : 2;
}

/** Whether a request can reach the target group. */
export function serves(
  { arn }: ObservedTargetGroup,
  { listeners }: Pick<ObservedLoadBalancer, 'listeners'>,
): boolean {
  const actions = listeners.flatMap(({ defaultActions, rules }) => [
    ...defaultActions,
    ...rules.filter((rule) => !isWarmUp(rule)).flatMap((rule) => rule.actions),
  ]);
  return actions.some(
    (action) =>
      action.kind === 'forward' && action.targetGroups.some(({ targetGroup }) => targetGroup === arn),
  );
}
