// What a load balancer counts for in each quota, the same for one that AWS has and one that is wanted.

import { ruleCounts } from '../desired/quota-rule.ts';
import type { SecurityGroupRule, Tags } from '../domain/desired-group.ts';
import type { QuotaName } from '../domain/facts.ts';
import { targetsOfRegistration } from '../domain/quotas.ts';
import type { Action, RuleContent } from '../domain/rule.ts';

/** Target groups are named, so that one that is used twice is counted once. */
export type CountedListener = {
  readonly port: number;
  /** Without the default one, which AWS does not count. */
  readonly certificates: number;
  readonly defaultActions: readonly Action<string>[];
  readonly rules: readonly Pick<RuleContent<string>, 'conditions' | 'actions'>[];
};

export type Count = { readonly quota: QuotaName; readonly count: number };

/** Quotas of the load balancer that its listeners tell; targets and security groups are counted by the caller. */
export function listenersCounts(listeners: readonly CountedListener[]): readonly Count[] {
  const rules = listeners.map((listener) => listener.rules.length);
  const names = listeners.flatMap(({ defaultActions, rules: its }) =>
    [defaultActions, ...its.map(({ actions }) => actions)].flatMap(forwardedTo),
  );
  return [
    { quota: 'rules-per-application-load-balancer', count: sum(rules) },
    { quota: 'listeners-per-application-load-balancer', count: listeners.length },
    {
      quota: 'certificates-per-application-load-balancer',
      count: sum(listeners.map(({ certificates }) => certificates)),
    },
    { quota: 'target-groups-per-application-load-balancer', count: new Set(names).size },
  ];
}

/** Quotas of a network load balancer, whose every port leads to a load balancer. */
export function networkCounts({
  attributes,
  listeners,
}: {
  readonly attributes: Tags | undefined;
  readonly listeners: readonly unknown[];
}): readonly Count[] {
  const count = listeners.length * targetsOfRegistration(attributes);
  return [
    { quota: 'listeners-per-network-load-balancer', count: listeners.length },
    { quota: 'targets-per-network-load-balancer', count },
    { quota: 'targets-per-availability-zone-per-network-load-balancer', count },
  ];
}

/** Quotas of one rule: those of the fullest rule of the listener, the default one included. */
export function fullestRule({ rules, defaultActions }: CountedListener): readonly Count[] {
  const all = [{ conditions: [], actions: defaultActions }, ...rules].map(ruleCounts);
  return (all[0] ?? []).map(({ quota }, index) => ({
    quota,
    count: Math.max(...all.map((counts) => counts[index]?.wanted ?? 0)),
  }));
}

/**
 * Inbound rules as AWS counts them: IPv4 and IPv6 apart, so the larger of both; a prefix list counts for its largest
 * number of entries, which nobody asked for here, so it counts as one.
 */
export function inboundRules(rules: readonly SecurityGroupRule[]): number {
  const without = (kind: SecurityGroupRule['source']['kind']): number =>
    rules.filter(({ source }) => source.kind !== kind).length;
  return Math.max(without('ipv4'), without('ipv6'));
}

const forwardedTo = (actions: readonly Action<string>[]): readonly string[] =>
  actions.flatMap((action) =>
    action.kind === 'forward' ? action.targetGroups.map(({ targetGroup }) => targetGroup) : [],
  );

export const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
