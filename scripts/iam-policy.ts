// Renders the policies of iam/: what the controller's role may do in AWS, from the table of operations that the code uses
// (src/aws/ports.ts). An operation that is not placed below does not compile.

import type { operations } from '../src/aws/ports.ts';

type Operations = typeof operations;
type ActionOf<Service extends keyof Operations> = `${Service}:${keyof Operations[Service] & string}`;
type Action = { [Service in keyof Operations]: ActionOf<Service> }[keyof Operations];

/**
 * Where an action stands in the policy. Tags cannot guard everything: listeners and rules carry tags only if the users want it
 * (feature gate ListenerRulesTagging), and the security groups of nodes are not ours.
 */
const scopes: Readonly<Record<Action, Scope | readonly Scope[]>> = {
  'acm:AddTagsToCertificate': ['certificateTagsAtCreation', 'ownCertificateTags'],
  'acm:DeleteCertificate': 'ownCertificates',
  'acm:DescribeCertificate': 'read',
  'acm:ListCertificates': 'read',
  'acm:ListTagsForCertificate': 'read',
  'acm:RemoveTagsFromCertificate': 'ownCertificateTags',
  'acm:RequestCertificate': 'create',
  // Only for those who want to know who changed what; docs/drift.md has the statement.
  'cloudtrail:LookupEvents': [],
  'ec2:AuthorizeSecurityGroupIngress': 'securityGroupRules',
  'ec2:CreateSecurityGroup': 'securityGroups',
  'ec2:CreateTags': ['securityGroupTagsAtCreation', 'securityGroupTags'],
  'ec2:DeleteSecurityGroup': 'ownSecurityGroups',
  'ec2:DeleteTags': 'securityGroupTags',
  'ec2:DescribeAvailabilityZones': 'read',
  'ec2:DescribeInstances': 'read',
  'ec2:DescribeNetworkInterfaces': 'read',
  'ec2:DescribeRouteTables': 'read',
  'ec2:DescribeSecurityGroupRules': 'read',
  'ec2:DescribeSecurityGroups': 'read',
  'ec2:DescribeSubnets': 'read',
  'ec2:DescribeVpcs': 'read',
  'ec2:RevokeSecurityGroupIngress': 'securityGroupRules',
  'elasticloadbalancing:AddListenerCertificates': 'listenersAndRules',
  'elasticloadbalancing:AddTags': ['tagsAtCreation', 'ownTags', 'listenerTags'],
  'elasticloadbalancing:CreateListener': 'listenersAndRules',
  'elasticloadbalancing:CreateLoadBalancer': 'create',
  'elasticloadbalancing:CreateRule': 'listenersAndRules',
  'elasticloadbalancing:CreateTargetGroup': 'create',
  'elasticloadbalancing:DeleteListener': 'listenersAndRules',
  'elasticloadbalancing:DeleteLoadBalancer': 'own',
  'elasticloadbalancing:DeleteRule': 'listenersAndRules',
  'elasticloadbalancing:DeleteTargetGroup': 'own',
  'elasticloadbalancing:DeregisterTargets': 'targets',
  'elasticloadbalancing:DescribeAccountLimits': 'read',
  'elasticloadbalancing:DescribeCapacityReservation': 'read',
  'elasticloadbalancing:DescribeListenerAttributes': 'read',
  'elasticloadbalancing:DescribeListenerCertificates': 'read',
  'elasticloadbalancing:DescribeListeners': 'read',
  'elasticloadbalancing:DescribeLoadBalancerAttributes': 'read',
  'elasticloadbalancing:DescribeLoadBalancers': 'read',
  'elasticloadbalancing:DescribeRules': 'read',
  'elasticloadbalancing:DescribeTags': 'read',
  'elasticloadbalancing:DescribeTargetGroupAttributes': 'read',
  'elasticloadbalancing:DescribeTargetGroups': 'read',
  'elasticloadbalancing:DescribeTargetHealth': 'read',
  'elasticloadbalancing:DescribeTrustStores': 'read',
  'elasticloadbalancing:ModifyCapacityReservation': 'own',
  'elasticloadbalancing:ModifyIpPools': 'own',
  'elasticloadbalancing:ModifyListener': 'listenersAndRules',
  'elasticloadbalancing:ModifyListenerAttributes': 'listenersAndRules',
  'elasticloadbalancing:ModifyLoadBalancerAttributes': 'own',
  'elasticloadbalancing:ModifyRule': 'listenersAndRules',
  'elasticloadbalancing:ModifyTargetGroup': 'own',
  'elasticloadbalancing:ModifyTargetGroupAttributes': 'own',
  'elasticloadbalancing:RegisterTargets': 'targets',
  'elasticloadbalancing:RemoveListenerCertificates': 'listenersAndRules',
  'elasticloadbalancing:RemoveTags': ['ownTags', 'listenerTags'],
  'elasticloadbalancing:SetIpAddressType': 'own',
  'elasticloadbalancing:SetRulePriorities': 'listenersAndRules',
  'elasticloadbalancing:SetSecurityGroups': 'own',
  'elasticloadbalancing:SetSubnets': 'own',
  'route53:ChangeResourceRecordSets': 'validationRecords',
  'route53:ListHostedZones': 'read',
  'route53:ListResourceRecordSets': 'read',
  'servicequotas:ListAWSDefaultServiceQuotas': 'read',
  'servicequotas:ListServiceQuotas': 'read',
  'shield:CreateProtection': 'addOns',
  'shield:DeleteProtection': 'addOns',
  'shield:DescribeProtection': 'addOns',
  'shield:GetSubscriptionState': 'addOns',
  'tag:GetResources': 'read',
  'waf-regional:AssociateWebACL': 'addOns',
  'waf-regional:DisassociateWebACL': 'addOns',
  'waf-regional:GetWebACLForResource': 'addOns',
  // Only for TargetGroupBindings of other accounts: the operator names the roles, for with `*` it could take any.
  'sts:AssumeRole': [],
  'wafv2:AssociateWebACL': 'addOns',
  'wafv2:DisassociateWebACL': 'addOns',
  'wafv2:GetWebACLForResource': 'addOns',
  'wafv2:ListWebACLs': 'addOns',
};

type Statement = {
  readonly Resource: string | readonly string[];
  readonly Condition?: Condition;
};

/** Put in place of the partition's name, which IAM wants to be exact. */
const anyPartition = 'PARTITION';

/** Put in by whoever uses a policy for one cluster (docs/installing.md). */
const clusterName = 'CLUSTER_NAME';
const clusterTag = 'elbv2.k8s.aws/cluster';
const requestTag = `aws:RequestTag/${clusterTag}`;
const resourceTag = `aws:ResourceTag/${clusterTag}`;

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
/** What the cluster tag has to be, in the request that makes something and on what there is. */
type Ownership = {
  readonly newTag: Condition;
  readonly ownTag: Condition;
  /** For what may carry no tag: what else there is belongs to nobody, or to AWS's user. */
  readonly nobodyElses: Condition;
  readonly newOrNoTag: Condition;
};

/** `Null: false` asks for the tag, `Null: true` for its absence. */
const anyCluster: Ownership = {
  newTag: { Null: { [requestTag]: 'false' } },
  ownTag: { Null: { [resourceTag]: 'false' } },
  nobodyElses: {},
  newOrNoTag: {},
};
/** Listeners and rules of ALBC, groups of nodes and target groups of users carry no tag, and those of another cluster do. */
const oneCluster: Ownership = {
  newTag: { StringEquals: { [requestTag]: clusterName } },
  ownTag: { StringEquals: { [resourceTag]: clusterName } },
  nobodyElses: { StringEqualsIfExists: { [resourceTag]: clusterName } },
  newOrNoTag: { StringEqualsIfExists: { [resourceTag]: clusterName, [requestTag]: clusterName } },
};
/** The cluster tag itself stays as it is: with it a role could take over what belongs to another cluster. */
const sameTag: Condition = { Null: { [requestTag]: 'true' } };

/** All conditions at once. */
function all(...conditions: readonly Condition[]): { readonly Condition?: Condition } {
  const merged: Record<string, Readonly<Record<string, string | readonly string[]>>> = {};
  for (const condition of conditions)
    for (const [operator, keys] of Object.entries(condition))
      merged[operator] = { ...merged[operator], ...keys };
  return Object.keys(merged).length === 0 ? {} : { Condition: merged };
}

const elb = (resource: string): string => `arn:${anyPartition}:elasticloadbalancing:*:*:${resource}`;
const loadBalancers = [elb('loadbalancer/app/*/*'), elb('loadbalancer/net/*/*')];
const loadBalancersAndTargetGroups = [elb('targetgroup/*/*'), ...loadBalancers];
const listenersAndRules = [
  elb('listener/app/*/*/*'),
  elb('listener/net/*/*/*'),
  elb('listener-rule/app/*/*/*/*'),
];
const securityGroups = `arn:${anyPartition}:ec2:*:*:security-group/*`;
const certificates = `arn:${anyPartition}:acm:*:*:certificate/*`;

const statementsOf = ({ newTag, ownTag, nobodyElses, newOrNoTag }: Ownership) =>
  ({
    read: { Resource: '*' },
    create: { Resource: '*', ...all(newTag) },
    tagsAtCreation: {
      Resource: loadBalancersAndTargetGroups,
      ...all(
        {
          StringEquals: { 'elasticloadbalancing:CreateAction': ['CreateTargetGroup', 'CreateLoadBalancer'] },
        },
        newTag,
      ),
    },
    ownTags: { Resource: loadBalancersAndTargetGroups, ...all(sameTag, ownTag) },
    own: { Resource: loadBalancersAndTargetGroups, ...all(ownTag) },
    /** A listener is created on a load balancer, a rule on a listener. */
    listenersAndRules: { Resource: [...loadBalancers, ...listenersAndRules], ...all(nobodyElses) },
    addOns: { Resource: '*' },
    listenerTags: { Resource: listenersAndRules, ...all(newOrNoTag) },
    targets: { Resource: elb('targetgroup/*/*'), ...all(nobodyElses) },
    certificateTagsAtCreation: { Resource: certificates, ...all(newTag) },
    ownCertificateTags: { Resource: certificates, ...all(sameTag, ownTag) },
    ownCertificates: { Resource: certificates, ...all(ownTag) },
    /** Aliases whose names begin with an underscore, as those that ACM asks for do. */
    validationRecords: {
      Resource: `arn:${anyPartition}:route53:::hostedzone/*`,
      Condition: {
        'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['CNAME'] },
        'ForAllValues:StringLike': { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_*'] },
      },
    },
    /** A group is created in a VPC, which need not be ours to change. */
    securityGroups: { Resource: [securityGroups, `arn:${anyPartition}:ec2:*:*:vpc/*`] },
    securityGroupTagsAtCreation: {
      Resource: securityGroups,
      ...all({ StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup' } }, newTag),
    },
    securityGroupTags: { Resource: securityGroups, ...all(sameTag, ownTag) },
    /** Those of nodes too, which carry no tag of ours. */
    securityGroupRules: {
      Resource: [securityGroups, `arn:${anyPartition}:ec2:*:*:security-group-rule/*`],
      ...all(nobodyElses),
    },
    ownSecurityGroups: { Resource: securityGroups, ...all(ownTag) },
  }) satisfies Readonly<Record<string, Statement>>;

type Scope = keyof ReturnType<typeof statementsOf>;

/** AWS makes this role with the first load balancer of an account, on behalf of who creates it. */
const serviceLinkedRole = {
  Sid: 'ServiceLinkedRole',
  Effect: 'Allow',
  Action: ['iam:CreateServiceLinkedRole'],
  Resource: '*',
  Condition: { StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' } },
};

/** What WAF asks for on the load balancer beside its own actions; no operation of ELBv2 has this name. */
const webAclOfLoadBalancer = {
  Sid: 'WebAclOfLoadBalancer',
  Effect: 'Allow',
  Action: ['elasticloadbalancing:SetWebAcl'],
  Resource: elb('loadbalancer/app/*/*'),
};

/**
 * `full`: whatever carries the tag of some cluster may be changed. `cluster`: only what carries that of one, and what carries
 * none where that cannot be helped. `targets`: for TargetGroupBindings alone, target groups are filled and nothing is made.
 */
export type PolicyKind = 'full' | 'cluster' | 'targets';
export const policyKinds: readonly PolicyKind[] = ['full', 'cluster', 'targets'];

/** Reads without a single Ingress: what there is of ours, the target groups, and what leads to their targets. */
const readsOfTargets: ReadonlySet<string> = new Set<Action>([
  'ec2:DescribeInstances',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeVpcs',
  'elasticloadbalancing:DescribeAccountLimits',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'servicequotas:ListAWSDefaultServiceQuotas',
  'servicequotas:ListServiceQuotas',
]);

const isOfTargets = (scope: Scope, action: string): boolean =>
  scope === 'targets' || (scope === 'read' && readsOfTargets.has(action));

/** A policy as JSON text, for one partition of AWS. */
export function renderIamPolicy(kind: PolicyKind = 'full', partition = 'aws'): string {
  const placed = Object.entries(scopes).flatMap(([action, scope]) =>
    [scope].flat().map((one) => ({ action, scope: one })),
  );
  const chosen = placed.filter(({ action, scope }) => kind !== 'targets' || isOfTargets(scope, action));
  const own = Object.entries(statementsOf(kind === 'cluster' ? oneCluster : anyCluster)).map(
    ([scope, statement]) => ({
      Sid: scope.charAt(0).toUpperCase() + scope.slice(1),
      Effect: 'Allow',
      Action: chosen.filter((one) => one.scope === scope).map(({ action }) => action),
      ...statement,
    }),
  );
  const before = kind === 'targets' ? [] : [serviceLinkedRole, webAclOfLoadBalancer];
  const Statement = [...before, ...own.filter(({ Action }) => Action.length > 0)];
  return `${JSON.stringify({ Version: '2012-10-17', Statement }, null, 2).replaceAll(anyPartition, partition)}\n`;
}
