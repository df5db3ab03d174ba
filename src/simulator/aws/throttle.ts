import type { Knobs } from './knobs.ts';

/** A token bucket: how many calls may burst, and how many a second it regains. */
export type Bucket = { readonly name: string; readonly capacity: number; readonly refillPerSecond: number };
export type ThrottleCode = 'Throttling' | 'ThrottlingException';

const bucket = (name: string, capacity: number, refillPerSecond: number): Bucket => ({
  name,
  capacity,
  refillPerSecond,
});

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html */
const elbv2Account = bucket('elbv2:account', 40, 10);
const elbv2 = {
  read: bucket('elbv2:read', 40, 10),
  write: bucket('elbv2:write', 20, 3),
  registration: bucket('elbv2:registration', 20, 4),
  scarce: bucket('elbv2:resource-intensive', 10, 0.2),
  trustStoreCreate: bucket('elbv2:trust-store-create', 10, 0.2),
  trustStoreWrite: bucket('elbv2:trust-store-write', 10, 0.2),
  trustStoreGet: bucket('elbv2:trust-store-get', 20, 4),
  trustStoreRead: bucket('elbv2:trust-store-read', 40, 10),
};

/** The other services limit each operation by itself. Calls a second, from their quota pages; a burst of one second. */
const perSecond: Readonly<Record<string, number>> = {
  'wafv2:AssociateWebACL': 0.5,
  'wafv2:DisassociateWebACL': 0.5,
  'wafv2:GetWebACLForResource': 1,
  'wafv2:ListResourcesForWebACL': 1,
  'wafv2:ListWebACLs': 5,
  'acm:DescribeCertificate': 10,
  'acm:ListCertificates': 8,
  'acm:ListTagsForCertificate': 10,
  'acm:RequestCertificate': 5,
  'acm:DeleteCertificate': 10,
  'acm:AddTagsToCertificate': 5,
  'acm:RemoveTagsFromCertificate': 5,
  'acm:ImportCertificate': 1,
  'cloudwatch:PutDashboard': 10,
  'cloudwatch:GetDashboard': 10,
  'cloudwatch:ListDashboards': 10,
};

/** The buckets that one call draws a token from. */
export function bucketsOf(
  service: string,
  operation: string,
  params: Record<string, unknown>,
): readonly Bucket[] {
  if (service === 'elbv2') return [elbv2Bucket(operation), elbv2Account];
  if (service === 'ec2') return [ec2Bucket(operation, params)];
  const key = `${service}:${operation}`;
  const rate = perSecond[key];
  return rate === undefined ? [] : [bucket(key, Math.max(1, rate), rate)];
}

function elbv2Bucket(operation: string): Bucket {
  if (/TrustStore|ResourcePolicy/.test(operation)) {
    if (operation.startsWith('Get')) return elbv2.trustStoreGet;
    if (operation.startsWith('Describe')) return elbv2.trustStoreRead;
    return operation === 'CreateTrustStore' ? elbv2.trustStoreCreate : elbv2.trustStoreWrite;
  }
  if (operation.startsWith('Describe')) return elbv2.read;
  if (operation === 'RegisterTargets' || operation === 'DeregisterTargets') return elbv2.registration;
  return operation === 'CreateLoadBalancer' || operation === 'SetSubnets' ? elbv2.scarce : elbv2.write;
}

const expensiveUnfiltered = ['DescribeInstances', 'DescribeNetworkInterfaces', 'DescribeSecurityGroups'];
const ownRates: Readonly<Record<string, readonly [number, number]>> = {
  CreateTags: [100, 10],
  DeleteTags: [100, 10],
  CreateNetworkInterface: [100, 5],
  DescribeSecurityGroupReferences: [20, 5],
};

/** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html : one bucket for each operation. */
function ec2Bucket(operation: string, params: Record<string, unknown>): Bucket {
  const own = ownRates[operation];
  const name = `ec2:${operation}`;
  if (own !== undefined) return bucket(name, own[0], own[1]);
  if (!operation.startsWith('Describe')) return bucket(name, 50, 5);
  const unbounded = expensiveUnfiltered.includes(operation) && Object.keys(params).length === 0;
  return unbounded ? bucket(`${name}:unfiltered`, 50, 10) : bucket(name, 100, 20);
}

type Level = { tokens: number; at: number };

/** The fill of every bucket. A call takes one token from each of its buckets, or none when one is empty. */
export class Throttle {
  readonly #levels = new Map<string, Level>();
  readonly #knobs: Knobs;

  constructor(settings: Knobs) {
    this.#knobs = settings;
  }

  /**
   * Takes a token from each bucket at `now`; false when a bucket has none (then nothing is taken). While throttling is off
   * nothing counts, so that buckets are full when it is switched on.
   */
  take(buckets: readonly Bucket[], now: number): boolean {
    if (!this.#knobs.throttling.enabled) return true;
    const levels = buckets.map((entry) => this.#level(entry, now));
    if (levels.some((level) => level.tokens < 1)) return false;
    for (const level of levels) level.tokens -= 1;
    return true;
  }

  #level(entry: Bucket, now: number): Level {
    const level = this.#levels.get(entry.name) ?? { tokens: entry.capacity, at: now };
    const neighbour = entry.name.startsWith('elbv2:') ? this.#knobs.throttling.neighbourTokensPerSecond : 0;
    const gained = (Math.max(0, now - level.at) / 1000) * (entry.refillPerSecond - neighbour);
    level.tokens = Math.min(entry.capacity, Math.max(0, level.tokens + gained));
    level.at = now;
    this.#levels.set(entry.name, level);
    return level;
  }
}
