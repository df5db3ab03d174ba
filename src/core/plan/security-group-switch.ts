// The security groups of a load balancer are what its targets let in. While traffic moves to other target groups as well,
// the old ones are reached from the old security groups and the new ones from the new, so for that time it has both.

import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Operation, OperationOf } from '../domain/operation.ts';
import { forwardTargets, type PlanContext } from './context.ts';
import { isHolding } from './kept.ts';

/** EC2: security groups of a network interface (L-2AFB9258 allows more, which nobody can count on). */
const perInterface = 5;

/**
 * The operations of a load balancer and of its listeners, with the change of security groups in two steps where it needs them.
 * What held members have is reached as before for as long as they are held.
 */
export function withBothSecurityGroups(
  operations: readonly Operation[],
  listeners: readonly Operation[],
  found: ObservedLoadBalancer | undefined,
  context: PlanContext,
): readonly Operation[] {
  const change = operations.find((operation) => operation.kind === 'setSecurityGroups');
  const old = (found?.securityGroups ?? []).filter((id) => change?.securityGroups.includes(id) === false);
  const count = (change?.securityGroups.length ?? 0) + old.length;
  if (change === undefined || found === undefined || old.length === 0 || count > perInterface)
    return [...operations, ...listeners];
  if (!usesOthers(found, context)) return [...operations, ...listeners];
  const isWhole = change.securityGroups.every((group) => found.securityGroups.some((id) => id === group));
  const both = isWhole ? [] : [{ ...change, securityGroups: [...change.securityGroups, ...old] }];
  const before = operations.flatMap((operation) => (operation === change ? both : [operation]));
  if (isHolding(context)) return [...before, ...listeners];
  return [
    ...before,
    ...listeners,
    withoutOld(
      change,
      [...both, ...listeners].map(({ id }) => id),
    ),
  ];
}

const withoutOld = (
  change: OperationOf<'setSecurityGroups'>,
  after: readonly OperationId[],
): OperationOf<'setSecurityGroups'> => ({
  ...change,
  id: operationId('setSecurityGroups', change.subject, 'without the old ones'),
  dependsOn: [...change.dependsOn, ...after],
});

/** Whether requests reach target groups that nobody wants. */
function usesOthers({ listeners }: ObservedLoadBalancer, { desired, observed }: PlanContext): boolean {
  const wanted = new Set(desired.targetGroups.map(({ name }) => name));
  const actions = listeners.flatMap(({ defaultActions, rules }) => [
    ...defaultActions,
    ...rules.flatMap((rule) => rule.actions),
  ]);
  const used = new Set(forwardTargets(actions));
  return observed.targetGroups.some(({ arn, name }) => used.has(arn) && !wanted.has(name));
}
