// What AWS has, normalised: echo forms folded into the domain's one form, lists in a documented order.

import type { HealthCheck } from './group-model.ts';
import type {
  CertificateArn,
  GroupKey,
  ListenerArn,
  LoadBalancerArn,
  RuleArn,
  SecurityGroupId,
  SubnetId,
  TargetGroupArn,
} from './ids.ts';
import type { DesiredMutualAuthentication, SecurityGroupRule, Tags } from './desired-group.ts';
import type { Action, RuleContent } from './rule.ts';
import type { ObservedTarget } from './target.ts';

export type Placed = {
  readonly id: SubnetId;
  readonly zone: string;
  readonly allocationId?: string | undefined;
};

export type ObservedLoadBalancer = {
  readonly arn: LoadBalancerArn;
  readonly name: string;
  readonly dnsName: string;
  readonly type: string;
  readonly scheme: 'internal' | 'internet-facing';
  /** Absent: that of the cluster. */
  readonly vpcId?: string | undefined;
  readonly state: 'provisioning' | 'active' | 'active_impaired' | 'failed';
  readonly ipAddressType: string;
  /** Sorted. */
  readonly subnets: readonly SubnetId[];
  /** Its elastic addresses, sorted; absent: none. */
  readonly allocationIds?: readonly string[];
  /** Of a network load balancer: its subnets with zones and addresses; absent: not known. */
  readonly placement?: readonly Placed[] | undefined;
  readonly securityGroups: readonly SecurityGroupId[];
  readonly ipamPoolId: string | undefined;
  /** 0: nothing is reserved. Undefined: not read. */
  readonly capacityUnits: number | undefined;
  /** '': none is associated. Undefined: not read. */
  readonly webAclArn: string | undefined;
  /** Of WAF Classic. '': none is associated; `noClassicWaf`: the region has none. Undefined: not read. */
  readonly classicWebAclId: string | undefined;
  /** Undefined: not read. */
  readonly shieldProtection: ObservedProtection | 'none' | undefined;
  /** Undefined: not read. */
  readonly attributes: Tags | undefined;
  readonly tags: Tags;
  /** By port. */
  readonly listeners: readonly ObservedListener[];
  /** It was read because a group asks to take it over; while it lacks our tags it is somebody else's. */
  readonly isCandidate?: true;
};

/** In the place of the id of a web ACL of WAF Classic, in a region without that service. */
export const noClassicWaf = 'no WAF Classic here';

/** A protection of Shield Advanced. */
export type ObservedProtection = { readonly id: string; readonly name: string };

export type ObservedListener = {
  readonly arn: ListenerArn;
  readonly port: number;
  readonly protocol: string;
  readonly defaultActions: readonly Action<TargetGroupArn>[];
  readonly sslPolicy: string | undefined;
  readonly defaultCertificate: string | undefined;
  /** SNI list, sorted, without repeats; the default one is in it only if it was added to it. Undefined: not read. */
  readonly certificates: readonly string[] | undefined;
  readonly mutualAuthentication: DesiredMutualAuthentication | undefined;
  /** Undefined: not read. */
  readonly attributes: Tags | undefined;
  readonly tags: Tags;
  /** Without the default rule, by priority. */
  readonly rules: readonly ObservedRule[];
  /** Somebody else made it, and the group takes it over (core/plan/adoption.ts). */
  readonly isAdopted?: true;
};

export type ObservedRule = RuleContent<TargetGroupArn> & {
  readonly arn: RuleArn;
  readonly priority: number;
  readonly tags: Tags;
};

export type ObservedTargetGroup = {
  readonly arn: TargetGroupArn;
  readonly name: string;
  readonly targetType: string;
  readonly port: number;
  readonly protocol: string;
  readonly protocolVersion: string;
  readonly ipAddressType: string;
  readonly healthCheck: HealthCheck;
  /** Undefined: not read. */
  readonly attributes: Tags | undefined;
  readonly tags: Tags;
  readonly loadBalancerArns: readonly LoadBalancerArn[];
  /** Undefined: not read yet (of type `alb` it always is); the targets loop reads it, the group's plan only needs it when it moves a rule. */
  readonly targets: readonly ObservedTarget[] | undefined;
};

export type ObservedSecurityGroupRule = SecurityGroupRule & { readonly ruleId: string };

export type ObservedSecurityGroup = {
  readonly id: SecurityGroupId;
  readonly name: string;
  readonly description: string;
  readonly tags: Tags;
  readonly ingress: readonly ObservedSecurityGroupRule[];
};

/** A certificate in ACM that carries the group's tags. */
export type ObservedCertificate = {
  readonly arn: CertificateArn;
  /** Sorted. */
  readonly domains: readonly string[];
  readonly isPrivate: boolean;
  readonly status: 'issued' | 'pending' | 'failed';
  /** Not issued for so long that another one may be requested in its place. */
  readonly isSpent: boolean;
  /** ACM's status and reason, where it is not issued. */
  readonly why: string;
  /** We wrote its validation records since it was read. */
  readonly recordsWritten: boolean;
  readonly tags: Tags;
};

/** Everything in AWS that carries the group's tags, and what hangs on its load balancers. */
export type ObservedGroup = {
  readonly key: GroupKey;
  /** More than one while a load balancer is being replaced. By name. */
  readonly loadBalancers: readonly ObservedLoadBalancer[];
  readonly targetGroups: readonly ObservedTargetGroup[];
  readonly securityGroups: readonly ObservedSecurityGroup[];
  /** By ARN. Empty where the gate EnableCertificateManagement is off. */
  readonly certificates: readonly ObservedCertificate[];
};

/** AWS has nothing of the group. */
export function emptyObservedGroup(key: GroupKey): ObservedGroup {
  return { key, loadBalancers: [], targetGroups: [], securityGroups: [], certificates: [] };
}

/** Tag on a load balancer that is being replaced: since when nobody is told its name any more. */
export const retiredTag = 'albatross.dev/retired-at';
