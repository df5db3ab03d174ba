// Given option texts and the environment → one frozen Config, or every mistake at once.

import { clusterUidTag } from '../core/domain/cluster-uid.ts';
import { type CoreConfig, policies } from '../core/domain/config.ts';
import type { Quota } from '../core/domain/facts.ts';
import { nearest } from '../lib/nearest.ts';
import { acceptedOptions } from './accepted-options.ts';
import type { Option } from './option.ts';
import { type OptionKey, type OptionValues, options } from './options.ts';
import type { ApiThrottle, BindAddress, Parsed } from './values.ts';

export type Config = {
  readonly core: CoreConfig;
  readonly kube: {
    readonly kubeconfig: string | undefined;
    readonly watchNamespace: string | undefined;
    readonly leaderElection: {
      readonly enabled: boolean;
      readonly id: string;
      readonly namespace: string | undefined;
    };
  };
  readonly aws: {
    /** '' when it has to be found (main.ts); so in `core`. */
    readonly region: string;
    /** '' when it has to be found. */
    readonly vpcId: string;
    readonly vpcTags: Readonly<Record<string, string>>;
    /** By service id of the AWS SDK for Go v2 (`EC2`, `Elastic Load Balancing v2`, …). */
    readonly endpoints: Readonly<Record<string, string>>;
    readonly maxRetries: number;
    readonly throttles: readonly ApiThrottle[];
    readonly limits: readonly Quota[];
  };
  readonly engine: {
    readonly groupConcurrency: number;
    readonly targetConcurrency: number;
    readonly targetBackOffMs: number;
    readonly provisioningIntervalMs: number;
    readonly auditIntervalMs: number;
    readonly draining: 'ignored' | 'followed' | 'annotated';
  };
  /** Ask CloudTrail who changed what. */
  readonly lookUpDriftAuthors: boolean;
  readonly webhook: {
    readonly port: number;
    readonly certDir: string;
    /** False: nobody named the folder, so webhooks are served only if it has a certificate. */
    readonly wanted: boolean;
    readonly certFile: string;
    readonly keyFile: string;
    readonly clientAuthority: string | undefined;
    readonly forbidden: { readonly classAnnotation: boolean; readonly groupName: boolean };
    readonly injectsGates: boolean;
  };
  readonly telemetry: {
    readonly metrics: BindAddress;
    readonly health: BindAddress;
    readonly logLevel: 'info' | 'debug';
  };
  /** One sentence for each option that was accepted and does nothing. */
  readonly notes: readonly string[];
};

export type Mistake = { readonly option: string; readonly message: string };
export type Loaded =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly Mistake[] };

export type GivenOptions = {
  /** Text of each flag by its name without dashes; the last one where it was repeated. */
  readonly flags: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/**
 * Reads, validates and combines all options. A flag wins over its environment variables, those over the default. An
 * empty text counts as absent, as Helm charts pass it.
 */
export function loadConfig(given: GivenOptions): Loaded {
  const mistakes: Mistake[] = [...unknownFlags(given.flags)];
  const table: Readonly<Record<string, Option<unknown>>> = options;
  const entries = Object.entries(table).map(([key, option]) => {
    const parsed = readOption(option, given);
    if (parsed.kind === 'mistake') mistakes.push({ option: `--${option.name}`, message: parsed.message });
    return [key, parsed.kind === 'value' ? parsed.value : option.fallback] as const;
  });
  // Each entry was parsed by the option of the same key, which fromEntries cannot express.
  const values = Object.fromEntries(entries) as unknown as OptionValues;
  mistakes.push(
    ...crossChecks(values).filter(({ option }) => !mistakes.some((other) => other.option === option)),
  );
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes };
  return { kind: 'config', config: frozen(configOf(values, given.flags)) };
}

/** All mistakes, one line each, as the CLI prints them. */
export function renderMistakes(mistakes: readonly Mistake[]): string {
  return mistakes.map(({ option, message }) => `${option} ${message}`).join('\n');
}

function unknownFlags(flags: ReadonlyMap<string, string>): readonly Mistake[] {
  const known = [...Object.values(options).map(({ name }) => name), ...Object.keys(acceptedOptions)];
  return [...flags.keys()]
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known);
      return {
        option: `--${name}`,
        message: `is not an option${meant === undefined ? '' : ` (did you mean --${meant}?)`}`,
      };
    });
}

function readOption<T>(option: Option<T>, given: GivenOptions): Parsed<T | undefined> {
  const found = given.flags.get(option.name);
  const flag = found === '' && option.takesNothing !== true ? undefined : found;
  const variable = option.env.find((name) => (given.env[name] ?? '') !== '');
  const text = flag ?? (variable === undefined ? undefined : given.env[variable]);
  if (text === undefined) return { kind: 'value', value: option.fallback };
  const parsed = option.parse(text);
  if (parsed.kind === 'value') return parsed;
  const source = flag === undefined && variable !== undefined ? ` from ${variable}` : '';
  return { kind: 'mistake', message: `“${text}”${source} ${parsed.message}` };
}

/** Tags by which resources are found again (albc-behaviour §5.3): nobody else may write them. */
const trackingTags = [
  'elbv2.k8s.aws/cluster',
  'elbv2.k8s.aws/resource',
  'ingress.k8s.aws/stack',
  'ingress.k8s.aws/resource',
  clusterUidTag,
];

const longestAuditMs = 300_000;
const shortestAuditMs = 1000;

function crossChecks(values: OptionValues): readonly Mistake[] {
  const checks: readonly (readonly [boolean, OptionKey, string])[] = [
    [
      values.clusterName === undefined,
      'clusterName',
      'is required: the name of this cluster, which tags and names carry',
    ],
    [
      values.enableManageBackendSecurityGroupRules && !values.enableBackendSecurityGroup,
      'enableManageBackendSecurityGroupRules',
      'needs --enable-backend-security-group=true',
    ],
    [
      values.backendSecurityGroup !== undefined && !values.enableBackendSecurityGroup,
      'backendSecurityGroup',
      'needs --enable-backend-security-group=true',
    ],
    [
      values.auditInterval > longestAuditMs || values.auditInterval < shortestAuditMs,
      'auditInterval',
      'must be from 1s to 5m',
    ],
    [values.syncPeriod < shortestAuditMs, 'syncPeriod', 'must be at least 1s'],
    ...(['targetGroupBindingMaxExponentialBackoffDelay', 'lbStabilizationMonitorInterval'] as const).map(
      (key) => [values[key] < shortestAuditMs, key, 'must be at least 1s'] as const,
    ),
    ...clashes(Object.keys(values.defaultTags), trackingTags).map(
      (key) => [true, 'defaultTags', `may not set ${key}, by which resources are found again`] as const,
    ),
    ...clashes(values.externalManagedTags, trackingTags).map(
      (key) =>
        [true, 'externalManagedTags', `may not name ${key}, by which resources are found again`] as const,
    ),
    ...clashes(values.externalManagedTags, Object.keys(values.defaultTags)).map(
      (key) => [true, 'externalManagedTags', `may not name ${key}, which --default-tags sets`] as const,
    ),
  ];
  return checks
    .filter(([wrong]) => wrong)
    .map(([, key, message]) => ({ option: `--${options[key].name}`, message }));
}

const clashes = (keys: readonly string[], others: readonly string[]): readonly string[] =>
  keys.filter((key) => others.includes(key));

function configOf(values: OptionValues, flags: ReadonlyMap<string, string>): Config {
  return {
    core: coreConfigOf(values),
    kube: {
      kubeconfig: values.kubeconfig,
      watchNamespace: values.watchNamespace || undefined,
      leaderElection: {
        enabled: values.enableLeaderElection,
        id: values.leaderElectionId,
        namespace: values.leaderElectionNamespace,
      },
    },
    aws: {
      region: values.awsRegion ?? '',
      vpcId: values.awsVpcId ?? '',
      vpcTags: values.awsVpcTags,
      endpoints: values.awsApiEndpoints,
      maxRetries: values.awsMaxRetries,
      throttles: values.awsApiThrottle,
      limits: values.limitsFile,
    },
    engine: {
      groupConcurrency: values.ingressMaxConcurrentReconciles,
      targetConcurrency: values.targetGroupBindingMaxConcurrentReconciles,
      targetBackOffMs: values.targetGroupBindingMaxExponentialBackoffDelay,
      provisioningIntervalMs: values.lbStabilizationMonitorInterval,
      draining: values.annotateDrainedNodes ? 'annotated' : values.followDraining ? 'followed' : 'ignored',
      auditIntervalMs: Math.min(values.auditInterval, values.syncPeriod),
    },
    lookUpDriftAuthors: values.lookUpDriftAuthors,
    webhook: {
      port: values.webhookBindPort,
      certDir: values.webhookCertDir,
      wanted: (flags.get(options.webhookCertDir.name) ?? '') !== '',
      certFile: values.webhookCertFile,
      keyFile: values.webhookKeyFile,
      clientAuthority: values.kubeCaPemFilepath,
      forbidden: {
        classAnnotation: values.disableIngressClassAnnotation,
        groupName: values.disableIngressGroupNameAnnotation,
      },
      injectsGates: values.enablePodReadinessGateInject,
    },
    telemetry: {
      metrics: values.metricsBindAddr,
      health: values.healthProbeBindAddr,
      logLevel: values.logLevel,
    },
    notes: [...flags.keys()].flatMap((name) => {
      const why = acceptedOptions[name];
      return why === undefined ? [] : [`--${name} has no effect: ${why}`];
    }),
  };
}

function coreConfigOf(values: OptionValues): CoreConfig {
  return {
    clusterName: values.clusterName ?? '',
    // Asked of the cluster, where there is one.
    clusterUid: undefined,
    formerClusterUids: values.formerClusterUids,
    region: values.awsRegion ?? '',
    vpcId: values.awsVpcId ?? '',
    ingressClass: values.ingressClass,
    watchNamespace: values.watchNamespace || undefined,
    defaultTargetType: values.defaultTargetType,
    defaultLoadBalancerScheme: values.defaultLoadBalancerScheme,
    defaultSslPolicy: values.defaultSslPolicy,
    defaultTags: values.defaultTags,
    externalManagedTags: values.externalManagedTags,
    tolerateNonExistentBackendService: values.tolerateNonExistentBackendService,
    tolerateNonExistentBackendAction: values.tolerateNonExistentBackendAction,
    enableBackendSecurityGroup: values.enableBackendSecurityGroup,
    backendSecurityGroup: values.backendSecurityGroup,
    enableManageBackendSecurityGroupRules: values.enableManageBackendSecurityGroupRules,
    disableRestrictedSgRules: values.disableRestrictedSgRules,
    enableWaf: values.enableWaf,
    enableWafv2: values.enableWafv2,
    enableShield: values.enableShield,
    serviceTargetEniSecurityGroupTags: values.serviceTargetEniSecurityGroupTags,
    allowedCertificateAuthorityArns: values.allowedCertificateAuthorityArns,
    defaultPcaArn: values.defaultPcaArn || undefined,
    requiredSecretsLabel: values.requiredSecretsLabel,
    maxTargetsPerTargetGroup: values.maxTargetsPerTargetGroup,
    targetFloorPercent: values.targetFloorPercent,
    maxGroupDeletions: values.maxGroupDeletions,
    featureGates: values.featureGates,
    drift: values.drift,
    reservedRulePriorities: values.reservedRulePriorities,
    policy: {
      ...policies[values.compatibility],
      ...(values.foreign === undefined ? {} : { foreign: values.foreign }),
    },
  };
}

function frozen<T extends object>(object: T): T {
  for (const value of Object.values(object)) if (typeof value === 'object' && value !== null) frozen(value);
  return Object.freeze(object);
}
