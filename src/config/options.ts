// The one table of the controller's options. Flags, environment, defaults, validation, --help and
// docs/reference/options.md are all made from it. Names and defaults are ALBC's (albc-behaviour §9.1) where ALBC has
// the option.

import { parseFeatureGates, defaultFeatureGates } from './feature-gates.ts';
import { flag, option, type Option } from './option.ts';
import { limitsFile } from './limits-file.ts';
import type { Quota } from '../core/domain/facts.ts';
import { driftOptions } from './drift-options.ts';
import { safetyOptions } from './safety-options.ts';
import { webhookOptions } from './webhook-options.ts';
import {
  type ApiThrottle,
  bindAddress,
  type BindAddress,
  duration,
  endpoints,
  integer,
  label,
  list,
  listOf,
  map,
  matching,
  oneOf,
  text,
  throttles,
} from './values.ts';

const none: Readonly<Record<string, string>> = {};
const nothing: readonly string[] = [];
const noLimits: readonly Quota[] = [];
const noThrottles: readonly ApiThrottle[] = [];
const address = (host: string, port: number): BindAddress => ({ host, port });

export const options = {
  clusterName: option({
    name: 'cluster-name',
    argument: 'name',
    parse: matching(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      'a cluster name (letters, digits, “.”, “_”, “-”, 100 at most)',
    ),
    fallback: undefined,
    env: ['ALBATROSS_CLUSTER_NAME'],
    group: 'General',
    doc: 'Name of the cluster. Part of every AWS name and tag, so it never changes. Required.',
  }),
  compatibility: option({
    name: 'compatibility',
    argument: 'none|albc',
    parse: oneOf('none', 'albc'),
    fallback: 'none' as const,
    group: 'General',
    doc: 'albc: take over from the AWS Load Balancer Controller: its controller name, class annotation, finalizers and ways of rendering.',
  }),
  kubeconfig: option({
    name: 'kubeconfig',
    argument: 'file',
    parse: text,
    fallback: undefined,
    env: ['KUBECONFIG'],
    group: 'General',
    doc: 'How to reach the API server; without it the service account of the pod, or ~/.kube/config outside a cluster.',
  }),
  watchNamespace: option({
    name: 'watch-namespace',
    argument: 'namespace',
    parse: matching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$|^$/, 'the name of a namespace'),
    fallback: undefined,
    group: 'General',
    doc: 'Watch one namespace only.',
  }),
  featureGates: option({
    name: 'feature-gates',
    argument: 'Gate=true,…',
    parse: parseFeatureGates,
    fallback: defaultFeatureGates(),
    group: 'General',
    doc: 'Switches features on and off; the gates are listed below.',
  }),
  ingressClass: option({
    name: 'ingress-class',
    argument: 'name',
    parse: text,
    fallback: 'alb',
    group: 'Ingress',
    doc: 'Value of the annotation kubernetes.io/ingress.class that selects this controller (with --compatibility=albc). Empty: `alb` and the empty text do, and so do Ingresses without any class.',
    takesNothing: true,
  }),
  ingressMaxConcurrentReconciles: option({
    name: 'ingress-max-concurrent-reconciles',
    argument: 'number',
    parse: integer(1, 100),
    fallback: 3,
    group: 'Ingress',
    doc: 'Groups that are worked on at the same time.',
  }),
  targetGroupBindingMaxConcurrentReconciles: option({
    name: 'targetgroupbinding-max-concurrent-reconciles',
    argument: 'number',
    parse: integer(1, 100),
    fallback: 3,
    group: 'Ingress',
    doc: 'Target groups whose targets are worked on at the same time.',
  }),
  targetGroupBindingMaxExponentialBackoffDelay: option({
    name: 'targetgroupbinding-max-exponential-backoff-delay',
    argument: 'duration',
    parse: duration,
    fallback: 1_000_000,
    group: 'Ingress',
    doc: 'The longest wait before targets that could not be registered are tried again; the audit tries them too.',
  }),
  lbStabilizationMonitorInterval: option({
    name: 'lb-stabilization-monitor-interval',
    argument: 'duration',
    parse: duration,
    fallback: 120_000,
    group: 'Ingress',
    doc: 'How often a new load balancer is looked at that has to become active before capacity can be reserved for it.',
  }),
  tolerateNonExistentBackendService: flag(
    'tolerate-non-existent-backend-service',
    true,
    'Ingress',
    'A backend whose Service is missing answers 503 instead of being an error.',
  ),
  tolerateNonExistentBackendAction: flag(
    'tolerate-non-existent-backend-action',
    true,
    'Ingress',
    'A backend whose actions annotation is missing answers 503 instead of being an error.',
  ),
  defaultTargetType: option({
    name: 'default-target-type',
    argument: 'instance|ip',
    parse: oneOf('instance', 'ip'),
    fallback: 'instance' as const,
    group: 'Ingress',
    doc: 'Target type where neither class nor annotation says one: node ports or pod addresses.',
  }),
  defaultLoadBalancerScheme: option({
    name: 'default-load-balancer-scheme',
    argument: 'internal|internet-facing',
    parse: oneOf('internal', 'internet-facing'),
    fallback: 'internal' as const,
    group: 'Ingress',
    doc: 'Scheme where neither class nor annotation says one.',
  }),
  defaultSslPolicy: option({
    name: 'default-ssl-policy',
    argument: 'name',
    parse: text,
    fallback: 'ELBSecurityPolicy-2016-08',
    group: 'Ingress',
    doc: 'Security policy of HTTPS listeners where neither class nor annotation says one.',
  }),
  maxTargetsPerTargetGroup: option({
    name: 'max-targets-per-target-group',
    argument: 'number',
    parse: integer(0),
    fallback: 0,
    group: 'Ingress',
    doc: 'Most targets that are registered in one target group; 0: no cap.',
  }),
  awsRegion: option({
    name: 'aws-region',
    argument: 'region',
    parse: matching(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'an AWS region such as us-west-2'),
    fallback: undefined,
    env: ['AWS_DEFAULT_REGION', 'AWS_REGION'],
    group: 'AWS',
    doc: 'Region of the cluster; without it that of the instance that the controller runs on (instance metadata).',
  }),
  awsVpcId: option({
    name: 'aws-vpc-id',
    argument: 'id',
    parse: matching(/^vpc-[0-9a-f]+$/, 'a VPC id such as vpc-0123456789abcdef0'),
    fallback: undefined,
    group: 'AWS',
    doc: 'VPC of the cluster; without it the one with --aws-vpc-tags, else that of the instance that the controller runs on (instance metadata), else that of a node (first the one that NODENAME in the environment names).',
  }),
  awsVpcTags: option({
    name: 'aws-vpc-tags',
    argument: 'key=value,…',
    parse: map,
    fallback: none,
    group: 'AWS',
    doc: 'Tags that all must be on the VPC of the cluster; they must match exactly one.',
  }),
  awsApiEndpoints: option({
    name: 'aws-api-endpoints',
    argument: 'service=url,…',
    parse: endpoints,
    fallback: none,
    group: 'AWS',
    doc: 'Other endpoints for services, by the service ids of the AWS SDK for Go v2 with their blanks, such as “EC2=http://127.0.0.1:4566,Elastic Load Balancing v2=http://127.0.0.1:4566”.',
  }),
  awsMaxRetries: option({
    name: 'aws-max-retries',
    argument: 'number',
    parse: integer(0, 100),
    fallback: 10,
    group: 'AWS',
    doc: 'How often the SDK repeats a call that failed for a passing reason.',
  }),
  awsApiThrottle: option({
    name: 'aws-api-throttle',
    argument: 'service:regex=rate:burst,…',
    parse: throttles,
    fallback: noThrottles,
    group: 'AWS',
    doc: 'Limits of our own calls, for each service that it names instead of the built-in ones, which are below AWS’s limits: calls a second and burst by operations, such as “WAFV2:^AssociateWebACL|DisassociateWebACL=0.5:1”.',
  }),
  limitsFile: option({
    name: 'limits-file',
    argument: 'file',
    parse: limitsFile,
    fallback: noLimits,
    group: 'AWS',
    doc: 'Limits to believe before what AWS says: YAML, a number for each name of docs/reference/limits.md. Read at the start.',
  }),
  enableBackendSecurityGroup: flag(
    'enable-backend-security-group',
    true,
    'Security groups',
    'Use one shared security group as the source of traffic from load balancers to nodes and pods.',
  ),
  backendSecurityGroup: option({
    name: 'backend-security-group',
    argument: 'id',
    parse: matching(/^sg-[0-9a-f]+$|^$/, 'a security group id such as sg-0123456789abcdef0'),
    fallback: undefined,
    group: 'Security groups',
    doc: 'An existing group to use as the shared one; it is never changed or deleted.',
  }),
  enableManageBackendSecurityGroupRules: flag(
    'enable-manage-backend-security-group-rules',
    false,
    'Security groups',
    'Open nodes and pods to given security groups too, where an Ingress names its own.',
  ),
  enableWaf: flag(
    'enable-waf',
    true,
    'AWS',
    'Associate load balancers with the web ACLs of WAF Classic that Ingresses ask for; off: those annotations have no effect.',
  ),
  enableWafv2: flag(
    'enable-wafv2',
    true,
    'AWS',
    'Associate load balancers with the web ACLs that Ingresses ask for; off: those annotations have no effect.',
  ),
  enableShield: flag(
    'enable-shield',
    true,
    'AWS',
    'Protect load balancers with Shield Advanced where Ingresses ask for it and the account is subscribed.',
  ),
  disableRestrictedSgRules: flag(
    'disable-restricted-sg-rules',
    false,
    'Security groups',
    'Open every port of nodes and pods to the load balancers instead of the needed ones.',
  ),
  serviceTargetEniSecurityGroupTags: option({
    name: 'service-target-eni-security-group-tags',
    argument: 'key=value,…',
    parse: map,
    fallback: none,
    group: 'Security groups',
    doc: 'Tags that pick the security group to open where an interface has several.',
  }),
  allowedCertificateAuthorityArns: option({
    name: 'allowed-certificate-authority-arns',
    argument: 'arn,…',
    parse: listOf(/^arn:/, 'an ARN'),
    fallback: nothing,
    group: 'Certificates and tags',
    doc: 'Certificate discovery takes only certificates of these authorities.',
  }),
  defaultPcaArn: option({
    name: 'default-pca-arn',
    argument: 'arn',
    parse: matching(/^arn:|^$/, 'the ARN of a private certificate authority'),
    fallback: undefined,
    group: 'Certificates and tags',
    doc: 'Private authority that issues certificates requested by create-acm-cert, where an Ingress names none with acm-pca-arn; without it Amazon issues public ones.',
  }),
  defaultTags: option({
    name: 'default-tags',
    argument: 'key=value,…',
    parse: map,
    fallback: none,
    group: 'Certificates and tags',
    doc: 'Tags for every AWS resource that the controller makes.',
  }),
  requiredSecretsLabel: option({
    name: 'required-secrets-label',
    argument: 'key=value',
    parse: label,
    fallback: undefined,
    group: 'Ingress',
    doc: 'Use only Secrets with this label for OIDC sign-in.',
  }),
  externalManagedTags: option({
    name: 'external-managed-tags',
    argument: 'key,…',
    parse: list,
    fallback: nothing,
    group: 'Certificates and tags',
    doc: 'Keys of tags that others manage on the resources; they are left alone.',
  }),
  enableLeaderElection: flag(
    'enable-leader-election',
    true,
    'Operations',
    'Let one replica work at a time, by a Lease.',
  ),
  leaderElectionId: option({
    name: 'leader-election-id',
    argument: 'name',
    parse: text,
    fallback: 'aws-load-balancer-controller-leader',
    group: 'Operations',
    doc: 'Name of the Lease. The default is ALBC’s, so that the two never work at the same time.',
  }),
  leaderElectionNamespace: option({
    name: 'leader-election-namespace',
    argument: 'namespace',
    parse: text,
    fallback: undefined,
    env: ['POD_NAMESPACE'],
    group: 'Operations',
    doc: 'Namespace of the Lease; without it the namespace of the pod.',
  }),
  metricsBindAddr: option({
    name: 'metrics-bind-addr',
    argument: 'address',
    parse: bindAddress,
    fallback: address('', 8080),
    group: 'Operations',
    doc: 'Where /metrics is served; 0: nowhere.',
  }),
  healthProbeBindAddr: option({
    name: 'health-probe-bind-addr',
    argument: 'address',
    parse: bindAddress,
    fallback: address('', 61_779),
    group: 'Operations',
    doc: 'Where /healthz and /readyz are served; 0: nowhere.',
  }),
  followDraining: flag(
    'follow-draining',
    false,
    'Operations',
    'Look at deregistered targets until they have drained: measures how long that takes (albatross_target_drain_seconds) and tells where pods end earlier. About ten more reads for each time that targets go.',
  ),
  annotateDrainedNodes: flag(
    'annotate-drained-nodes',
    false,
    'Operations',
    'Annotate nodes that an autoscaler is about to remove with albatross.dev/drained when they have drained in every target group of type instance. Needs deploy/example/drained-nodes.yaml; looks at AWS as --follow-draining does.',
  ),
  logLevel: option({
    name: 'log-level',
    argument: 'info|debug',
    parse: oneOf('info', 'debug'),
    fallback: 'info' as const,
    group: 'Operations',
    doc: 'How much is logged.',
  }),
  ...driftOptions,
  ...safetyOptions,
  ...webhookOptions,
};

export type Options = typeof options;
export type OptionKey = keyof Options;
export type OptionValues = {
  readonly [Key in OptionKey]: Options[Key] extends Option<infer T, infer Fallback>
    ? undefined extends Fallback
      ? T | undefined
      : T
    : never;
};
