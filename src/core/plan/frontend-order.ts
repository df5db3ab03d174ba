// A load balancer that is a target cannot be deleted, nor can the listener on the port of the target: what of a group's own
// plan comes after the network load balancer in front of it has let go.

import type { OperationId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import type { PlanContext } from './context.ts';
import { type FrontendPlan, isTargetStill } from './frontend-nlb.ts';

/** By port, the listeners that a plan makes. */
export const madeListeners = (operations: readonly Operation[]): ReadonlyMap<number, OperationId> =>
  new Map(
    operations.flatMap((operation) =>
      operation.kind === 'createListener' ? [[operation.spec.port, operation.id]] : [],
    ),
  );

/** A listener that is a target goes when it is none any more. */
export function withoutTargets(
  operations: readonly Operation[],
  found: ObservedLoadBalancer | undefined,
  front: FrontendPlan,
  context: PlanContext,
): readonly Operation[] {
  return operations.flatMap((operation) => {
    if (operation.kind !== 'deleteListener') return [operation];
    const listener = found?.listeners.find(({ arn }) => arn === operation.listener);
    const stays =
      found !== undefined &&
      listener !== undefined &&
      isTargetStill({ arn: found.arn, port: listener.port }, front, context);
    return stays ? [] : [afterFront(operation, front)];
  });
}

/** A load balancer that is a target cannot be deleted, nor can the listener on the port of the target. */
export const afterFront = (operation: Operation, { releases }: FrontendPlan): Operation => ({
  ...operation,
  dependsOn: [...operation.dependsOn, ...releases],
});
