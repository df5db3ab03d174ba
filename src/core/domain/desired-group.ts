// The AWS resources that should exist for one group. Resources refer to each other by logical id, never by ARN.

import type { DriftMode } from './drift.ts';
import type { GroupModel, HealthCheck } from './group-model.ts';
import type { CertificateArn, GroupKey, ResourceId, SecurityGroupId, SubnetId } from './ids.ts';
import type { ObjectRef } from './problem.ts';
import type { Action, RuleContent } from './rule.ts';
import type { DesiredTarget } from './target.ts';

/** A value, or where it will come from. */
export type Ref = { readonly ref: ResourceId; readonly attribute: 'arn' | 'id' };
export type Known<T> = T | Ref;

/** The shared backend security group of the cluster (albc-behaviour §6.2), whose id the network loop knows. */
export const backendSecurityGroupId = 'security-group/shared-backend' as ResourceId;

export type Tags = Readonly<Record<string, string>>;

export type DesiredLoadBalancer = {
  readonly id: ResourceId;
  readonly name: string;
  readonly scheme: 'internal' | 'internet-facing';
  readonly ipAddressType: 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4';
  readonly subnets: readonly SubnetId[];
  /** In order. */
  readonly securityGroups: readonly Known<SecurityGroupId>[];
  /** Only keys to manage; the others are left alone. */
  readonly attributes: Tags;
  /** Of a network load balancer: elastic addresses in the order of `subnets`, or none. */
  readonly allocationIds?: readonly string[];
  /** Of a network load balancer: zones in the order of `subnets`; absent: not known, for nobody names the subnets. */
  readonly zones?: readonly string[];
  readonly customerOwnedIpv4Pool: string | undefined;
  readonly ipamPoolId: string | undefined;
  readonly capacityUnits: number | undefined;
  /** '': none may be associated. Undefined: the association is left alone. */
  readonly webAclArn: string | undefined;
  /** Of WAF Classic, as `webAclArn`. */
  readonly classicWebAclId: string | undefined;
  /** Undefined: the protection is left alone. */
  readonly shieldProtection: boolean | undefined;
  readonly tags: Tags;
  readonly listeners: readonly DesiredListener[];
  /** Ports whose listeners wait for a certificate, or for a listener that does: they are neither made nor changed nor removed. */
  readonly waitingPorts: readonly number[];
};

/** The network load balancer in front of the load balancer. */
export type DesiredFrontendNlb = {
  /** Its `listeners` and `waitingPorts` are empty: those of a network load balancer have no rules. */
  readonly loadBalancer: DesiredLoadBalancer;
  /** In order of port. */
  readonly listeners: readonly DesiredFrontendListener[];
};

/** A TCP listener, and its target group, whose one target is the load balancer. */
export type DesiredFrontendListener = {
  readonly id: ResourceId;
  readonly port: number;
  readonly tags: Tags;
  readonly targetGroup: {
    readonly id: ResourceId;
    readonly name: string;
    readonly healthCheck: HealthCheck;
    readonly tags: Tags;
    /** The port of the load balancer. */
    readonly targetPort: number;
  };
};

/** A certificate to be made in ACM. */
export type DesiredCertificate = {
  readonly id: ResourceId;
  /** Its resource tag: type, first domain, and a hash of the member's name. */
  readonly name: string;
  /** Sorted; the first is the subject. */
  readonly domains: readonly string[];
  readonly authorityArn: string | undefined;
  readonly tags: Tags;
  readonly member: ObjectRef;
  /** The one in ACM that stands for it, issued or about to be; undefined: it is to be requested. */
  readonly arn: CertificateArn | undefined;
  readonly isIssued: boolean;
};

export type DesiredListener = {
  readonly id: ResourceId;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly defaultActions: readonly Action<DesiredTargetGroupRef>[];
  readonly sslPolicy: string | undefined;
  /** The default first; the default is in the SNI list too (as ALBC has it). Empty for HTTP. */
  readonly certificateArns: readonly string[];
  /** They are as somebody else made them, and stay so: the list is neither added to nor taken from. */
  readonly certificatesStay?: true;
  readonly mutualAuthentication: DesiredMutualAuthentication | undefined;
  readonly attributes: Tags;
  readonly tags: Tags;
  /** In evaluation order. */
  readonly rules: readonly DesiredRule[];
};

export type DesiredMutualAuthentication = {
  readonly mode: 'off' | 'passthrough' | 'verify';
  readonly trustStoreArn: string | undefined;
  readonly ignoreClientCertificateExpiry: boolean | undefined;
  readonly advertiseTrustStoreCaNames: 'on' | 'off' | undefined;
};

export type DesiredRule = RuleContent<DesiredTargetGroupRef> & {
  readonly member: ObjectRef;
  readonly path: string;
  /** Places of rules of the same Ingress that this one also stands for (core/desired/fitted-rules.ts). */
  readonly also?: readonly string[];
  /** Without ALBC's resource tag, which holds the priority and is added when the priority is known. */
  readonly tags: Tags;
};

/** A target group of this group by its id, or another one by ARN. */
export type DesiredTargetGroupRef =
  | { readonly kind: 'managed'; readonly id: ResourceId }
  | { readonly kind: 'arn'; readonly arn: string };

export type DesiredTargetGroup = {
  readonly id: ResourceId;
  readonly name: string;
  readonly targetType: 'instance' | 'ip';
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
  readonly ipAddressType: 'ipv4' | 'ipv6';
  readonly targetControlPort: number | undefined;
  readonly healthCheck: HealthCheck;
  /** Only keys to manage. */
  readonly attributes: Tags;
  readonly tags: Tags;
  /** What should be registered now; the group's plan fills new target groups with it, afterwards the targets loop takes over. */
  readonly targets: readonly DesiredTarget[];
  /** Not to be registered because of their state, and still reached: those that drain, and those that must stay. */
  readonly alsoReachable?: readonly DesiredTarget[];
  /** It takes over from another one that goes. */
  readonly absorbs?: true;
  readonly member: ObjectRef;
};

export type SecurityGroupRule = {
  /** `tcp`, `udp` or `-1`. */
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly source:
    | { readonly kind: 'ipv4'; readonly cidr: string }
    | { readonly kind: 'ipv6'; readonly cidr: string }
    | { readonly kind: 'prefixList'; readonly id: string }
    | { readonly kind: 'securityGroup'; readonly id: Known<SecurityGroupId> };
  readonly description: string;
};

export type DesiredSecurityGroup = {
  readonly id: ResourceId;
  readonly name: string;
  readonly description: string;
  readonly tags: Tags;
  readonly ingress: readonly SecurityGroupRule[];
};

/** Ports that must be open towards nodes or pods; the network loop adds up those of all groups and bindings. */
export type NetworkNeeds = {
  /** The shared backend security group as it must exist; undefined: this group does not need it, or its id is given by flag. */
  readonly backendSecurityGroup: DesiredSecurityGroup | undefined;
  readonly openings: readonly NetworkOpening[];
  /** Some openings are not known (a held member's): no security group may be shut out on the strength of this list. */
  readonly partial: boolean;
  /** Sources of which not every opening is known: what is open to them stays. */
  readonly unclear?: readonly OpeningSource[];
  /** What is done about rules on nodes and pods that others take away; absent: they are put back. */
  readonly drift?: DriftMode;
  /** Sources of the group's own: node and pod rules that let them in are ours, wanted or not. */
  readonly ownSources: readonly OpeningSource[];
};

export type OpeningSource = Known<SecurityGroupId> | { readonly cidr: string };

export type NetworkOpening = {
  readonly targetType: 'instance' | 'ip';
  /** Instance ids or pod addresses that must be reachable; the network loop resolves them to security groups. */
  readonly endpoints: readonly string[];
  /** Addresses of nodes whose interfaces may carry the endpoints, which nothing else tells of them (HyperPod). */
  readonly nodeAddresses?: readonly string[];
  readonly ports: readonly number[];
  /** A user's words: this range alone, and no port of the targets. */
  readonly stated?: { readonly protocol: 'tcp' | 'udp'; readonly from: number; readonly to: number };
  readonly source: OpeningSource;
  /** Only as long as requests may still reach what is on its way out: nothing is opened for it that is open. */
  readonly passing?: true;
  /** Which target group asks, and for which member: what reasons and problems name. */
  readonly targetGroup: ResourceId;
  readonly object: ObjectRef;
};

export type DesiredGroup = {
  readonly key: GroupKey;
  readonly model: GroupModel;
  /** Undefined: the group is empty and everything of it goes. */
  readonly loadBalancer: DesiredLoadBalancer | undefined;
  readonly frontendNlb?: DesiredFrontendNlb | undefined;
  readonly securityGroups: readonly DesiredSecurityGroup[];
  readonly targetGroups: readonly DesiredTargetGroup[];
  readonly certificates: readonly DesiredCertificate[];
  readonly network: NetworkNeeds;
};
