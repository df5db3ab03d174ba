// A user's mistake or an unmet condition, as a value. Never thrown, never retried until something changes.

import type { QuotaName } from './facts.ts';

/** The Kubernetes object that a problem, an event or a status belongs to. */
export type ObjectRef = {
  readonly apiVersion: string;
  readonly kind: string;
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
};

export type Severity = 'error' | 'warning';

/**
 * `error` on an Ingress holds that member back (quarantine); `warning` is reported and changes nothing.
 * `scope: 'group'` marks an error that no single member caused (no usable subnets, members that disagree and cannot be told apart).
 */
export type Problem = {
  readonly kind: 'problem';
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly scope: 'member' | 'group';
  readonly object: ObjectRef;
  /** Where in the object: `metadata.annotations[alb.ingress.kubernetes.io/scheme]`, `spec.rules[0].http.paths[1].backend`. */
  readonly path: string;
  /** One sentence without a trailing period: object, field, value, what is allowed. */
  readonly message: string;
  /** The next step for the user. */
  readonly hint?: string;
  /**
   * The words ALBC used for the same mistake, where they differ from ours: what users search for, and what
   * `--compatibility=albc` puts into its events.
   */
  readonly albcMessage?: string;
  /**
   * What ALBC does about it where that is not the event FailedBuildModel: it meets some while it loads the group, before
   * it adds finalizers, only logs others, and meets one only at AWS.
   */
  readonly albcEvent?: 'FailedLoadGroupID' | 'FailedDeployModel' | 'none';
  /** Which limit does not suffice. */
  readonly quota?: QuotaName;
};

/** Every code, with the line that docs/reference/problems.md prints for it. */
export const problemCatalogue = {
  AnnotationUnknown:
    'An annotation with our prefix has a name that nobody knows; the nearest known name is suggested.',
  AnnotationNotSupported: 'A known annotation that has no effect with the options the controller runs with.',
  AnnotationInvalid: 'The value of an annotation cannot be parsed or is out of range.',
  AnnotationConflict: 'Members of a group disagree on a setting of the whole load balancer or of a listener.',
  ClassInvalid: 'The IngressClass or its parameters are missing or not usable.',
  ClassAmbiguous: 'More than one IngressClass is marked as the default.',
  GroupNameInvalid: 'group.name is not a valid group name.',
  BackendInvalid: 'A backend is neither a Service nor a known action, or its shape is wrong.',
  ServiceNotFound: 'A Service that a backend names does not exist.',
  ServicePortNotFound: 'A Service exists but has no such port.',
  ServiceNotRoutable:
    'The Service cannot be reached in the chosen target mode (no node port, ExternalName, no selector).',
  PathInvalid: 'A path does not fit its path type.',
  HostInvalid: 'A host cannot be rendered as an ALB host condition.',
  RuleDuplicate: 'Two rules ask for the same host and path.',
  RuleShadowed: 'A rule can never match because an earlier one takes its requests.',
  HostClaimed: 'A host, or a host and path, of a shared load balancer belongs to another namespace.',
  ConditionLimit: 'A rule has more conditions than an ALB rule has values.',
  DefaultBackendConflict: 'Two members define a default backend for the same port.',
  SecretUnusable:
    'A Secret that sign-in needs does not exist, has not been read, or lacks a key or the required label.',
  CertificateNotFound: 'No issued ACM certificate covers a host, or a given certificate does not exist.',
  CertificatePending:
    'A certificate that was requested from ACM is not issued yet, or its validation failed.',
  SubnetsUnusable: 'No usable subnets for the load balancer.',
  SecurityGroupAmbiguous:
    'The security group of a node or pod that should let the load balancer in cannot be told among several.',
  SecurityGroupNotFound: 'A security group given by id or name does not exist.',
  QuotaExceeded: 'What the group asks for does not fit an AWS quota.',
  QuotaNear: 'Something has 80 % or more of what an AWS quota allows; told once more from 95 % on.',
  ReplacementHeld: 'A change needs a new AWS resource and consent to replace it is missing.',
  FrontendNlbHeld: 'The network load balancer stays as it is while a member of its group is held.',
  SettingOfClass: 'An Ingress sets something of a whole load balancer that its IngressClass keeps to itself.',
  ShardConflict: 'An Ingress asks for hosts that are on different load balancers of its group.',
  MovePending: 'An Ingress moves to another group, and its status waits for healthy targets there.',
  ClusterClash: 'Resources of a group carry the UID of another cluster that has the same name.',
  Paused: 'An Ingress, its group or its class is paused: nothing of it is changed in AWS.',
  AdoptionHeld: 'A load balancer that a group asks to take over cannot be taken over.',
  ReleaseHeld: 'An Ingress is to be released, and others of its group are not.',
  DeletionHeld:
    'A deletion is held back: deletion protection, no positive proof that it is wanted, or too many at once.',
  TargetUnusable: 'A node or pod cannot be registered as a target, or its network interface is not found.',
  ListenerForeign: 'A listener on a port that the group wants was made by somebody else and stays as it is.',
  NothingReady: 'A target group has no ready target.',
  PodEndsEarly: 'Pods end before the load balancer has let go of them.',
  TargetsKept: 'Targets stay registered although they are not ready, because it is too many of them at once.',
  BindingInvalid:
    'A TargetGroupBinding and its target group do not fit, or it opens ports that no target has.',
  BindingOfAlbc:
    'A TargetGroupBinding carries the mark of the AWS Load Balancer Controller, and is left to it.',
  TargetGroupNotFound: 'A TargetGroupBinding names a target group that does not exist.',
  TargetGroupTaken: 'Several TargetGroupBindings, or one and an Ingress, are for the same target group.',
  AwsRefused: 'AWS refused an operation.',
} as const;

export type ProblemCode = keyof typeof problemCatalogue;

/** A value together with everything that was wrong on the way; both can be present at once. */
export type Checked<T> = { readonly value: T; readonly problems: readonly Problem[] };
