import type {
  Action,
  Matcher,
  MutualAuthenticationAttributes,
  RuleCondition,
  RuleTransform,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { newIds, type Ids } from './ids.ts';

/**
 * The account as plain data. Handlers change it in place; the data plane and the tests read it. Times are epoch milliseconds.
 * Rules and listeners keep actions and conditions in the normalised form in which AWS echoes them.
 */
export type AwsState = {
  readonly region: string;
  readonly account: string;
  readonly partition: string;
  readonly ids: Ids;
  /** Tags by ARN (ELBv2, ACM) or id (EC2). */
  readonly tags: Map<string, TagSet>;
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly listeners: Map<string, Listener>;
  readonly rules: Map<string, Rule>;
  readonly targetGroups: Map<string, TargetGroup>;
  readonly trustStores: Map<string, TrustStore>;
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  readonly routeTables: Map<string, RouteTable>;
  readonly internetGateways: Map<string, InternetGateway>;
  readonly securityGroups: Map<string, SecurityGroup>;
  readonly instances: Map<string, Instance>;
  readonly networkInterfaces: Map<string, NetworkInterface>;
  readonly prefixLists: Map<string, PrefixList>;
  readonly addresses: Map<string, ElasticIp>;
  readonly certificates: Map<string, StoredCertificate>;
  /** By id, without `/hostedzone/`. */
  readonly hostedZones: Map<string, HostedZone>;
  /** When each change of records was made, by id. */
  readonly dnsChanges: Map<string, number>;
  readonly dashboards: Map<string, Dashboard>;
  readonly webAcls: Map<string, WebAcl>;
  /** ARNs of web ACLs by that of the load balancer, the one that counts first. */
  readonly webAclAssociations: Map<string, readonly string[]>;
  /** Ids of web ACLs of WAF Classic by ARN of the load balancer. */
  readonly classicWebAcls: Map<string, string>;
  shieldSubscribed: boolean;
  readonly shieldProtections: Map<string, ShieldProtection>;
  /** Roles that can be assumed, by ARN. */
  readonly roles: Map<string, { readonly externalId: string | undefined }>;
};

export type TagSet = {
  current: ReadonlyMap<string, string>;
  /** What a reader with a stale view still sees until the tag lag has passed. */
  previous: ReadonlyMap<string, string>;
  changedAt: number;
};

export type LoadBalancer = {
  readonly arn: string;
  readonly name: string;
  readonly type: 'application' | 'network';
  readonly dnsName: string;
  readonly createdAt: number;
  readonly scheme: 'internet-facing' | 'internal';
  readonly vpcId: string;
  readonly customerOwnedIpv4Pool: string | undefined;
  ipAddressType: string;
  ipv4IpamPoolId: string | undefined;
  subnetIds: readonly string[];
  /** Of a network load balancer's elastic addresses, in the order of its subnets; or none. */
  allocationIds: readonly string[];
  securityGroupIds: readonly string[];
  readonly attributes: Map<string, string>;
  capacityUnits: number | undefined;
  capacityChangedAt: number;
};

export type Listener = {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly createdAt: number;
  port: number;
  /** TCP at network load balancers. */
  protocol: 'HTTP' | 'HTTPS' | 'TCP';
  sslPolicy: string | undefined;
  defaultCertificateArn: string | undefined;
  /** The certificates added for SNI, in the order they were added. */
  extraCertificateArns: readonly string[];
  mutualAuthentication: MutualAuthenticationAttributes | undefined;
  /** The ARN of the default rule, which also is in `rules`. */
  readonly defaultRuleArn: string;
  readonly attributes: Map<string, string>;
};

export type Rule = {
  readonly arn: string;
  readonly listenerArn: string;
  readonly createdAt: number;
  priority: number | 'default';
  conditions: readonly RuleCondition[];
  actions: readonly Action[];
  transforms: readonly RuleTransform[];
};

export type TargetGroup = {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly targetType: 'instance' | 'ip' | 'lambda' | 'alb';
  /** TCP and its like are for network load balancers: groups that only a binding fills. */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'UDP' | 'TLS' | 'TCP_UDP' | undefined;
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC' | undefined;
  readonly port: number | undefined;
  readonly vpcId: string | undefined;
  readonly ipAddressType: 'ipv4' | 'ipv6' | undefined;
  readonly targetControlPort: number | undefined;
  healthCheck: HealthCheck;
  readonly attributes: Map<string, string>;
  readonly targets: Map<string, Target>;
  /** Rule ARN → load balancer ARN, for every rule (default rules too) that forwards here. */
  readonly usedBy: Map<string, string>;
  /** Since when a rule forwards here without a break; undefined while none does. */
  inUseSince: number | undefined;
  releasedAt: number | undefined;
};

export type HealthCheck = {
  readonly enabled: boolean;
  readonly protocol: string;
  readonly port: string;
  readonly path: string | undefined;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly matcher: Matcher | undefined;
};

export type Target = {
  readonly id: string;
  readonly port: number | undefined;
  readonly availabilityZone: string | undefined;
  readonly registeredAt: number;
  deregisteredAt: number | undefined;
  /** Set from outside: how the target behaves from a moment on, whatever its backend says. */
  forced: { readonly up: boolean; readonly since: number; readonly reason: string | undefined } | undefined;
};

export type TrustStore = {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  caCertificates: number;
};

export type Vpc = {
  readonly id: string;
  readonly cidr: string;
  readonly ipv6Cidr: string | undefined;
  readonly mainRouteTableId: string;
  readonly defaultSecurityGroupId: string;
};

export type Subnet = {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly zoneId: string;
  readonly cidr: string;
  readonly ipv6Cidr: string | undefined;
  readonly outpostArn: string | undefined;
};

export type Route = { readonly destination: string; readonly gatewayId: string };

export type RouteTable = {
  readonly id: string;
  readonly vpcId: string;
  readonly routes: Route[];
  /** Association id → subnet id. */
  readonly associations: Map<string, string>;
};

export type InternetGateway = { readonly id: string; vpcId: string | undefined };

export type SecurityGroup = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly createdAt: number;
  readonly rules: Map<string, SecurityGroupRule>;
};

/** Where traffic of a security group rule comes from (or goes to). */
export type RuleSource =
  | { readonly kind: 'ipv4'; readonly cidr: string }
  | { readonly kind: 'ipv6'; readonly cidr: string }
  | { readonly kind: 'group'; readonly groupId: string }
  | { readonly kind: 'prefix-list'; readonly prefixListId: string };

export type SecurityGroupRule = {
  readonly id: string;
  readonly groupId: string;
  readonly egress: boolean;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly source: RuleSource;
  description: string | undefined;
};

export type Instance = {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly instanceType: string;
  readonly launchedAt: number;
  readonly networkInterfaceIds: readonly string[];
  state: 'running' | 'stopped' | 'terminated';
};

export type NetworkInterface = {
  readonly id: string;
  readonly subnetId: string;
  readonly description: string;
  readonly interfaceType: string;
  readonly instanceId: string | undefined;
  /** The load balancer that owns it, if one does. */
  readonly loadBalancerArn: string | undefined;
  groupIds: readonly string[];
  /** The first is the primary address. */
  privateIps: readonly string[];
  ipv6Addresses: readonly string[];
  /** When it vanishes, once its owner is gone. */
  releaseAt: number | undefined;
};

export type PrefixList = {
  readonly id: string;
  readonly name: string;
  readonly maxEntries: number;
  readonly cidrs: readonly string[];
};
export type ElasticIp = { readonly allocationId: string; readonly publicIp: string };

export type StoredCertificate = {
  readonly arn: string;
  domainName: string;
  names: readonly string[];
  readonly type: 'IMPORTED' | 'AMAZON_ISSUED' | 'PRIVATE';
  status: 'ISSUED' | 'PENDING_VALIDATION' | 'VALIDATION_TIMED_OUT' | 'EXPIRED' | 'FAILED';
  readonly createdAt: number;
  issuedAt?: number;
  /** Of a private certificate: who issues it. */
  readonly certificateAuthorityArn?: string;
  readonly idempotencyToken?: string;
  /** With the status FAILED. */
  failureReason?: string;
  keyAlgorithm: string;
  notBefore: number;
  notAfter: number;
  certificatePem: string;
  /** Kept so that the data plane can serve TLS; never answered by the API. */
  privateKeyPem: string;
  chainPem: string | undefined;
};

export type HostedZone = {
  readonly id: string;
  /** With the dot at its end. */
  readonly name: string;
  readonly callerReference: string;
  readonly isPrivate: boolean;
  /** By name and type. */
  readonly records: Map<string, DnsRecord>;
};

export type DnsRecord = {
  readonly name: string;
  readonly type: string;
  readonly ttl: number | undefined;
  readonly values: readonly string[];
  readonly changedAt: number;
};

export type Dashboard = { readonly name: string; readonly body: string; readonly modifiedAt: number };
export type WebAcl = {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly scope: string;
};
export type ShieldProtection = { readonly id: string; readonly name: string; readonly resourceArn: string };

/** An empty account. `seed` makes the ids of everything created later. */
export function emptyState(options: {
  readonly region: string;
  readonly account: string;
  readonly partition: string;
  readonly seed: string;
}): AwsState {
  const { region, account, partition, seed } = options;
  return {
    region,
    account,
    partition,
    ids: newIds(seed),
    tags: new Map(),
    loadBalancers: new Map(),
    listeners: new Map(),
    rules: new Map(),
    targetGroups: new Map(),
    trustStores: new Map(),
    vpcs: new Map(),
    subnets: new Map(),
    routeTables: new Map(),
    internetGateways: new Map(),
    securityGroups: new Map(),
    instances: new Map(),
    networkInterfaces: new Map(),
    prefixLists: new Map(),
    addresses: new Map(),
    certificates: new Map(),
    hostedZones: new Map(),
    dnsChanges: new Map(),
    dashboards: new Map(),
    webAcls: new Map(),
    webAclAssociations: new Map(),
    classicWebAcls: new Map(),
    shieldSubscribed: false,
    shieldProtections: new Map(),
    roles: new Map(),
  };
}

/** An ARN in this account and region. */
export const arn = (state: AwsState, service: string, resource: string): string =>
  `arn:${state.partition}:${service}:${state.region}:${state.account}:${resource}`;
