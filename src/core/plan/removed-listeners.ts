import type { DesiredListener } from '../domain/desired-group.ts';
import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedListener, ObservedLoadBalancer, ObservedRule } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import { unwanted } from './because.ts';
import { isOwned, type PlanContext } from './context.ts';
import { isHolding, isKept, keptDefaultActions } from './kept.ts';
import { planRules, ruleEntries } from './rule-entries.ts';
import { ruleOperations } from './rule-operations.ts';

/**
 * Listeners of ours that nobody wants. One on which a held member or a stranger has something left stays, and loses only
 * what nobody wants on it.
 */
export function removedListeners(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  after: readonly OperationId[],
  context: PlanContext,
): readonly Operation[] {
  return unwantedListeners(wanted, found, context).flatMap((listener): readonly Operation[] => {
    const subject = wantedId(listener);
    if (isInUse(listener, context)) return removedRules(listener, after, context);
    return [
      {
        kind: 'deleteListener',
        id: operationId('deleteListener', subject),
        subject,
        because: unwanted(`no Ingress listens on port ${listener.port} any more`),
        dependsOn: after,
        listener: listener.arn,
      },
    ];
  });
}

/** How many rules the listeners have that nobody wants, and how many of them go. */
export function rulesOfUnwanted(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  context: PlanContext,
): { readonly all: number; readonly going: number } {
  const listeners = unwantedListeners(wanted, found, context);
  const going = listeners.flatMap((listener) =>
    isInUse(listener, context) ? listener.rules.filter((rule) => !stays(rule, context)) : listener.rules,
  );
  return { all: listeners.flatMap(({ rules }) => rules).length, going: going.length };
}

function unwantedListeners(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  context: PlanContext,
): readonly ObservedListener[] {
  if (!context.complete) return [];
  return (found?.listeners ?? []).filter((listener) => {
    const isWaiting = context.desired.loadBalancer?.waitingPorts.includes(listener.port) === true;
    if (isWaiting || wanted.some((other) => other.port === listener.port)) return false;
    return isOwned(listener.tags, context) && !(isHolding(context) && listener.rules.length === 0);
  });
}

function isInUse(listener: ObservedListener, context: PlanContext): boolean {
  return (
    keptDefaultActions(listener, context) !== undefined || listener.rules.some((rule) => stays(rule, context))
  );
}

const stays = (rule: ObservedRule, context: PlanContext): boolean =>
  isKept(rule, context) || !isOwned(rule.tags, context);

/** The rules of ours that are no held member's. */
function removedRules(
  listener: ObservedListener,
  after: readonly OperationId[],
  context: PlanContext,
): readonly Operation[] {
  const entries = ruleEntries({ rules: [] }, listener, context);
  return ruleOperations(
    planRules(entries, listener, 0, context),
    { id: wantedId(listener), port: listener.port, arn: listener.arn, context },
    { after, defaultAction: undefined },
  );
}

function wantedId(listener: ObservedListener): DesiredListener['id'] {
  return listener.arn as unknown as DesiredListener['id'];
}
