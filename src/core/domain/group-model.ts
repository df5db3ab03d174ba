// What the users of one group asked for: annotations parsed, classes and Services resolved, members ordered and merged.
// Source-neutral: another kind of source (Gateway API) would be a second folder beside model/ that makes the same type.

import type { Adoption } from './adoption.ts';
import type { LabelSelector, ServicePort } from './cluster.ts';
import type { Scheme, TargetType } from './config.ts';
import type { DriftModes } from './drift.ts';
import type { GroupKey, NamespacedName } from './ids.ts';
import type { ObjectRef, Problem } from './problem.ts';
import type { Action, RuleCondition, Transform } from './rule.ts';

export type GroupIdentity =
  | { readonly kind: 'explicit'; readonly name: string }
  | { readonly kind: 'implicit'; readonly namespace: string; readonly name: string };

export type Member = {
  readonly ref: ObjectRef;
  readonly id: NamespacedName;
  readonly order: number;
  readonly resourceVersion: string;
  readonly finalizers: readonly string[];
};

/** An active Ingress with an error of its own. What it had before is kept (quarantine); nothing new comes from it. */
export type HeldMember = Member & {
  readonly problems: readonly Problem[];
  /** The group's load balancer has something for it. */
  readonly isServed?: true;
  /** It is on its way out of the cluster: ALBC tells nothing to it. */
  readonly isDeleting?: true;
  /** Nothing is wrong with it: it goes to that group, and some users still come here. */
  readonly movesTo?: GroupKey;
};

/**
 * Holds this group's finalizer but belongs to it no more. `proof` is the positive evidence (DESIGN §4.6):
 * a deletion timestamp, or a readable class and group name that lead elsewhere. Without proof a member is held, not leaving.
 * `released`: it asks that what it has stays, and nobody keeps it.
 */
export type LeavingMember = Member & {
  readonly proof: 'deleted' | 'leftGroup' | 'otherClass' | 'released';
  /** The group of ours that it goes to. */
  readonly movesTo?: GroupKey;
};

export type NamedSetting =
  | 'attributes'
  | 'listenerAttributes'
  | 'capacityUnits'
  | 'webAcl'
  | 'classicWebAclId'
  | 'shieldProtection';

export type GroupModel = {
  readonly key: GroupKey;
  readonly identity: GroupIdentity;
  /** In group order; valid ones only. Empty with nothing held: the group's AWS resources go. */
  readonly members: readonly Member[];
  readonly held: readonly HeldMember[];
  readonly leaving: readonly LeavingMember[];
  /** Settings that AWS tells only when asked and that some member names, held or not; absent: none. */
  readonly named?: ReadonlySet<NamedSetting>;
  /** Of `members`: those whose status names the load balancer of another shard. Absent: none. */
  readonly guests?: ReadonlySet<NamespacedName>;
  /** Every known problem, of valid members (warnings) too. */
  readonly problems: readonly Problem[];
  readonly loadBalancer: LoadBalancerIntent;
  /** A network load balancer in front of the load balancer. */
  readonly frontendNlb?: FrontendNlbIntent | undefined;
  /** What is done about what others change in AWS; absent: `--drift`. */
  readonly drift?: DriftModes;
  /** In order of port. */
  readonly listeners: readonly ListenerIntent[];
  /** Those that members want made in ACM, in member order. */
  readonly certificates: readonly CertificateIntent[];
  /** Those that some rule or default action forwards to, in order of id. */
  readonly targetGroups: readonly TargetGroupIntent[];
  /** Those that held members name, as far as that can be read: where AWS has one, its targets still follow the cluster. */
  readonly heldTargetGroups: readonly TargetGroupIntent[];
  /** The group is held, yet ALBC got as far as to make the shared backend security group for it (policy `albc` only). */
  readonly backendGroupAnyway?: true;
  /** A load balancer of somebody else that the group takes over; absent: none. */
  readonly adopts?: Adoption | undefined;
  /** Who asks that nothing of the group is changed for a while (`Ingress shop/web`, `IngressClass alb`); absent: nobody. */
  readonly pausers?: readonly string[];
  /** Of those who leave: all agree that the group goes, however many groups go at once; or one had to wait for that before. */
  readonly massDeletion?: 'allowed' | 'wasHeld';
};

export type SubnetSelection =
  | { readonly kind: 'discover' }
  /** `subnet-…` ids and Name tag values, in the user's order; a name may repeat (albc-behaviour §1.3). */
  | { readonly kind: 'named'; readonly idsOrNames: readonly string[] }
  | { readonly kind: 'tagged'; readonly tags: Readonly<Record<string, readonly string[]>> };

export type SecurityGroupSelection =
  | { readonly kind: 'managed' }
  /** `sg-…` ids and Name tag values. `manageBackendRules`: also attach the shared backend group and open nodes and pods to it. */
  | { readonly kind: 'given'; readonly idsOrNames: readonly string[]; readonly manageBackendRules: boolean };

export type LoadBalancerIntent = {
  readonly name: string | undefined;
  readonly scheme: Scheme;
  readonly ipAddressType: 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4';
  readonly subnets: SubnetSelection;
  readonly securityGroups: SecurityGroupSelection;
  readonly attributes: Readonly<Record<string, string>>;
  readonly customerOwnedIpv4Pool: string | undefined;
  readonly ipamPoolId: string | undefined;
  readonly capacityUnits: number | undefined;
  /** Undefined: the association is left alone. */
  readonly webAcl: WebAclIntent | undefined;
  /** Id of a web ACL of WAF Classic; '': none may be associated. Undefined: the association is left alone. */
  readonly classicWebAclId: string | undefined;
  /** Undefined: the protection is left alone. */
  readonly shieldProtection: boolean | undefined;
  /** Those who ask for the scheme agree to another load balancer, with another DNS name. */
  readonly allowsReplacement?: true;
  /** User tags of all members, defaults applied in the right precedence, tracking tags not yet. */
  readonly tags: Readonly<Record<string, string>>;
};

export type FrontendNlbIntent = {
  readonly scheme: Scheme;
  readonly subnets: SubnetSelection;
  /** Ids and Name tag values; undefined: those of the load balancer. */
  readonly securityGroups: readonly string[] | undefined;
  /** Elastic addresses, one for each subnet; or none. */
  readonly allocationIds: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Those who ask for the scheme agree to another one, with another DNS name. */
  readonly allowsReplacement?: true;
  /** Members that switch it on. */
  readonly enabledBy: readonly NamespacedName[];
  /** In order of port. */
  readonly listeners: readonly {
    readonly port: number;
    readonly askedBy: readonly NamespacedName[];
    /** The port of the load balancer. */
    readonly targetPort: number;
    readonly healthCheck: HealthCheck;
  }[];
};

export type WebAclIntent =
  | { readonly kind: 'none' }
  | { readonly kind: 'arn'; readonly arn: string }
  /** `member` gave the name, which may turn out to be unknown. */
  | { readonly kind: 'name'; readonly name: string; readonly member: ObjectRef };

export type ListenerIntent = {
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  /** Given certificates and those to be made in ACM, in member order; the first is the default. AWS may refuse a given one. */
  readonly certificates: readonly ListenerCertificate[];
  /** Hosts for which certificates are looked up in ACM, with the member that wants each (HTTPS, members without explicit ones). */
  readonly discoverCertificatesFor: readonly { readonly host: string; readonly member: ObjectRef }[];
  readonly sslPolicy: string | undefined;
  /** Undefined: untouched (or reset, by gate EnhancedDefaultBehavior). */
  readonly mutualAuthentication: MutualAuthenticationIntent | undefined;
  readonly inboundCidrs: readonly string[];
  readonly prefixLists: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly defaultActions: readonly Action<TargetGroupRef>[];
  /** In evaluation order, before priorities are given. Empty on an HTTP listener that only redirects. */
  readonly rules: readonly RuleIntent[];
  readonly tags: Readonly<Record<string, string>>;
};

export type ListenerCertificate =
  | { readonly kind: 'given'; readonly arn: string; readonly member: ObjectRef }
  /** That of the model's `certificates` which this member asks for. */
  | { readonly kind: 'requested'; readonly member: ObjectRef };

/** A certificate that is requested from ACM for the hosts of one member (albc-behaviour §8.2). */
export type CertificateIntent = {
  readonly member: ObjectRef;
  /** Sorted, without repeats, at least one. */
  readonly domains: readonly string[];
  /** The private authority that issues it; undefined: Amazon issues a public one. */
  readonly authorityArn: string | undefined;
  /** User tags with defaults applied, tracking tags not yet. */
  readonly tags: Readonly<Record<string, string>>;
};

export type MutualAuthenticationIntent = {
  readonly mode: 'off' | 'passthrough' | 'verify';
  /** ARN or name. */
  readonly trustStore: string | undefined;
  readonly ignoreClientCertificateExpiry: boolean | undefined;
  readonly advertiseTrustStoreCaNames: 'on' | 'off' | undefined;
};

export type RuleIntent = {
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action<TargetGroupRef>[];
  readonly transforms: readonly Transform[];
  readonly member: ObjectRef;
  /** Where in the member: `spec.rules[0].http.paths[1]`. */
  readonly path: string;
  readonly tags: Readonly<Record<string, string>>;
};

/** A target group of ours by its intent's id, or somebody else's by ARN or name. */
export type TargetGroupRef =
  | { readonly kind: 'managed'; readonly id: TargetGroupIntentId }
  | { readonly kind: 'arn'; readonly arn: string }
  | { readonly kind: 'name'; readonly name: string };

/** Unique in a group: `ingressNamespace/ingressName-service:port` (ALBC's resource tag, albc-behaviour §5.2). */
export type TargetGroupIntentId = string;

export type TargetGroupIntent = {
  readonly id: TargetGroupIntentId;
  readonly member: ObjectRef;
  readonly service: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** The port exactly as the backend names it, which the AWS name hashes. */
  readonly backendPort: string;
  readonly servicePort: ServicePort;
  readonly targetType: TargetType;
  /** Cosmetic in AWS: the node port, the numeric target port, or 1 where the target port is a name. */
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
  readonly ipAddressType: 'ipv4' | 'ipv6';
  readonly targetControlPort: number | undefined;
  readonly healthCheck: HealthCheck;
  readonly attributes: Readonly<Record<string, string>>;
  /** Instance mode: only nodes with these labels. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Of a held member: it may say something newer than what the target group was made for. */
  readonly unproven?: true;
  readonly multiCluster: boolean;
  /** It has its second name, because a target group with the first one cannot be had (core/desired/second-names.ts). */
  readonly second?: true;
  /** When there are more pods than it may have targets; absent: what does not fit is refused. */
  readonly overflow?: Overflow;
  /** It has a share of the pods (core/overflow/overflow.ts). */
  readonly part?: TargetPart;
  readonly tags: Readonly<Record<string, string>>;
};

/** AWS takes no more target groups in one action (L-057ECE54), so no more share the pods of a Service. */
export const mostParts = 5;

export type Overflow =
  | { readonly kind: 'split' }
  /** `instead`: the target group with the nodes behind the same backend. */
  | { readonly kind: 'node-port'; readonly instead: TargetGroupIntent };

/** One of several target groups that share the pods of a Service. */
export type TargetPart = {
  /** From 0. */
  readonly index: number;
  /** How many share the pods now, and how many of them there shall be. */
  readonly of: number;
  readonly parts: number;
  /** Targets that fit into each. */
  readonly limit: number;
  /** The name that readiness gates know all of them by: that of the first. */
  readonly gate: string;
  /** It gets pods of one that goes, and requests of that go to it only then. */
  readonly absorbs?: true;
};

/** Where the targets of a target group come from: a port of a Service, for an Ingress or for a TargetGroupBinding. */
export type TargetsIntent = Pick<
  TargetGroupIntent,
  | 'member'
  | 'attributes'
  | 'backendPort'
  | 'servicePort'
  | 'targetType'
  | 'ipAddressType'
  | 'nodeLabels'
  | 'unproven'
  | 'multiCluster'
  | 'overflow'
  | 'part'
> & {
  readonly service: Pick<TargetGroupIntent['service'], 'namespace' | 'name'>;
  /** Further conditions on the labels of nodes, beside `nodeLabels`. */
  readonly nodeExpressions?: LabelSelector['matchExpressions'];
};

export type HealthCheck = {
  readonly protocol: 'HTTP' | 'HTTPS';
  /** `traffic-port` or a decimal number. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** HTTP codes, or GRPC codes where the target group speaks GRPC. */
  readonly successCodes: string;
};

/** Written on an Ingress whose deletion had to wait for consent: it waits on when the others are gone, and after a restart. */
export const deletionHeldAnnotation = 'albatross.dev/deletion-held';
