// What leads to a target group, and which operations end that.

import type { OperationId, TargetGroupArn } from '../domain/ids.ts';
import type { ObservedListener, ObservedRule, ObservedTargetGroup } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import { forwardTargets, type PlanContext } from './context.ts';

/**
 * The operations that take away every reference to a target group; undefined when a reference stays (a kept or foreign
 * rule), for AWS would answer ResourceInUse.
 */
export function releasedBy(
  found: ObservedTargetGroup,
  operations: readonly Operation[],
  context: PlanContext,
): readonly OperationId[] | undefined {
  const releases = context.observed.loadBalancers.flatMap(
    (loadBalancer): readonly (OperationId | undefined)[] => {
      const gone = operations.find(
        (operation) => operation.kind === 'deleteLoadBalancer' && operation.loadBalancer === loadBalancer.arn,
      );
      if (gone !== undefined) return [gone.id];
      return loadBalancer.listeners.flatMap((listener) => listenerReleases(found.arn, listener, operations));
    },
  );
  const ids = releases.filter((id) => id !== undefined);
  return ids.length === releases.length ? ids : undefined;
}

/** For each reference of a listener the operation that ends it; undefined for one that stays. */
function listenerReleases(
  arn: TargetGroupArn,
  listener: ObservedListener,
  operations: readonly Operation[],
): readonly (OperationId | undefined)[] {
  const closed = operations.find(
    (operation) => operation.kind === 'deleteListener' && operation.listener === listener.arn,
  );
  if (closed !== undefined) return [closed.id];
  const changed = operations.find(
    (operation) =>
      operation.kind === 'modifyListener' &&
      operation.listener === listener.arn &&
      !forwardTargets(operation.spec.defaultActions).includes(arn),
  );
  const byDefault = forwardTargets(listener.defaultActions).includes(arn) ? [changed?.id] : [];
  const rules = listener.rules.filter((rule) => forwardTargets(rule.actions).includes(arn));
  return [...byDefault, ...rules.map((rule) => ruleRelease(arn, rule, operations)?.id)];
}

function ruleRelease(
  arn: TargetGroupArn,
  rule: ObservedRule,
  operations: readonly Operation[],
): Operation | undefined {
  return operations.find(
    (operation) =>
      (operation.kind === 'deleteRule' && operation.rule === rule.arn) ||
      (operation.kind === 'modifyRule' &&
        operation.rule === rule.arn &&
        !forwardTargets(operation.content.actions).includes(arn)),
  );
}
