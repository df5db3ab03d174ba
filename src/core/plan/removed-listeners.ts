import type { DesiredListener } from '../domain/desired-group.ts';
import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedListener, ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import { unwanted } from './because.ts';
import { isOwned, type PlanContext } from './context.ts';
import { isHolding, isKept, keptDefaultActions } from './kept.ts';

/** Listeners of ours that nobody wants and on which no held member has anything left. */
export function removedListeners(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  after: readonly OperationId[],
  context: PlanContext,
): readonly Operation[] {
  if (!context.complete) return [];
  return (found?.listeners ?? []).flatMap((listener): Operation[] => {
    const isWaiting = context.desired.loadBalancer?.waitingPorts.includes(listener.port) === true;
    if (isWaiting || wanted.some((other) => other.port === listener.port)) return [];
    if (!isOwned(listener.tags, context)) return [];
    const isInUse =
      keptDefaultActions(listener, context) !== undefined ||
      listener.rules.some((rule) => isKept(rule, context) || !isOwned(rule.tags, context));
    if (isInUse || (isHolding(context) && listener.rules.length === 0)) return [];
    const subject = wantedId(listener);
    const because = unwanted(`no Ingress listens on port ${listener.port} any more`);
    return [
      {
        kind: 'deleteListener',
        id: operationId('deleteListener', subject),
        subject,
        because,
        dependsOn: after,
        listener: listener.arn,
      },
    ];
  });
}

function wantedId(listener: ObservedListener): DesiredListener['id'] {
  return listener.arn as unknown as DesiredListener['id'];
}
