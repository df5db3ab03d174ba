// What the controller asks of AWS: each operation it uses, with its place in the queue and the token buckets it draws from.
// This table is also the list of permissions: iam/policy.json is rendered from it (scripts/iam-policy.ts).

import type {
  $Command as AcmCommand,
  ACMClientResolvedConfig,
  ServiceInputTypes as AcmInput,
  ServiceOutputTypes as AcmOutput,
} from '@aws-sdk/client-acm';
import type {
  $Command as CloudTrailCommand,
  CloudTrailClientResolvedConfig,
  ServiceInputTypes as CloudTrailInput,
  ServiceOutputTypes as CloudTrailOutput,
} from '@aws-sdk/client-cloudtrail';
import type {
  $Command as Ec2Command,
  EC2ClientResolvedConfig,
  ServiceInputTypes as Ec2Input,
  ServiceOutputTypes as Ec2Output,
} from '@aws-sdk/client-ec2';
import type {
  $Command as Elbv2Command,
  ElasticLoadBalancingV2ClientResolvedConfig,
  ServiceInputTypes as Elbv2Input,
  ServiceOutputTypes as Elbv2Output,
} from '@aws-sdk/client-elastic-load-balancing-v2';

import type {
  $Command as TaggingCommand,
  ResourceGroupsTaggingAPIClientResolvedConfig,
  ServiceInputTypes as TaggingInput,
  ServiceOutputTypes as TaggingOutput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type {
  $Command as Route53Command,
  Route53ClientResolvedConfig,
  ServiceInputTypes as Route53Input,
  ServiceOutputTypes as Route53Output,
} from '@aws-sdk/client-route-53';
import type {
  $Command as ServiceQuotasCommand,
  ServiceInputTypes as ServiceQuotasInput,
  ServiceOutputTypes as ServiceQuotasOutput,
  ServiceQuotasClientResolvedConfig,
} from '@aws-sdk/client-service-quotas';
import type {
  $Command as ShieldCommand,
  ShieldClientResolvedConfig,
  ServiceInputTypes as ShieldInput,
  ServiceOutputTypes as ShieldOutput,
} from '@aws-sdk/client-shield';
import type {
  $Command as StsCommand,
  ServiceInputTypes as StsInput,
  ServiceOutputTypes as StsOutput,
  STSClientResolvedConfig,
} from '@aws-sdk/client-sts';
import type {
  $Command as Wafv2Command,
  WAFV2ClientResolvedConfig,
  ServiceInputTypes as Wafv2Input,
  ServiceOutputTypes as Wafv2Output,
} from '@aws-sdk/client-wafv2';

import type { ClassicCommand } from './waf-classic.ts';
import type { AssumedRole } from '../core/domain/target.ts';

/** Who goes first when a bucket is empty, first to last. */
export const lanes = ['targets', 'rules', 'writes', 'reads', 'limits'] as const;
export type Lane = (typeof lanes)[number];

/** AWS's token buckets that the operations below draw from; their sizes are in rate-limit.ts. */
export type BucketName =
  | 'account'
  | 'describe'
  | 'mutate'
  | 'register'
  | 'intensive'
  | 'ec2Describe'
  | 'ec2Mutate'
  | 'ec2Rules'
  | 'ec2Tags'
  | 'acmList'
  | 'acmDescribe'
  | 'acmTags'
  | 'acmWrite'
  | 'route53'
  | 'wafAssociate'
  | 'wafAssociation'
  | 'wafList'
  | 'classicAssociate'
  | 'classicAssociation'
  | 'cloudTrail';

/** `buckets`: names of the table's, or of `--aws-api-throttle` (throttles.ts). */
export type OperationRule = { readonly lane: Lane; readonly buckets: readonly string[] };

const elbv2 = (lane: Lane, bucket: BucketName): OperationRule => ({ lane, buckets: ['account', bucket] });
const only = (lane: Lane, bucket: BucketName): OperationRule => ({ lane, buckets: [bucket] });

const elbv2Operations = {
  AddListenerCertificates: elbv2('rules', 'mutate'),
  AddTags: elbv2('writes', 'mutate'),
  CreateListener: elbv2('rules', 'mutate'),
  CreateLoadBalancer: elbv2('writes', 'intensive'),
  CreateRule: elbv2('rules', 'mutate'),
  CreateTargetGroup: elbv2('writes', 'mutate'),
  DeleteListener: elbv2('rules', 'mutate'),
  DeleteLoadBalancer: elbv2('writes', 'mutate'),
  DeleteRule: elbv2('rules', 'mutate'),
  DeleteTargetGroup: elbv2('writes', 'mutate'),
  DeregisterTargets: elbv2('targets', 'register'),
  DescribeAccountLimits: elbv2('limits', 'describe'),
  DescribeCapacityReservation: elbv2('reads', 'describe'),
  DescribeListenerAttributes: elbv2('reads', 'describe'),
  DescribeListenerCertificates: elbv2('reads', 'describe'),
  DescribeListeners: elbv2('reads', 'describe'),
  DescribeLoadBalancerAttributes: elbv2('reads', 'describe'),
  DescribeLoadBalancers: elbv2('reads', 'describe'),
  DescribeRules: elbv2('reads', 'describe'),
  DescribeTags: elbv2('reads', 'describe'),
  DescribeTargetGroupAttributes: elbv2('reads', 'describe'),
  DescribeTargetGroups: elbv2('reads', 'describe'),
  DescribeTargetHealth: elbv2('reads', 'describe'),
  DescribeTrustStores: elbv2('reads', 'describe'),
  ModifyCapacityReservation: elbv2('writes', 'mutate'),
  ModifyIpPools: elbv2('writes', 'mutate'),
  ModifyListener: elbv2('rules', 'mutate'),
  ModifyListenerAttributes: elbv2('rules', 'mutate'),
  ModifyLoadBalancerAttributes: elbv2('writes', 'mutate'),
  ModifyRule: elbv2('rules', 'mutate'),
  ModifyTargetGroup: elbv2('writes', 'mutate'),
  ModifyTargetGroupAttributes: elbv2('writes', 'mutate'),
  RegisterTargets: elbv2('targets', 'register'),
  RemoveListenerCertificates: elbv2('rules', 'mutate'),
  RemoveTags: elbv2('writes', 'mutate'),
  SetIpAddressType: elbv2('writes', 'mutate'),
  SetRulePriorities: elbv2('rules', 'mutate'),
  SetSecurityGroups: elbv2('writes', 'mutate'),
  SetSubnets: elbv2('writes', 'intensive'),
};

const ec2Operations = {
  AuthorizeSecurityGroupIngress: only('writes', 'ec2Rules'),
  CreateSecurityGroup: only('writes', 'ec2Mutate'),
  CreateTags: only('writes', 'ec2Tags'),
  DeleteSecurityGroup: only('writes', 'ec2Mutate'),
  DeleteTags: only('writes', 'ec2Tags'),
  DescribeAvailabilityZones: only('reads', 'ec2Describe'),
  DescribeInstances: only('reads', 'ec2Describe'),
  DescribeNetworkInterfaces: only('reads', 'ec2Describe'),
  DescribeRouteTables: only('reads', 'ec2Describe'),
  DescribeSecurityGroupRules: only('reads', 'ec2Describe'),
  DescribeSecurityGroups: only('reads', 'ec2Describe'),
  DescribeSubnets: only('reads', 'ec2Describe'),
  DescribeVpcs: only('reads', 'ec2Describe'),
  RevokeSecurityGroupIngress: only('writes', 'ec2Rules'),
};

const acmOperations = {
  AddTagsToCertificate: only('writes', 'acmWrite'),
  DeleteCertificate: only('writes', 'acmWrite'),
  DescribeCertificate: only('reads', 'acmDescribe'),
  ListCertificates: only('reads', 'acmList'),
  ListTagsForCertificate: only('reads', 'acmTags'),
  RemoveTagsFromCertificate: only('writes', 'acmWrite'),
  RequestCertificate: only('writes', 'acmWrite'),
};

const route53Operations = {
  ChangeResourceRecordSets: only('writes', 'route53'),
  ListHostedZones: only('reads', 'route53'),
  ListResourceRecordSets: only('reads', 'route53'),
};

const wafv2Operations = {
  AssociateWebACL: only('writes', 'wafAssociate'),
  DisassociateWebACL: only('writes', 'wafAssociate'),
  GetWebACLForResource: only('reads', 'wafAssociation'),
  ListWebACLs: only('reads', 'wafList'),
};

const wafRegionalOperations = {
  AssociateWebACL: only('writes', 'classicAssociate'),
  DisassociateWebACL: only('writes', 'classicAssociate'),
  GetWebACLForResource: only('reads', 'classicAssociation'),
};

/** AWS names no limits of Shield's requests. */
const shieldOperations = {
  CreateProtection: { lane: 'writes', buckets: [] },
  DeleteProtection: { lane: 'writes', buckets: [] },
  DescribeProtection: { lane: 'reads', buckets: [] },
  GetSubscriptionState: { lane: 'reads', buckets: [] },
} as const satisfies Readonly<Record<string, OperationRule>>;

/** Nor of the tagging API's; one question a restart, for each 100 of our resources. */
const taggingOperations = {
  GetResources: { lane: 'reads', buckets: [] },
} as const satisfies Readonly<Record<string, OperationRule>>;

/** Nor of those of Service Quotas. */
const serviceQuotasOperations = {
  ListAWSDefaultServiceQuotas: { lane: 'limits', buckets: [] },
  ListServiceQuotas: { lane: 'limits', buckets: [] },
} as const satisfies Readonly<Record<string, OperationRule>>;

/** Two a second (CloudTrail quotas); asked at most once a minute, and only if somebody wants to know who changed what. */
const cloudTrailOperations = {
  LookupEvents: only('limits', 'cloudTrail'),
};

/** Nor of those of STS. */
const stsOperations = {
  AssumeRole: { lane: 'targets', buckets: [] },
} as const satisfies Readonly<Record<string, OperationRule>>;

/** By service and SDK operation name; the services are named by their prefix in IAM actions. */
export const operations = {
  elasticloadbalancing: elbv2Operations,
  ec2: ec2Operations,
  acm: acmOperations,
  route53: route53Operations,
  wafv2: wafv2Operations,
  'waf-regional': wafRegionalOperations,
  servicequotas: serviceQuotasOperations,
  shield: shieldOperations,
  tag: taggingOperations,
  cloudtrail: cloudTrailOperations,
  sts: stsOperations,
} as const satisfies Readonly<Record<string, Readonly<Record<string, OperationRule>>>>;

export type ServiceName = keyof typeof operations;

export type CallOptions = { readonly signal: AbortSignal };

/** Sends one command: rate limited, retried, its failures thrown as `AwsError`. */
export type Elbv2Call = <Input extends Elbv2Input, Output extends Elbv2Output>(
  command: Elbv2Command<Input, Output, ElasticLoadBalancingV2ClientResolvedConfig, Elbv2Input, Elbv2Output>,
  options: CallOptions,
) => Promise<Output>;
export type Ec2Call = <Input extends Ec2Input, Output extends Ec2Output>(
  command: Ec2Command<Input, Output, EC2ClientResolvedConfig, Ec2Input, Ec2Output>,
  options: CallOptions,
) => Promise<Output>;
export type AcmCall = <Input extends AcmInput, Output extends AcmOutput>(
  command: AcmCommand<Input, Output, ACMClientResolvedConfig, AcmInput, AcmOutput>,
  options: CallOptions,
) => Promise<Output>;

export type Route53Call = <Input extends Route53Input, Output extends Route53Output>(
  command: Route53Command<Input, Output, Route53ClientResolvedConfig, Route53Input, Route53Output>,
  options: CallOptions,
) => Promise<Output>;

export type Wafv2Call = <Input extends Wafv2Input, Output extends Wafv2Output>(
  command: Wafv2Command<Input, Output, WAFV2ClientResolvedConfig, Wafv2Input, Wafv2Output>,
  options: CallOptions,
) => Promise<Output>;
export type ClassicWafCall = <Input extends object, Output extends object>(
  command: ClassicCommand<Input, Output>,
  options: CallOptions,
) => Promise<Output>;
export type ShieldCall = <Input extends ShieldInput, Output extends ShieldOutput>(
  command: ShieldCommand<Input, Output, ShieldClientResolvedConfig, ShieldInput, ShieldOutput>,
  options: CallOptions,
) => Promise<Output>;

export type ServiceQuotasCall = <Input extends ServiceQuotasInput, Output extends ServiceQuotasOutput>(
  command: ServiceQuotasCommand<
    Input,
    Output,
    ServiceQuotasClientResolvedConfig,
    ServiceQuotasInput,
    ServiceQuotasOutput
  >,
  options: CallOptions,
) => Promise<Output>;
export type StsCall = <Input extends StsInput, Output extends StsOutput>(
  command: StsCommand<Input, Output, STSClientResolvedConfig, StsInput, StsOutput>,
  options: CallOptions,
) => Promise<Output>;
export type CloudTrailCall = <Input extends CloudTrailInput, Output extends CloudTrailOutput>(
  command: CloudTrailCommand<
    Input,
    Output,
    CloudTrailClientResolvedConfig,
    CloudTrailInput,
    CloudTrailOutput
  >,
  options: CallOptions,
) => Promise<Output>;
export type TaggingCall = <Input extends TaggingInput, Output extends TaggingOutput>(
  command: TaggingCommand<
    Input,
    Output,
    ResourceGroupsTaggingAPIClientResolvedConfig,
    TaggingInput,
    TaggingOutput
  >,
  options: CallOptions,
) => Promise<Output>;

export type Calls = {
  readonly elbv2: Elbv2Call;
  readonly ec2: Ec2Call;
  readonly acm: AcmCall;
  readonly route53: Route53Call;
  readonly wafv2: Wafv2Call;
  readonly classicWaf: ClassicWafCall;
  readonly serviceQuotas: ServiceQuotasCall;
  readonly shield: ShieldCall;
  readonly tagging: TaggingCall;
  readonly cloudTrail: CloudTrailCall;
  /** ELBv2 of another account, as that role. */
  readonly assuming: (role: AssumedRole) => Elbv2Call;
  /** Closes the sockets. */
  readonly close: () => void;
};
