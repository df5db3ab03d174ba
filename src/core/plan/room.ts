// What a load balancer has room for while it changes. Old and new stand side by side for a while, which a full one has no
// room for: then rules are rewritten in place, traffic moves without a warm-up, and certificates go before others come.

import type { DesiredListener } from '../domain/desired-group.ts';
import type { QuotaName } from '../domain/facts.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import { limitOf } from '../domain/quotas.ts';
import type { Action } from '../domain/rule.ts';
import { actionsWithArns, forwardTargets, isOwned, type PlanContext, targetGroupKey } from './context.ts';
import { certificateChanges } from './listener-certificates.ts';
import { ruleEntries } from './rule-entries.ts';

/** Rules that may be made before others go; none where target groups or targets of both would not fit beside each other. */
export function ruleHeadroom(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  context: PlanContext,
): number {
  if (found === undefined) return limitOf('rules-per-application-load-balancer', context.quotas);
  if (isCrowded(wanted, found, context)) return 0;
  // The quota counts the rules of all listeners, without default ones (L-7EED9B64).
  const rules = found.listeners.reduce((sum, listener) => sum + listener.rules.length, 0);
  return limitOf('rules-per-application-load-balancer', context.quotas) - rules;
}

/** Whether all wanted rules have room beside so many on listeners that nobody wants. */
export function fitBeside(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  unwanted: number,
  context: PlanContext,
): boolean {
  const all = wanted.reduce((sum, listener) => {
    const current = found?.listeners.find(({ port }) => port === listener.port);
    const foreign = current?.rules.filter(({ tags }) => !isOwned(tags, context)).length ?? 0;
    return sum + ruleEntries(listener, current, context).length + foreign;
  }, unwanted);
  return all <= limitOf('rules-per-application-load-balancer', context.quotas);
}

function isCrowded(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer,
  context: PlanContext,
): boolean {
  const used = found.listeners.flatMap(({ defaultActions, rules }) => names(defaultActions, rules));
  const needed = wanted.flatMap(({ defaultActions, rules }) =>
    names(
      actionsWithArns(defaultActions, context.arnOf),
      rules.map(({ actions }) => ({ actions: actionsWithArns(actions, context.arnOf) })),
    ),
  );
  const both = [...new Set([...used, ...needed].map(targetGroupKey))];
  const over = (quota: QuotaName, count: number): boolean => count > limitOf(quota, context.quotas);
  const targets = both.reduce((sum, key) => sum + targetsOf(key, context), 0);
  return (
    over('target-groups-per-application-load-balancer', both.length) ||
    over('targets-per-application-load-balancer', targets)
  );
}

function names<T>(
  defaultActions: readonly Action<T>[],
  rules: readonly { readonly actions: readonly Action<T>[] }[],
): readonly T[] {
  return forwardTargets([...defaultActions, ...rules.flatMap(({ actions }) => actions)]);
}

/** Targets that nobody has read are taken to be as many as the fullest target group should have. */
function targetsOf(key: string, { desired, observed }: PlanContext): number {
  const found = observed.targetGroups.find(({ arn }) => arn === key);
  const wanted = desired.targetGroups.find(({ id, name }) => id === key || name === found?.name);
  const most = (): number => Math.max(0, ...desired.targetGroups.map(({ targets }) => targets.length));
  return found?.targets?.length ?? wanted?.targets.length ?? most();
}

export type CertificateRoom = {
  /** The default certificate need not be in the SNI list, where it takes a place. */
  readonly leavesOutDefault: boolean;
  readonly removesFirst: boolean;
};

/** How the certificates of all listeners fit (L-9365A611, which counts the SNI lists). */
export function certificateRoom(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  context: PlanContext,
): CertificateRoom {
  const counts = wanted.map((listener) => {
    const present = found?.listeners.find(({ port }) => port === listener.port);
    if (present === undefined) return { peak: listener.certificateArns.length, removed: 0 };
    const { add, remove } = certificateChanges(listener, present, context);
    return { peak: (present.certificates?.length ?? 0) + add.length, removed: remove.length };
  });
  const limit = limitOf('certificates-per-application-load-balancer', context.quotas);
  const peak = counts.reduce((sum, count) => sum + count.peak, 0);
  const removed = counts.reduce((sum, count) => sum + count.removed, 0);
  return { leavesOutDefault: peak - removed > limit, removesFirst: peak > limit };
}
