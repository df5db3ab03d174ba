// The plan of a group beside load balancers that are to go (replacement.ts says what each step waits for).

import { type OperationId, resourceId } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';
import type { HeldOperation, Plan } from '../domain/plan.ts';
import type { PlanContext } from './context.ts';
import { frontendPlan, isTargetStill } from './frontend-nlb.ts';
import { madeListeners, withoutTargets } from './frontend-order.ts';
import { groupProblem } from './group-problem.ts';
import { deleteLoadBalancer, leftovers } from './leftovers.ts';
import { listenerOperations } from './listeners.ts';
import { changeLoadBalancer, createLoadBalancer } from './load-balancers.ts';
import { isMoved, obstacleTo, readiness, type Replacement, retire, whyOldStays } from './replacement.ts';
import { withBothSecurityGroups } from './security-group-switch.ts';
import { securityGroupOperations } from './security-groups.ts';
import { targetGroupOperations } from './target-groups.ts';

/** Each step of the replacement as far as it may be taken now. */
export function replacementPlan(
  replacement: Replacement,
  context: PlanContext,
): Pick<Plan, 'operations' | 'held' | 'status'> & Partial<Pick<Plan, 'problems'>> {
  const { wanted, found, others } = replacement;
  const planned =
    found === undefined
      ? createLoadBalancer(wanted, context, [])
      : changeLoadBalancer(wanted, found, context);
  const listeners = listenerOperations(wanted.listeners, found, planned, context);
  const changes = [
    ...securityGroupOperations(context),
    ...targetGroupOperations(context),
    ...withBothSecurityGroups(planned.operations, listeners, found, context),
  ];
  const removals = (after: readonly OperationId[]): readonly Operation[] =>
    others.flatMap((other) => {
      const waiting = retire(other, after);
      return [waiting, { ...deleteLoadBalancer(other, context), dependsOn: [waiting.id] }];
    });
  const obstacle = obstacleTo(replacement, context);
  if (obstacle !== undefined) {
    const why = groupProblem(context, obstacle);
    const hold = (operation: Operation): HeldOperation => ({ operation, why });
    if (found !== undefined) return { operations: changes, held: removals([]).map(hold), status: 'stays' };
    const ready = readiness(replacement, planned, { before: changes, context });
    const all = [...changes, ...ready, ...removals(ready.map(({ id }) => id))];
    return { operations: [], held: all.map(hold) };
  }
  if (!isMoved(replacement, context)) {
    const ready = readiness(replacement, planned, { before: changes, context });
    return { operations: [...changes, ...ready], held: [], status: 'afterAll' };
  }
  const kept = others.flatMap((other) => {
    const words = whyOldStays(other, context);
    return words === undefined ? [] : [{ other, why: groupProblem(context, words) }];
  });
  const isKeptOther = (operation: Operation): boolean =>
    kept.some(({ other }) => operation.subject === resourceId('load-balancer', other.name));
  // The network load balancer follows the status; what it leads to yet cannot go.
  const front = frontendPlan({ loadBalancer: found, made: madeListeners(changes) }, [], context);
  const isFollowed = !others.some((other) => isTargetStill(other, front, context));
  const after = front.operations.map(({ id }) => id);
  const gone =
    context.complete && isFollowed ? removals(after).filter((operation) => !isKeptOther(operation)) : [];
  const before = [...withoutTargets(changes, found, front, context), ...front.operations, ...gone];
  return {
    operations: [...before, ...leftovers(before, context)],
    held: [
      ...front.held,
      ...kept.map(({ other, why }) => ({ operation: deleteLoadBalancer(other, context), why })),
    ],
    problems: front.problems,
    ...(front.status && { status: front.status }),
  };
}
