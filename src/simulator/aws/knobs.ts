import { quotaNames, quotaTable, type QuotaName } from './quotas.ts';
import type { ThrottleCode } from './throttle.ts';

/** Everything about the simulated AWS that can be turned. Defaults are what AWS documents; times are in milliseconds. */
export type Knobs = {
  /** Limits by name. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
  readonly quotas: Record<QuotaName, number>;
  /** Quotas that ListServiceQuotas leaves out, as AWS does with some that the account never changed. */
  unappliedQuotas: readonly QuotaName[];
  throttling: {
    /** Off by default: calls are priced in the trace but never refused. */
    enabled: boolean;
    /** AWS documents ThrottlingException; Throttling is what ELBv2 was seen to answer. */
    code: ThrottleCode;
    /** Tokens a second that other users of the account take from every ELBv2 bucket. */
    neighbourTokensPerSecond: number;
  };
  /** Added to every call. */
  latencyMs: number;
  /** From CreateLoadBalancer until the state is `active`; AWS says a few minutes. */
  provisioningMs: number;
  /** How long the network interfaces of a deleted load balancer still hold its security groups; observed: a minute. */
  interfaceReleaseMs: number;
  /** How long a target group still counts as in use after its last rule went. */
  targetGroupReleaseMs: number;
  /** How long a target stays in Elb.RegistrationInProgress before its first health check. */
  registrationMs: number;
  /** Passing checks a new target needs. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
  initialHealthChecks: number;
  /** How long a new ELBv2 resource cannot be seen yet. */
  describeLagMs: number;
  /** How long DescribeTags and GetResources go on answering the old tags. */
  tagLagMs: number;
  /** Up to how long readings of ELBv2 and EC2 go on showing what was changed or deleted as it was; some of them are up to date. */
  staleReadsMs: number;
  /** From the last validation record in the DNS (for a private certificate from the request) until ISSUED. */
  certificateValidationMs: number;
  /** How long a new certificate does not say yet which records would validate it; observed: some seconds. */
  certificateRecordsMs: number;
  /** How long a change of records stays PENDING; AWS says within a minute. */
  dnsChangeMs: number;
  /** What AWS refuses by its documentation, and emulators or a favoured account may let pass. */
  accepts: {
    /** Tags of ELBv2 resources with other characters than letters, digits, spaces and `_.:/=+-@`. */
    anyTagCharacter: boolean;
    /** A redirect that changes nothing but the query. */
    queryOnlyRedirect: boolean;
    /** An empty host or path, or regular expression for one. */
    emptyConditionValue: boolean;
    /** A load balancer in a single zone, which AWS allows to accounts that asked for it. */
    oneZone: boolean;
    /** Several web ACLs for one load balancer, of which the one that was made first counts. */
    severalWebAcls: boolean;
    /** The deletion of a load balancer that is protected from it. */
    deletionOfProtected: boolean;
    /** Target groups that speak HTTP/2 or gRPC behind an HTTP listener. */
    http2OnHttpListener: boolean;
  };
  /** Items in one answer when the caller names no size. */
  pageSize: { elbv2: number; ec2: number; acm: number };
};

export type KnobSettings = Partial<Omit<Knobs, 'quotas' | 'throttling' | 'accepts' | 'pageSize'>> & {
  readonly quotas?: Partial<Knobs['quotas']>;
  readonly throttling?: Partial<Knobs['throttling']>;
  readonly accepts?: Partial<Knobs['accepts']>;
  readonly pageSize?: Partial<Knobs['pageSize']>;
};

/** The default knobs with the given ones turned. */
export function knobs(settings: KnobSettings = {}): Knobs {
  const quotas = Object.fromEntries(quotaNames.map((name) => [name, quotaTable[name].value])) as Record<
    QuotaName,
    number
  >;
  return {
    latencyMs: 0,
    provisioningMs: 120_000,
    interfaceReleaseMs: 60_000,
    targetGroupReleaseMs: 0,
    registrationMs: 0,
    initialHealthChecks: 1,
    describeLagMs: 0,
    tagLagMs: 0,
    staleReadsMs: 0,
    certificateValidationMs: 60_000,
    certificateRecordsMs: 3000,
    dnsChangeMs: 30_000,
    unappliedQuotas: [],
    ...settings,
    quotas: { ...quotas, ...settings.quotas },
    throttling: { enabled: false, code: 'Throttling', neighbourTokensPerSecond: 0, ...settings.throttling },
    accepts: {
      anyTagCharacter: false,
      queryOnlyRedirect: false,
      emptyConditionValue: false,
      oneZone: false,
      severalWebAcls: false,
      deletionOfProtected: false,
      http2OnHttpListener: false,
      ...settings.accepts,
    },
    pageSize: { elbv2: 400, ec2: 1000, acm: 1000, ...settings.pageSize },
  };
}

/** Knobs for a world where everything is active, healthy and gone at once. */
export const instantKnobs: KnobSettings = {
  provisioningMs: 0,
  interfaceReleaseMs: 0,
  registrationMs: 0,
  initialHealthChecks: 0,
  certificateValidationMs: 0,
  certificateRecordsMs: 0,
  dnsChangeMs: 0,
};

/** Knobs for worlds that were recorded against an emulator: instant, and as forgiving as it was. */
export const recordingKnobs: KnobSettings = {
  ...instantKnobs,
  quotas: { 'reserved-capacity-units-per-region': 15_000 },
  accepts: {
    anyTagCharacter: true,
    queryOnlyRedirect: true,
    emptyConditionValue: true,
    oneZone: true,
    severalWebAcls: true,
    deletionOfProtected: true,
    http2OnHttpListener: true,
  },
};
