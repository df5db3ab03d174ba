import type { Quota, QuotaName } from './facts.ts';

type Entry = {
  /** Service code of Service Quotas. */
  readonly service: 'elasticloadbalancing' | 'vpc';
  readonly code: string;
  readonly default: number;
  readonly adjustable: boolean;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** Of what it is a limit. */
  readonly scope: LimitScope;
};

export type LimitScope =
  | 'region'
  | 'load balancer'
  | 'network load balancer'
  | 'listener'
  | 'target group'
  | 'security group';

/**
 * AWS's documented limits, in force where neither `--limits-file` nor DescribeAccountLimits says anything else. Codes are
 * those of Service Quotas.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
export const quotaTable: Readonly<Record<QuotaName, Entry>> = {
  'application-load-balancers': adjustable('region', 'load balancers', 'L-53DA6B97', 50),
  'target-groups': adjustable('region', 'target groups', 'L-B22855CB', 3000),
  'security-groups': adjustable('region', 'security groups', 'L-E79EC296', 2500),
  // Of all listeners together, without default rules.
  'rules-per-application-load-balancer': adjustable('load balancer', 'rules', 'L-7EED9B64', 100),
  'listeners-per-application-load-balancer': adjustable('load balancer', 'listeners', 'L-B6DF7632', 50),
  // Without the default certificates.
  'certificates-per-application-load-balancer': adjustable('load balancer', 'certificates', 'L-9365A611', 25),
  'target-groups-per-application-load-balancer': fixed('load balancer', 'target groups', 'L-822D1B1B', 100),
  'targets-per-application-load-balancer': adjustable('load balancer', 'targets', 'L-7E6692B2', 1000),
  'security-groups-per-interface': adjustable('load balancer', 'security groups', 'L-2AFB9258', 5),
  'targets-per-target-group': adjustable('target group', 'targets', 'L-A0D0B863', 1000),
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
  'network-load-balancers': adjustable('region', 'network load balancers', 'L-69A177A2', 50),
  'listeners-per-network-load-balancer': fixed('network load balancer', 'listeners', 'L-57A373D6', 50),
  'targets-per-network-load-balancer': adjustable('network load balancer', 'targets', 'L-EEF1AD04', 3000),
  'targets-per-availability-zone-per-network-load-balancer': adjustable(
    'network load balancer',
    'targets of a zone',
    'L-B211E961',
    500,
  ),
  // The next three are of one rule; what is shown of a listener is its fullest rule.
  'target-groups-per-action-on-application-load-balancer': fixed(
    'listener',
    'target groups',
    'L-057ECE54',
    5,
  ),
  'condition-values-per-alb-rule': fixed('listener', 'condition values', 'L-EBC0C08B', 5),
  // The guide says 6, dumps of the API say 5; we refuse only what no source allows.
  'condition-wildcards-per-alb-rule': fixed('listener', 'wildcards', 'L-A012D4E8', 6),
  // Inbound; IPv4 and IPv6 count apart, a security group as a source counts for both.
  'rules-per-security-group': adjustable('security group', 'inbound rules', 'L-0EA8095F', 60),
};

export const quotaNames = Object.keys(quotaTable) as readonly QuotaName[];

function fixed(scope: LimitScope, unit: string, code: string, limit: number): Entry {
  const isOfVpc = ['L-0EA8095F', 'L-2AFB9258', 'L-E79EC296'].includes(code);
  const service = isOfVpc ? 'vpc' : 'elasticloadbalancing';
  return { service, code, default: limit, adjustable: false, unit, scope };
}

function adjustable(...entry: Parameters<typeof fixed>): Entry {
  return { ...fixed(...entry), adjustable: true };
}

/** The limit in force, with its source: what facts say, else AWS's documented default. */
export function quotaOf(name: QuotaName, quotas: readonly Quota[]): Quota {
  const known = quotas.find((quota) => quota.name === name);
  return known ?? { name, limit: quotaTable[name].default, source: 'default' };
}

/** The limit that holds: given, told by AWS, or documented. */
export function limitOf(name: QuotaName, quotas: readonly Quota[]): number {
  return quotaOf(name, quotas).limit;
}

/** A load balancer counts as 50 targets of each zone wherever it is registered, or as 100 of all where zones are crossed. */
export const targetsOfRegistration = (attributes: Readonly<Record<string, string>> | undefined): number =>
  attributes?.['load_balancing.cross_zone.enabled'] === 'true' ? 100 : 50;

/** AWS names more limits than concern us, and adds to them. */
export const isQuotaName = (name: string): name is QuotaName => Object.hasOwn(quotaTable, name);

/** The command that asks AWS for a higher limit; undefined where AWS raises none. */
export function increaseCommand(name: QuotaName, wanted: number, region: string): string | undefined {
  const { service, code, adjustable } = quotaTable[name];
  if (!adjustable) return undefined;
  return `aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} --desired-value ${wanted}`;
}
