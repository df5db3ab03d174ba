// The ledger: what AWS has and what is wanted of every limit, a row for each thing that has the limit.

import { staying } from '../desired/quota-usage.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup, DesiredListener } from '../domain/desired-group.ts';
import type { Quota, QuotaName, RegionUse } from '../domain/facts.ts';
import type { GroupKey } from '../domain/ids.ts';
import type {
  ObservedGroup,
  ObservedListener,
  ObservedLoadBalancer,
  ObservedSecurityGroup,
} from '../domain/observed-group.ts';
import { type LimitScope, quotaOf, quotaTable } from '../domain/quotas.ts';
import type { Action } from '../domain/rule.ts';
import {
  type Count,
  type CountedListener,
  fullestRule,
  inboundRules,
  listenersCounts,
  networkCounts,
  sum,
} from './counts.ts';

export type LimitRow = {
  readonly scope: LimitScope;
  /** Undefined: of the region. */
  readonly group: GroupKey | undefined;
  /** In AWS; a listener's is `load balancer:port`. */
  readonly name: string;
  readonly quota: QuotaName;
  /** What AWS has; undefined: not read. */
  readonly used: number | undefined;
  /** What it will have with everything that is asked for and fits; undefined: nobody plans here. */
  readonly wanted: number | undefined;
  readonly limit: number;
  readonly source: Quota['source'];
  /** When AWS told the limit, in epoch milliseconds. */
  readonly readAt: number | undefined;
  /** When it will be full; absent: nobody asked, or it does not fill with time. */
  readonly forecast?: Forecast;
};

/** Days until the limit; `steady`: nothing comes; `tooShort`: there is no history to tell from. */
export type Forecast = number | 'steady' | 'tooShort';

/** The row as it is where nothing can be said of the days to come. */
export const withForecast = (row: LimitRow, forecast: Forecast | undefined): LimitRow =>
  forecast === undefined ? row : { ...row, forecast };

/** The larger of what is there and what is wanted, as a part of the limit; 1 of a limit of 0. */
export function share({ used = 0, wanted = 0, limit }: Pick<LimitRow, 'used' | 'wanted' | 'limit'>): number {
  const most = Math.max(used, wanted);
  return limit === 0 ? Math.min(1, most) : most / limit;
}

/** From here on people should know. */
export const warnAt = 0.8;

/** What a dashboard says of a limit. */
export type Usage = { readonly quota: QuotaName; readonly used: number; readonly limit: number };

/** Of several things with the same limit the fullest, as AWS has them. */
export function usage(observed: ObservedGroup, quotas: readonly Quota[]): readonly Usage[] {
  const fullest = new Map<QuotaName, Usage>();
  for (const { quota, used, limit } of groupRows({ observed, quotas })) {
    if (used !== undefined && used >= (fullest.get(quota)?.used ?? 0))
      fullest.set(quota, { quota, used, limit });
  }
  return [...fullest.values()];
}

type GroupInput = {
  readonly observed: ObservedGroup;
  readonly quotas: readonly Quota[];
  /** Undefined: only what there is. */
  readonly wanted?: { readonly desired: DesiredGroup; readonly config: CoreConfig } | undefined;
};

/** Rows of a group's load balancers, with their listeners, target groups and own security groups. */
export function groupRows({ observed, quotas, wanted }: GroupInput): readonly LimitRow[] {
  const rows = new Rows(observed.key, quotas);
  const used = observed.loadBalancers.filter(({ type }) => type === 'application');
  for (const loadBalancer of used) {
    const listeners = loadBalancer.listeners.map((listener) => observedListener(listener, observed));
    rows.count('used', 'load balancer', loadBalancer.name, presentCounts(loadBalancer, listeners, observed));
    for (const one of listeners)
      rows.count('used', 'listener', `${loadBalancer.name}:${one.port}`, fullestRule(one));
  }
  for (const network of observed.loadBalancers.filter(({ type }) => type === 'network'))
    rows.count('used', 'network load balancer', network.name, networkCounts(network));
  for (const { name, targets } of observed.targetGroups)
    rows.count('used', 'target group', name, [{ quota: 'targets-per-target-group', count: targets?.length }]);
  for (const { name, ingress } of observed.securityGroups)
    rows.count('used', 'security group', name, [
      { quota: 'rules-per-security-group', count: inboundRules(ingress) },
    ]);
  if (wanted !== undefined) countWanted(rows, { ...wanted, observed });
  return rows.all();
}

function presentCounts(
  { arn, securityGroups }: ObservedLoadBalancer,
  listeners: readonly CountedListener[],
  { targetGroups }: ObservedGroup,
): readonly Unsure[] {
  const targets = targetGroups
    .filter(({ loadBalancerArns }) => loadBalancerArns.includes(arn))
    .map((group) => group.targets?.length);
  return [
    ...listenersCounts(listeners),
    {
      quota: 'targets-per-application-load-balancer',
      count: targets.includes(undefined) ? undefined : sum(targets.map((count) => count ?? 0)),
    },
    { quota: 'security-groups-per-interface', count: securityGroups.length },
  ];
}

type Wanted = {
  readonly desired: DesiredGroup;
  readonly config: CoreConfig;
  readonly observed: ObservedGroup;
};

function countWanted(rows: Rows, { desired, config, observed }: Wanted): void {
  const { loadBalancer, frontendNlb, targetGroups, securityGroups } = desired;
  if (loadBalancer === undefined) return;
  const { name } = loadBalancer;
  const stays = staying(desired, config);
  const present = observed.loadBalancers.find((one) => one.name === name)?.listeners ?? [];
  const kept = present
    .map((listener) => observedListener({ ...listener, rules: listener.rules.filter(stays) }, observed))
    .filter(({ rules }) => rules.length > 0);
  const listeners = [
    ...loadBalancer.listeners.map((listener) => {
      const wanted = desiredListener(listener, desired);
      const others = kept.find(({ port }) => port === listener.port)?.rules ?? [];
      return { ...wanted, rules: [...wanted.rules, ...others] };
    }),
    ...kept.filter(({ port }) => !loadBalancer.listeners.some((listener) => listener.port === port)),
  ];
  rows.count('wanted', 'load balancer', name, [
    ...listenersCounts(listeners),
    {
      quota: 'targets-per-application-load-balancer',
      count: sum(targetGroups.map(({ targets }) => targets.length)),
    },
    { quota: 'security-groups-per-interface', count: loadBalancer.securityGroups.length },
  ]);
  if (frontendNlb !== undefined) {
    const { loadBalancer: network, listeners: ports } = frontendNlb;
    const counts = networkCounts({ attributes: network.attributes, listeners: ports });
    rows.count('wanted', 'network load balancer', network.name, counts);
  }
  for (const one of listeners) rows.count('wanted', 'listener', `${name}:${one.port}`, fullestRule(one));
  for (const group of targetGroups)
    rows.count('wanted', 'target group', group.name, [
      { quota: 'targets-per-target-group', count: group.targets.length },
    ]);
  for (const group of securityGroups)
    rows.count('wanted', 'security group', group.name, [
      { quota: 'rules-per-security-group', count: inboundRules(group.ingress) },
    ]);
}

function observedListener(
  { port, rules, defaultActions, certificates = [], defaultCertificate }: ObservedListener,
  { targetGroups }: ObservedGroup,
): CountedListener {
  const named = (actions: readonly Action<string>[]): readonly Action<string>[] =>
    renamed(actions, (arn) => targetGroups.find((group) => group.arn === arn)?.name ?? arn);
  return {
    port,
    certificates: certificates.filter((arn) => arn !== defaultCertificate).length,
    defaultActions: named(defaultActions),
    rules: rules.map(({ conditions, actions }) => ({ conditions, actions: named(actions) })),
  };
}

function desiredListener(
  { port, rules, defaultActions, certificateArns }: DesiredListener,
  { targetGroups }: DesiredGroup,
): CountedListener {
  const named = (actions: DesiredListener['defaultActions']): readonly Action<string>[] =>
    renamed(actions, (ref) =>
      ref.kind === 'arn' ? ref.arn : (targetGroups.find(({ id }) => id === ref.id)?.name ?? ref.id),
    );
  return {
    port,
    certificates: Math.max(0, certificateArns.length - 1),
    defaultActions: named(defaultActions),
    rules: rules.map(({ conditions, actions }) => ({ conditions, actions: named(actions) })),
  };
}

function renamed<T>(actions: readonly Action<T>[], nameOf: (of: T) => string): readonly Action<string>[] {
  return actions.map((action) =>
    action.kind === 'forward'
      ? {
          ...action,
          targetGroups: action.targetGroups.map((entry) => ({
            ...entry,
            targetGroup: nameOf(entry.targetGroup),
          })),
        }
      : action,
  );
}

/**
 * Rows of the region, whose figures count what others made there too.
 *
 * `groups`: those that are planned, for what they would add or take away.
 */
export function regionRows(input: {
  readonly region: string;
  readonly use: RegionUse | undefined;
  readonly groups: readonly { readonly desired: DesiredGroup; readonly observed: ObservedGroup }[];
  readonly quotas: readonly Quota[];
}): readonly LimitRow[] {
  const { region, use, groups, quotas } = input;
  const rows = new Rows(undefined, quotas);
  const growth = groups.map(({ desired, observed }) => {
    const present = (wanted: string): number =>
      observed.loadBalancers.filter(({ type }) => type === wanted).length;
    const ports = desired.frontendNlb?.listeners.length ?? 0;
    return {
      loadBalancers: Number(desired.loadBalancer !== undefined) - present('application'),
      networkLoadBalancers: Number(desired.frontendNlb !== undefined) - present('network'),
      targetGroups: desired.targetGroups.length + ports - observed.targetGroups.length,
      securityGroups: desired.securityGroups.length - observed.securityGroups.length,
    };
  });
  const all = [
    ['application-load-balancers', 'loadBalancers'],
    ['network-load-balancers', 'networkLoadBalancers'],
    ['target-groups', 'targetGroups'],
    ['security-groups', 'securityGroups'],
  ] as const;
  for (const [quota, of] of all) {
    rows.count('used', 'region', region, [{ quota, count: use?.[of] }]);
    const more = sum(growth.map((group) => group[of]));
    const count = of === 'securityGroups' && use?.[of] === undefined ? undefined : (use?.[of] ?? 0) + more;
    rows.count('wanted', 'region', region, [{ quota, count }]);
  }
  return rows.all();
}

/** Rows of the security groups on nodes and pods, and of the one that all load balancers share. */
export function networkRows(
  groups: readonly ObservedSecurityGroup[],
  change: ReadonlyMap<string, number>,
  quotas: readonly Quota[],
): readonly LimitRow[] {
  const rows = new Rows(undefined, quotas);
  for (const { id, name, ingress } of groups) {
    const quota = 'rules-per-security-group';
    const count = inboundRules(ingress);
    const label = name === '' ? id : `${id} (${name})`;
    rows.count('used', 'security group', label, [{ quota, count }]);
    rows.count('wanted', 'security group', label, [{ quota, count: count + (change.get(id) ?? 0) }]);
  }
  return rows.all();
}

type Unsure = { readonly quota: QuotaName; readonly count: number | undefined };

/** Brings what is there and what is wanted of the same thing together, in the order of the table of quotas. */
class Rows {
  readonly #group: GroupKey | undefined;
  readonly #quotas: readonly Quota[];
  readonly #rows = new Map<string, LimitRow>();

  constructor(group: GroupKey | undefined, quotas: readonly Quota[]) {
    this.#group = group;
    this.#quotas = quotas;
  }

  count(what: 'used' | 'wanted', scope: LimitScope, name: string, counts: readonly (Count | Unsure)[]): void {
    for (const { quota, count } of counts) {
      const { limit, source, readAt } = quotaOf(quota, this.#quotas);
      const key = `${scope} ${name} ${quota}`;
      const fresh = { scope, group: this.#group, name, quota, limit, source, readAt };
      const before = this.#rows.get(key) ?? { ...fresh, used: undefined, wanted: undefined };
      this.#rows.set(key, { ...before, [what]: count });
    }
  }

  all(): readonly LimitRow[] {
    const order = Object.keys(quotaTable);
    return [...this.#rows.values()].toSorted(
      (a, b) => order.indexOf(a.quota) - order.indexOf(b.quota) || (a.name < b.name ? -1 : 1),
    );
  }
}
