// Looked-up AWS data that the plan needs but that is not the group's own: fetched before the pure stages run.

import type { CertificateArn, SecurityGroupId, SubnetId, TargetGroupArn, VpcId } from './ids.ts';
import type { AssumedRole } from './target.ts';

export type SubnetFact = {
  readonly id: SubnetId;
  readonly availabilityZone: string;
  /** Zone type of the zone; `outpost` when the subnet has an Outpost ARN. */
  readonly locale: 'availability-zone' | 'local-zone' | 'wavelength-zone' | 'outpost';
  readonly cidr: string;
  /** Associated IPv6 CIDRs only. */
  readonly ipv6Cidrs: readonly string[];
  readonly availableIpCount: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether its route table has a route to an internet gateway; undefined when nobody asked. */
  readonly routesToInternet: boolean | undefined;
};

export type SecurityGroupFact = {
  readonly id: SecurityGroupId;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
};

export type CertificateFact = {
  readonly arn: CertificateArn;
  /** Domain name and subject alternative names. */
  readonly domains: readonly string[];
  readonly status: string;
  /** Undefined for imported certificates. */
  readonly certificateAuthorityArn: string | undefined;
  /** RFC 3339; undefined when ACM does not say. */
  readonly notAfter: string | undefined;
};

export type VpcFact = {
  readonly id: VpcId;
  readonly cidrs: readonly string[];
  readonly ipv6Cidrs: readonly string[];
};

/** Somebody else's target group. */
export type TargetGroupFact = {
  readonly arn: TargetGroupArn;
  readonly name: string;
  /** `lambda` and `alb` too. */
  readonly targetType: string;
  readonly protocol: string;
  readonly ipAddressType: 'ipv4' | 'ipv6';
  readonly vpcId: string;
};

/** By ARN, otherwise by name; in the account of the role, if one is given. */
export type TargetGroupQuery = {
  readonly arn: string | undefined;
  readonly name: string | undefined;
  readonly role: AssumedRole | undefined;
};

/** A limit in force, and where its figure comes from: `--limits-file`, DescribeAccountLimits, Service Quotas, or AWS's documentation. */
export type Quota = {
  readonly name: QuotaName;
  readonly limit: number;
  readonly source: 'override' | 'api' | 'serviceQuotas' | 'default';
  /** When AWS said so, in epoch milliseconds. */
  readonly readAt?: number;
};

/** What a whole region holds, whoever made it, at the last look. */
export type RegionUse = {
  readonly loadBalancers: number;
  readonly networkLoadBalancers: number;
  readonly targetGroups: number;
  /** Absent: not counted, for that costs a call that nothing else needs. */
  readonly securityGroups?: number;
};

/** Names of DescribeAccountLimits, spelled as there (elbv2-facts §2.1); those of EC2, which it does not list, are ours. */
export type QuotaName =
  | 'application-load-balancers'
  | 'target-groups'
  | 'listeners-per-application-load-balancer'
  | 'rules-per-application-load-balancer'
  | 'certificates-per-application-load-balancer'
  | 'targets-per-application-load-balancer'
  | 'targets-per-target-group'
  | 'target-groups-per-application-load-balancer'
  | 'target-groups-per-action-on-application-load-balancer'
  | 'condition-values-per-alb-rule'
  | 'condition-wildcards-per-alb-rule'
  | 'network-load-balancers'
  | 'listeners-per-network-load-balancer'
  | 'targets-per-network-load-balancer'
  | 'targets-per-availability-zone-per-network-load-balancer'
  | 'security-groups'
  | 'rules-per-security-group'
  | 'security-groups-per-interface';

export type Facts = {
  readonly vpc: VpcFact | undefined;
  readonly subnets: readonly SubnetFact[];
  readonly securityGroups: readonly SecurityGroupFact[];
  /** Issued certificates; only looked up when a listener discovers or names one. */
  readonly certificates: readonly CertificateFact[];
  readonly quotas: readonly Quota[];
  /** Undefined: not known, so that nothing is refused on its account. */
  readonly regionUse?: RegionUse | undefined;
  /** Target groups of others that actions refer to by name. */
  readonly targetGroupsByName: ReadonlyMap<string, TargetGroupArn>;
  readonly trustStoresByName: ReadonlyMap<string, string>;
  /** ARNs of the regional web ACLs of WAFv2 that are asked for. */
  readonly webAclsByName: ReadonlyMap<string, string>;
  /** Whether the account is subscribed to Shield Advanced; false where nobody asked. */
  readonly shieldActive: boolean;
};

/** What a group's model needs looked up; `factsNeeded(model)` makes it, aws/facts answers it from caches or AWS. */
export type FactsQuery = {
  readonly vpc: boolean;
  /** 'none': the load balancer's present subnets are kept. `routes`: also ask for route tables. */
  readonly subnets: 'none' | 'all' | 'withRoutes';
  readonly securityGroups: boolean;
  readonly certificates: boolean;
  readonly quotas: boolean;
  /** Wait for those that only Service Quotas tells; without it they come as far as they are known. */
  readonly serviceQuotas?: true;
  readonly targetGroupNames: readonly string[];
  readonly trustStoreNames: readonly string[];
  readonly webAclNames: readonly string[];
  /** Whether the subscription to Shield Advanced matters. */
  readonly shield: boolean;
};

/** Nothing but the limits. */
export const onlyQuotas: FactsQuery = {
  vpc: false,
  subnets: 'none',
  securityGroups: false,
  certificates: false,
  quotas: true,
  targetGroupNames: [],
  trustStoreNames: [],
  webAclNames: [],
  shield: false,
};
