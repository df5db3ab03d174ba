import type { DriftModes } from './drift.ts';
import type { PriorityRange } from './priorities.ts';

/**
 * The settings that the pure stages read, frozen for the life of the process. Built by config/ from the options table;
 * flag names are ALBC's (albc-behaviour §9.1) in camelCase.
 */
export type CoreConfig = {
  readonly clusterName: string;
  /** UID of the cluster, by which clusters of the same name are told apart; undefined: not known. */
  readonly clusterUid: string | undefined;
  /** Clusters of the same name whose resources this one takes over (`--former-cluster-uids`). */
  readonly formerClusterUids: readonly string[];
  readonly region: string;
  readonly vpcId: string;
  readonly ingressClass: string;
  readonly watchNamespace: string | undefined;
  readonly defaultTargetType: TargetType;
  readonly defaultLoadBalancerScheme: Scheme;
  readonly defaultSslPolicy: string;
  readonly defaultTags: Readonly<Record<string, string>>;
  readonly externalManagedTags: readonly string[];
  readonly tolerateNonExistentBackendService: boolean;
  readonly tolerateNonExistentBackendAction: boolean;
  readonly enableBackendSecurityGroup: boolean;
  /** A given shared backend group (`--backend-security-group`): used, never created or deleted. */
  readonly backendSecurityGroup: string | undefined;
  readonly enableManageBackendSecurityGroupRules: boolean;
  readonly disableRestrictedSgRules: boolean;
  readonly enableWaf: boolean;
  readonly enableWafv2: boolean;
  readonly enableShield: boolean;
  readonly serviceTargetEniSecurityGroupTags: Readonly<Record<string, string>>;
  readonly allowedCertificateAuthorityArns: readonly string[];
  /** Who issues requested certificates (`--default-pca-arn`); undefined: Amazon, public ones. */
  readonly defaultPcaArn: string | undefined;
  /** Only Secrets with this label are used (`--required-secrets-label`); undefined: any. */
  readonly requiredSecretsLabel: { readonly key: string; readonly value: string } | undefined;
  /** 0: no cap. */
  readonly maxTargetsPerTargetGroup: number;
  /** Part of the nodes that stays registered, however many are not ready (`--target-floor-percent`). */
  readonly targetFloorPercent: number;
  /** Priorities of rules that are left to others (`--reserved-rule-priorities`). */
  readonly reservedRulePriorities: readonly PriorityRange[];
  /** How many groups may be deleted at the same time without consent (`--max-group-deletions`); 0: any number. */
  readonly maxGroupDeletions: number;
  /** What is done about drift where neither an Ingress nor a class says it (`--drift`). */
  readonly drift: DriftModes;
  readonly featureGates: Readonly<Record<FeatureGate, boolean>>;
  readonly policy: Policy;
};

export type TargetType = 'instance' | 'ip';
export type Scheme = 'internal' | 'internet-facing';

/** albc-behaviour §9.2; those that concern Ingress → ALB. */
export type FeatureGate =
  | 'ListenerRulesTagging'
  | 'WeightedTargetGroups'
  | 'EndpointsFailOpen'
  | 'EnableIPTargetType'
  | 'EnableRGTAPI'
  | 'SubnetsClusterTagCheck'
  | 'SubnetDiscoveryByReachability'
  | 'ALBSingleSubnet'
  | 'LBCapacityReservation'
  | 'EnhancedDefaultBehavior'
  | 'EnableDefaultTagsLowPriority'
  | 'EnableCertificateManagement'
  | 'IngressPlanAnnotation';

/** Where our behaviour and ALBC's differ on purpose; each field is a row of docs/compatibility.md. */
export type Policy = {
  readonly compatibility: 'none' | 'albc';
  /** `IngressClass.spec.controller` values that we answer to. */
  readonly controllers: readonly string[];
  /** Whether the annotation kubernetes.io/ingress.class selects us. */
  readonly classAnnotation: boolean;
  /** Finalizer of an implicit group, and the prefix to which an explicit group's name is added. */
  readonly finalizer: { readonly implicit: string; readonly explicitPrefix: string };
  /** `specification`: `*.foo.com` matches one label (host regex). `plain`: ALB wildcard, which spans dots. */
  readonly wildcardHosts: 'specification' | 'plain';
  /** `specification`: most specific host and path first among members of equal order. `written`: as ALBC, in written order. */
  readonly ruleOrder: 'specification' | 'written';
  /** `stable`: existing rules keep their priorities where the order allows. `compact`: always 1..n, tags follow. */
  readonly rulePriorities: 'stable' | 'compact';
  /** `fitted`: a rule with more values than AWS takes becomes several; rules are joined, and target groups shared, where there would be too many. `written`: as ALBC. */
  readonly ruleShapes: 'fitted' | 'written';
  /** Two namespaces that ask for the same host and path of a group: the first one has it; or group order decides (ALBC). */
  readonly hostClaims: 'firstNamespace' | 'none';
  /** Members that disagree on a setting of the load balancer: who was there first decides, or group order (ALBC). */
  readonly settings: 'oldest' | 'groupOrder';
  /** What an invalid member does: hold itself, or its whole group (ALBC). */
  readonly memberErrors: 'quarantine' | 'holdGroup';
  /** Registered targets that are not ready: `floor` keeps some when it is too many of them at once, `remove` none (ALBC). */
  readonly unreadyTargets: 'floor' | 'remove';
  /** Rules and listeners on our load balancers that carry no tags of ours. */
  readonly foreign: 'keep' | 'remove';
  /** Description of the rules of a group's own security group, by which they are told from others'; ALBC writes none. */
  readonly clientRuleDescription: string;
  /** A change that needs another load balancer: the new one comes first, with consent; or the old one goes first (ALBC). */
  readonly replacements: 'makeFirst' | 'deleteFirst';
  /** What a load balancer does that is to be deleted and protected from it: stay, or lose its protection (ALBC). */
  readonly deletionProtection: 'keep' | 'lift';
  /** An Ingress or Service that changed in nothing that the model reads: no run, or one that tells of success again (ALBC). */
  readonly meaninglessChanges: 'ignore' | 'tell';
  /** Whether labels of namespaces, and what is the default class, concern Ingresses as soon as they change, or with their next change (ALBC). */
  readonly classWatch: 'all' | 'named';
  /** What leads to a Service that is gone or lost its port, its targets among it, and targets whose Service has another targetPort now. */
  readonly lostBackends: 'keep' | 'remove';
  /** TargetGroupBindings with the mark by which ALBC remembers that it served them: they are its own, or taken over. */
  readonly bindingsOfAlbc: 'leave' | 'takeOver';
  /** Nodes and pods whose security group cannot be told: others are opened and nodes registered all the same, or nothing of their target group is (ALBC). */
  readonly unreachableNodes: 'register' | 'wait';
  /** A forward to several target groups while their gate is off, and an HTTPS port without a certificate: the member is held, or AWS gets what comes before it (ALBC). */
  readonly gatedForwards: 'hold' | 'failLate';
  /** Many groups that are to be deleted at the same time: they wait for consent, or go (ALBC). */
  readonly massDeletions: 'hold' | 'allow';
  /** The tag with the cluster's UID (core/domain/cluster-uid.ts): on what is made, and with other tags that are written; or never. */
  readonly clusterUidTag: 'write' | 'leave';
  /** After the first operation of a group that AWS turns down: all that does not depend on it goes on, or nothing does (ALBC). */
  readonly afterRefusal: 'goOn' | 'stop';
  /** What AWS describes just after a write that it confirmed: it may be older than that write, or counts whatever was written (ALBC). */
  readonly readings: 'mayBeOld' | 'count';
  /** How long the tags of load balancers and target groups are believed without being read, once they were read. */
  readonly tagsBelievedMs: number;
};

export const policies: Readonly<Record<Policy['compatibility'], Policy>> = {
  none: {
    compatibility: 'none',
    controllers: ['albatross.dev/alb'],
    classAnnotation: false,
    finalizer: { implicit: 'albatross.dev/resources', explicitPrefix: 'group.albatross.dev/' },
    wildcardHosts: 'specification',
    ruleOrder: 'specification',
    rulePriorities: 'stable',
    ruleShapes: 'fitted',
    hostClaims: 'firstNamespace',
    settings: 'oldest',
    memberErrors: 'quarantine',
    unreadyTargets: 'floor',
    foreign: 'keep',
    clientRuleDescription: 'Clients of the load balancer (Albatross)',
    replacements: 'makeFirst',
    deletionProtection: 'keep',
    meaninglessChanges: 'ignore',
    classWatch: 'all',
    lostBackends: 'keep',
    bindingsOfAlbc: 'leave',
    unreachableNodes: 'register',
    gatedForwards: 'hold',
    massDeletions: 'hold',
    clusterUidTag: 'write',
    afterRefusal: 'goOn',
    readings: 'mayBeOld',
    tagsBelievedMs: 0,
  },
  albc: {
    compatibility: 'albc',
    controllers: ['ingress.k8s.aws/alb'],
    classAnnotation: true,
    finalizer: { implicit: 'ingress.k8s.aws/resources', explicitPrefix: 'group.ingress.k8s.aws/' },
    wildcardHosts: 'plain',
    ruleOrder: 'written',
    rulePriorities: 'compact',
    ruleShapes: 'written',
    hostClaims: 'none',
    settings: 'groupOrder',
    memberErrors: 'holdGroup',
    unreadyTargets: 'remove',
    foreign: 'remove',
    clientRuleDescription: '',
    replacements: 'deleteFirst',
    deletionProtection: 'lift',
    meaninglessChanges: 'tell',
    classWatch: 'named',
    lostBackends: 'remove',
    bindingsOfAlbc: 'takeOver',
    unreachableNodes: 'wait',
    gatedForwards: 'failLate',
    massDeletions: 'allow',
    clusterUidTag: 'leave',
    afterRefusal: 'stop',
    readings: 'count',
    tagsBelievedMs: 20 * 60_000,
  },
};
