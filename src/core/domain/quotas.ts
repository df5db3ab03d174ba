import type { Quota, QuotaName } from './facts.ts';

type Entry = {
  readonly code: string;
  readonly default: number;
  readonly adjustable: boolean;
  readonly unit: string;
};

/**
 * AWS's documented limits, in force where DescribeAccountLimits says nothing else. Codes are those of Service Quotas
 * (service `elasticloadbalancing`).
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const quotaTable: Readonly<Record<QuotaName, Entry>> = {
  'application-load-balancers': entry('L-53DA6B97', 50, 'yes', 'load balancers'),
  'target-groups': entry('L-B22855CB', 3000, 'yes', 'target groups'),
  'listeners-per-application-load-balancer': entry('L-B6DF7632', 50, 'yes', 'listeners'),
  // Of all listeners together, without default rules.
  'rules-per-application-load-balancer': entry('L-7EED9B64', 100, 'yes', 'rules'),
  // Without the default certificates.
  'certificates-per-application-load-balancer': entry('L-9365A611', 25, 'yes', 'certificates'),
  'targets-per-application-load-balancer': entry('L-7E6692B2', 1000, 'yes', 'targets'),
  'targets-per-target-group': entry('L-A0D0B863', 1000, 'yes', 'targets'),
  'target-groups-per-application-load-balancer': entry('L-822D1B1B', 100, 'no', 'target groups'),
  'target-groups-per-action-on-application-load-balancer': entry('L-057ECE54', 5, 'no', 'target groups'),
  'condition-values-per-alb-rule': entry('L-EBC0C08B', 5, 'no', 'condition values'),
  // The guide says 6, dumps of the API say 5; we refuse only what no source allows.
  'condition-wildcards-per-alb-rule': entry('L-A012D4E8', 6, 'no', 'wildcards'),
};

function entry(code: string, limit: number, adjustable: 'yes' | 'no', unit: string): Entry {
  return { code, default: limit, adjustable: adjustable === 'yes', unit };
}

/** The limit in force: what facts say, else AWS's documented default. */
export function limitOf(name: QuotaName, quotas: readonly Quota[]): number {
  return quotas.find((quota) => quota.name === name)?.limit ?? quotaTable[name].default;
}
