// One write to AWS as data: what, on which resource, why, after which others. Nothing writes to AWS except the handler
// of an operation that was in a plan (architecture invariant I5).

import type {
  DesiredCertificate,
  DesiredListener,
  DesiredLoadBalancer,
  DesiredMutualAuthentication,
  DesiredTargetGroup,
  Known,
  SecurityGroupRule,
  Tags,
} from './desired-group.ts';
import type { HealthCheck } from './group-model.ts';
import type {
  CertificateArn,
  ListenerArn,
  LoadBalancerArn,
  OperationId,
  ResourceId,
  RuleArn,
  SecurityGroupId,
  SubnetId,
  TargetGroupArn,
} from './ids.ts';
import type { ObservedLoadBalancer } from './observed-group.ts';
import type { ObjectRef } from './problem.ts';
import type { Action, RuleContent } from './rule.ts';
import type { AssumedRole, Target } from './target.ts';

export type FieldChange = { readonly field: string; readonly from: string; readonly to: string };

/** Why an operation is in the plan. */
export type Because = {
  readonly reason: /** Wanted, and AWS has no such resource. */
    | 'missing'
    /** The desired state changed. */
    | 'changed'
    /** The desired state is as last applied, AWS is not: somebody changed it there. */
    | 'drift'
    /** Nobody wants it any more. */
    | 'unwanted'
    /** A step that keeps traffic flowing while others happen (fill, wait, move priorities). */
    | 'transition';
  /** One short clause for people: "host shop.example.com asked for by Ingress shop/web". */
  readonly text: string;
  readonly object?: ObjectRef;
  readonly changes?: readonly FieldChange[];
};

type Step<Kind extends string, Fields> = {
  readonly kind: Kind;
  readonly id: OperationId;
  readonly subject: ResourceId;
  readonly because: Because;
  /** These must be done first; if one fails or is skipped, so is this. */
  readonly dependsOn: readonly OperationId[];
} & Readonly<Fields>;

export type KnownAction = Action<Known<TargetGroupArn>>;

export type Operation =
  | Step<'createSecurityGroup', { name: string; description: string; tags: Tags }>
  | Step<'authorizeIngress', { securityGroup: Known<SecurityGroupId>; rules: readonly SecurityGroupRule[] }>
  | Step<'revokeIngress', { securityGroup: SecurityGroupId; ruleIds: readonly string[] }>
  | Step<'deleteSecurityGroup', { securityGroup: SecurityGroupId }>
  | Step<'setSecurityGroupTags', { securityGroup: SecurityGroupId; add: Tags; remove: readonly string[] }>
  | Step<
      'createLoadBalancer',
      { type?: 'network'; spec: Omit<DesiredLoadBalancer, 'listeners' | 'waitingPorts'> }
    >
  | Step<'modifyLoadBalancerAttributes', { loadBalancer: Known<LoadBalancerArn>; attributes: Tags }>
  | Step<
      'setSubnets',
      {
        loadBalancer: LoadBalancerArn;
        subnets: readonly SubnetId[];
        /** Of a network load balancer, in the order of `subnets`. */
        allocationIds?: readonly string[];
        /** Of a network load balancer, as `allocationIds`. */
        zones?: readonly string[];
        ipAddressType: string;
      }
    >
  | Step<
      'setSecurityGroups',
      { loadBalancer: LoadBalancerArn; securityGroups: readonly Known<SecurityGroupId>[] }
    >
  | Step<'setIpAddressType', { loadBalancer: LoadBalancerArn; ipAddressType: string }>
  /** `ipamPoolId` undefined: AWS's own addresses again. */
  | Step<'modifyIpPools', { loadBalancer: LoadBalancerArn; ipamPoolId: string | undefined }>
  /** Only of an active load balancer; 0 gives the reservation back. */
  | Step<'modifyCapacityReservation', { loadBalancer: LoadBalancerArn; capacityUnits: number }>
  /** Replaces any other association: a load balancer has one web ACL (WAFv2). */
  | Step<'associateWebAcl', { loadBalancer: Known<LoadBalancerArn>; webAclArn: string }>
  | Step<'disassociateWebAcl', { loadBalancer: LoadBalancerArn }>
  /** WAF Classic: as `associateWebAcl`, by id. */
  | Step<'associateClassicWebAcl', { loadBalancer: Known<LoadBalancerArn>; webAclId: string }>
  | Step<'disassociateClassicWebAcl', { loadBalancer: LoadBalancerArn }>
  | Step<'createShieldProtection', { loadBalancer: Known<LoadBalancerArn>; name: string }>
  | Step<'deleteShieldProtection', { loadBalancer: LoadBalancerArn; protectionId: string }>
  /** Waits until the load balancer is active, or fails after `timeoutSeconds`. */
  | Step<'awaitActiveLoadBalancer', { loadBalancer: Known<LoadBalancerArn>; timeoutSeconds: number }>
  /** Notes in a tag since when nobody is told the name any more (`retiredAt`: it is there already), and waits `seconds` from then. */
  | Step<
      'retireLoadBalancer',
      { loadBalancer: LoadBalancerArn; retiredAt: string | undefined; seconds: number }
    >
  /** `liftProtection`: when deletion protection is on, it is switched off first. */
  | Step<'deleteLoadBalancer', { loadBalancer: LoadBalancerArn; liftProtection: boolean }>
  | Step<'createTargetGroup', { spec: TargetGroupSpec }>
  | Step<
      'modifyTargetGroup',
      { targetGroup: TargetGroupArn; healthCheck: HealthCheck; protocolVersion: string }
    >
  | Step<'modifyTargetGroupAttributes', { targetGroup: Known<TargetGroupArn>; attributes: Tags }>
  | Step<'deleteTargetGroup', { targetGroup: TargetGroupArn }>
  /** Of a target group of type `alb`, whose one target it is. AWS takes an active one with a listener on the port only. */
  | Step<
      'registerLoadBalancer',
      { targetGroup: Known<TargetGroupArn>; loadBalancer: LoadBalancerArn; port: number }
    >
  /** `role`: undefined for a target group of our own account. */
  | Step<
      'registerTargets',
      { targetGroup: Known<TargetGroupArn>; targets: readonly Target[]; role?: AssumedRole | undefined }
    >
  | Step<
      'deregisterTargets',
      { targetGroup: TargetGroupArn; targets: readonly Target[]; role?: AssumedRole | undefined }
    >
  /** Waits until at least `count` targets are healthy, or fails after `timeoutSeconds`; asks DescribeTargetHealth sparingly. */
  | Step<'awaitHealthyTargets', { targetGroup: Known<TargetGroupArn>; count: number; timeoutSeconds: number }>
  | Step<'requestCertificate', { spec: Omit<DesiredCertificate, 'id' | 'member' | 'arn' | 'isIssued'> }>
  /** By these records in public hosted zones of Route 53 Amazon sees that the names are ours. */
  | Step<'createValidationRecords', { certificate: Known<CertificateArn> }>
  | Step<'setCertificateTags', { certificate: CertificateArn; add: Tags; remove: readonly string[] }>
  /** With its validation records, but for those of `keepRecordsOf`: a name has the same record in all certificates. */
  | Step<'deleteCertificate', { certificate: CertificateArn; keepRecordsOf: readonly string[] }>
  | Step<'createListener', { loadBalancer: Known<LoadBalancerArn>; spec: ListenerSpec; tags: Tags }>
  | Step<'modifyListener', { listener: ListenerArn; spec: ListenerSpec }>
  | Step<'modifyListenerAttributes', { listener: Known<ListenerArn>; attributes: Tags }>
  | Step<'addListenerCertificate', { listener: Known<ListenerArn>; certificateArn: string }>
  | Step<'removeListenerCertificate', { listener: ListenerArn; certificateArn: string }>
  | Step<'deleteListener', { listener: Known<ListenerArn> }>
  | Step<
      'createRule',
      {
        listener: Known<ListenerArn>;
        priority: number;
        content: RuleContent<Known<TargetGroupArn>>;
        tags: Tags;
      }
    >
  | Step<
      'modifyRule',
      { rule: RuleArn; content: RuleContent<Known<TargetGroupArn>>; resetTransforms: boolean }
    >
  /** Atomic for the given set (SetRulePriorities): swaps are allowed. */
  | Step<
      'setRulePriorities',
      {
        listener: ListenerArn;
        priorities: readonly { readonly rule: Known<RuleArn>; readonly priority: number }[];
      }
    >
  | Step<'deleteRule', { rule: Known<RuleArn> }>
  /** ELBv2 tags of a load balancer, target group, listener or rule. */
  | Step<'setTags', { resource: string; add: Tags; remove: readonly string[] }>
  /** The resource stays and loses the tags that make it ours; from then on it is a stranger's. */
  | Step<'release', { service: 'elbv2' | 'ec2' | 'acm'; resource: string; keys: readonly string[] }>;

export type TargetGroupSpec = Omit<
  DesiredTargetGroup,
  'targets' | 'member' | 'targetType' | 'protocol' | 'protocolVersion'
> & {
  readonly targetType: 'instance' | 'ip' | 'alb';
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** Undefined with TCP. */
  readonly protocolVersion: DesiredTargetGroup['protocolVersion'] | undefined;
};

export type ListenerSpec = Pick<DesiredListener, 'port' | 'sslPolicy'> & {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  readonly defaultActions: readonly KnownAction[];
  readonly certificateArn: string | undefined;
  readonly mutualAuthentication: DesiredMutualAuthentication | undefined;
};

export type OperationKind = Operation['kind'];
export type OperationOf<Kind extends OperationKind> = Extract<Operation, { readonly kind: Kind }>;

/** What AWS assigned: kept by the executor under the operation's subject, looked up by a `Ref`. */
export type Attributes = {
  readonly arn?: string;
  readonly id?: string;
  readonly dnsName?: string;
  /** State of a load balancer as CreateLoadBalancer answered it. */
  readonly state?: ObservedLoadBalancer['state'];
  /** What retireLoadBalancer noted. */
  readonly retiredAt?: string;
  /** Ids of the rules that authorizeIngress made, in the order of its `rules`. */
  readonly ruleIds?: readonly string[];
  /** Targets of registerTargets that AWS would not take, while it took others, with its words. */
  readonly refusedTargets?: readonly { readonly target: Target; readonly why: string }[];
};

/** Resolves a value that AWS assigned earlier in the same execution; throws an InvariantError for an unknown one. */
export type Look = <T extends string>(value: Known<T>) => T;

/** A handler for each kind: a new kind without one does not compile. */
export type Handlers = {
  readonly [Kind in OperationKind]: (
    operation: OperationOf<Kind>,
    look: Look,
    options: { readonly signal: AbortSignal },
  ) => Promise<Attributes>;
};
