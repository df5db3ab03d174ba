// Composition root of `albatross run`: the only file that knows every edge. It joins Kubernetes, AWS, engine and
// telemetry, and takes them apart again in the right order.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Aws, createAws } from './aws/aws.ts';
import { type ClientOptions, createCalls } from './aws/clients.ts';
import { parseEndpoints } from './aws/endpoints.ts';
import { isKind, refusalOf } from './aws/errors.ts';
import { targetGroup } from './aws/facts/target-group.ts';
import { findVpcId, type WhereToLook } from './aws/facts/vpc.ts';
import { instanceMetadata } from './aws/instance-metadata.ts';
import type { Calls } from './aws/ports.ts';
import { RateLimiter } from './aws/rate-limit.ts';
import { findRegion } from './aws/region.ts';
import type { Config } from './config/load.ts';
import { clusterUidOf, otherClusterOf } from './core/domain/cluster-uid.ts';
import type { CoreConfig } from './core/domain/config.ts';
import { checkpoints } from './core/model/binding.ts';
import type { Snapshot } from './core/domain/snapshot.ts';
import { secretReferences } from './core/model/secret-references.ts';
import { clusterInstances } from './core/targets/cluster-instances.ts';
import { Engine } from './engine/engine.ts';
import { DriftAuthors } from './engine/drift-authors.ts';
import type { WritePort } from './engine/ports.ts';
import { admissionReads } from './kube/admission-reads.ts';
import { ChangeLog } from './kube/change-log.ts';
import { ClusterWatch } from './kube/cluster-watch.ts';
import { EventRecorder } from './kube/events.ts';
import { loadKubeConfig } from './kube/kube-config.ts';
import { LeadershipLostError, runAsLeader } from './kube/lease.ts';
import { type KubeTransport, kubeTransport } from './kube/transport.ts';
import { readPodEnding } from './kube/pod-ending.ts';
import { targetLists } from './kube/target-lists.ts';
import { kubeWriter } from './kube/write.ts';
import { aborted, orAborted } from './lib/abort.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { countAwsCall } from './telemetry/aws-calls.ts';
import { serveTelemetry } from './telemetry/http.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { serveWebhooks, type WebhookServer } from './webhook/server.ts';
import { webhooks } from './webhook/webhooks.ts';

export type ControllerOptions = {
  readonly config: Config;
  readonly log: Log;
  /** Ends it all in order. */
  readonly signal: AbortSignal;
  /** Fixed credentials, for the local AWS; absent: the SDK's chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** False: an AWS of our own, whose calls nobody else needs; by default calls are kept below AWS's limits. */
  readonly rationed?: boolean;
  /** How the engine sees the cluster; by default as it is. */
  readonly view?: (snapshot: Snapshot, config: CoreConfig) => Snapshot;
  /** Told when the engine begins to work; for a sandbox that wants to know whether it is at rest. */
  readonly onEngine?: (engine: Engine, events: Pick<EventRecorder, 'drained'>) => void;
};

/** A replica is killed 30 s after SIGTERM; what runs has most of it to end. */
const stopDeadlineMs = 20_000;
/** Another replica may begin 5 s after we know that the Lease is lost. */
const lostDeadlineMs = 3000;
const startRetryMs = 5000;
/** For the first answers about Secrets; without them the first plans would hold what needs them. */
const secretsPatienceMs = 3000;

/**
 * Runs the controller until the signal is aborted or leadership is lost. Rejects at once when the configuration is
 * impossible; an API server or AWS that cannot be reached, or refuses the credentials, is waited for, not ready.
 */
export async function runController({ log, signal, ...options }: ControllerOptions): Promise<void> {
  const config = await withRegion(options.config, { signal });
  const clock = systemClock;
  const metrics = createMetrics();
  const access = await loadKubeConfig({ kubeconfig: config.kube.kubeconfig, clock });
  const transport = kubeTransport(access);
  // ALBC registers a pod as soon as its containers are ready, which only the Pod tells; many Pods cost memory.
  const pods = config.core.policy.compatibility === 'albc' ? 'all' : 'gated';
  const watch = new ClusterWatch({ transport, clock, log, watchNamespace: config.kube.watchNamespace, pods });
  let refused: string | undefined;
  let waitingFor: string | undefined = 'the first lists of the cluster';
  let webhookServer: WebhookServer | undefined;
  const servers = await serveTelemetry({
    metrics,
    metricsAddress: config.telemetry.metrics,
    healthAddress: config.telemetry.health,
    unready: () => {
      const missing = waitingFor ?? webhookServer?.unready();
      return watch.trouble()[0] ?? refused ?? (missing === undefined ? undefined : `waiting for ${missing}`);
    },
  });
  const calls = callsFor(config, {
    clock,
    credentials: options.credentials,
    ...(options.rationed === false && { limiter: new RateLimiter({ clock, buckets: {} }) }),
    hooks: {
      onCall: (call) => {
        countAwsCall(metrics, call);
        refused = call.outcome === 'credentials' ? 'AWS does not accept the credentials' : undefined;
      },
      onUnknownCode: ({ code, message }) =>
        log.warn({ code, problem: message }, 'Unknown error code from AWS'),
    },
  });
  const component = config.core.policy.compatibility === 'albc' ? 'ingress' : 'albatross';
  const recorder = new EventRecorder({ transport, clock, log, component, instance: hostname() });
  let aws: Aws | undefined;
  watch.start();
  try {
    await orAborted(watch.ready(), signal);
    await followSecrets(watch, config, { clock, signal });
    waitingFor = 'AWS to answer';
    const core = {
      ...config.core,
      clusterUid: clusterUidOf(watch.snapshot()),
      vpcId: await vpcId(config, calls, { clock, log, signal, snapshot: watch.snapshot() }),
    };
    const { clusterName, backendSecurityGroup } = core;
    aws = createAws({
      calls,
      clock,
      vpcId: core.vpcId,
      clusterName,
      isOthers: (tags) => otherClusterOf(tags, core) !== undefined,
      backendSecurityGroup,
      byTaggingApi: core.featureGates.EnableRGTAPI,
      makesCertificates: core.featureGates.EnableCertificateManagement,
      limits: config.aws.limits,
      onLimitsUntold: ({ action: operation, message }) =>
        log.warn(
          { operation, problem: message },
          'AWS does not tell its limits: those of its documentation are used',
        ),
      clientSecret: (hash) => watch.clientSecret(hash),
    });
    webhookServer = await admission(config, { core, calls, watch, transport, clock, log, metrics, signal });
    // Beside the Lease, where the permissions are.
    const namespace = config.kube.leaderElection.namespace ?? access.namespace;
    const changeLog = new ChangeLog({ transport, namespace, clock, log });
    const write = writePort(transport, recorder, clock);
    const authors = config.lookUpDriftAuthors
      ? new DriftAuthors({ clock, log, write, authors: aws.authors })
      : undefined;
    const engine = new Engine({
      ...config.engine,
      changes: {
        wrote: (change) => changeLog.wrote(change),
        drifted: (group, drift) => {
          changeLog.drifted(group, drift.open);
          authors?.noted(group, drift);
        },
      },
      config: core,
      clock,
      aws: { ...aws, refusalOf },
      cluster: {
        snapshot: seen(watch, core, options.view),
        onChange: (listener) => watch.onChange(listener),
        podEnding: (pod, run) => readPodEnding(transport, pod, run),
      },
      write,
      log,
      metrics,
      random: Math.random,
    });
    waitingFor = undefined;
    const work = async (leading: AbortSignal): Promise<void> => {
      metrics.set('albatross_leader', {}, 1);
      changeLog.start();
      const asking = authors?.run({ signal: leading });
      engine.start();
      options.onEngine?.(engine, recorder);
      await aborted(leading);
      log.info({}, 'Stopping');
      const isLost = leading.reason instanceof LeadershipLostError;
      await engine.stop(isLost ? lostDeadlineMs : stopDeadlineMs);
      await Promise.all([changeLog.stop(), asking]);
      metrics.set('albatross_leader', {}, 0);
    };
    await lead(config, { transport, clock, log, signal, namespace: access.namespace, work });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await webhookServer?.close();
    await watch.stop();
    await Promise.race([recorder.drained(), clock.sleep(1000)]);
    await recorder.stop();
    if (aws === undefined) calls.close();
    else aws.close();
    await Promise.all([transport.close(), servers.close()]);
  }
}

/**
 * Keeps the watched Secrets to those that Ingresses refer to, until the watch stops. Resolves when the first ones are
 * there, or after a while without: a Secret that may not be read holds its own Ingresses and nobody else.
 */
export async function followSecrets(
  watch: ClusterWatch,
  { core }: Config,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const follow = (): void => watch.watchSecrets(secretReferences(watch.snapshot(), core));
  watch.onChange(({ kind }) => {
    if (['Ingress', 'IngressClass', 'IngressClassParams', 'Service', 'Namespace'].includes(kind)) follow();
  });
  follow();
  const read = new AbortController();
  const patience = clock.sleep(secretsPatienceMs, { signal: read.signal }).catch(() => undefined);
  try {
    await orAborted(Promise.race([watch.secretsRead(), patience]), signal);
  } finally {
    read.abort(new Error('the Secrets are there'));
  }
}

type CallOptions = Pick<ClientOptions, 'clock' | 'hooks' | 'limiter'> & {
  readonly credentials: ControllerOptions['credentials'] | undefined;
};

/** Clients for the configured region and endpoints. */
export function callsFor({ aws }: Config, { credentials, ...options }: CallOptions): Calls {
  const pairs = Object.entries(aws.endpoints).map((pair) => pair.join('='));
  const { endpoints, mistakes } = parseEndpoints(pairs.join(','));
  if (mistakes.length > 0) throw new Error(mistakes.join('; '));
  const maxAttempts = Math.max(1, aws.maxRetries);
  const { throttles } = aws;
  const given = credentials === undefined ? {} : { credentials };
  return createCalls({ ...options, ...given, region: aws.region, endpoints, maxAttempts, throttles });
}

/** The configuration with the region that was looked up where none is given. Rejects when it cannot be found. */
export async function withRegion(
  config: Config,
  { signal }: { readonly signal: AbortSignal },
): Promise<Config> {
  const region = await findRegion(config.aws.region, instanceMetadata(process.env), { signal });
  return { ...config, core: { ...config.core, region }, aws: { ...config.aws, region } };
}

/** Where the VPC may be found. `NODENAME` is ALBC's name for the node that we run on. */
export const vpcPlaces = (
  { aws: { vpcId, vpcTags } }: Config,
  snapshot: Snapshot | undefined,
): WhereToLook => ({
  vpcId,
  tags: vpcTags,
  metadata: instanceMetadata(process.env),
  instanceIds: clusterInstances(snapshot?.nodes.values() ?? [], process.env['NODENAME']),
});

/** Asks until AWS answers. Only an answer that says the configuration is wrong ends it. */
async function vpcId(
  config: Config,
  calls: Calls,
  {
    clock,
    log,
    signal,
    snapshot,
  }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal; readonly snapshot: Snapshot },
): Promise<string> {
  for (;;) {
    try {
      return await findVpcId(calls, vpcPlaces(config, snapshot), { signal });
    } catch (error) {
      if (signal.aborted || !isKind(error, 'credentials', 'denied', 'throttled', 'unavailable')) throw error;
      log.warn({ code: error.code, problem: error.message }, 'AWS cannot be asked yet');
      await clock.sleep(startRetryMs, { signal });
    }
  }
}

/** What the engine writes to the cluster. */
export function writePort(transport: KubeTransport, recorder: EventRecorder, clock: Clock): WritePort {
  const writer = kubeWriter(transport, clock);
  const lists = targetLists(transport);
  return {
    addFinalizer: writer.addFinalizer,
    removeFinalizer: writer.removeFinalizer,
    patchObservedGeneration: writer.patchObservedGeneration,
    patchFailedCleanup: writer.patchFailedCleanup,
    dropCheckpoint: (object, run) =>
      writer.annotate(object, Object.fromEntries(checkpoints.map((name) => [name, undefined])), run),
    discard: writer.discard,
    ownTargets: lists.read,
    storeOwnTargets: lists.store,
    dropOwnTargets: lists.drop,
    patchStatus: ({ object, loadBalancers }, run) => writer.patchStatus(object, loadBalancers, run),
    annotate: ({ object, key, text }, run) => writer.annotate(object, { [key]: text }, run),
    annotateNode: (annotation, run) => writer.annotateNode(annotation, run),
    patchPodCondition: (patch, run) => writer.patchPodCondition(patch, run),
    recordEvent: async (event) => recorder.record(event),
  };
}

/** The webhooks of this replica; undefined where nobody gave them a certificate. */
async function admission(
  { webhook }: Config,
  world: {
    readonly core: CoreConfig;
    readonly calls: Calls;
    readonly watch: ClusterWatch;
    readonly transport: KubeTransport;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly signal: AbortSignal;
  },
): Promise<WebhookServer | undefined> {
  const { certDir, wanted, certFile, keyFile, clientAuthority, port, forbidden, injectsGates } = webhook;
  const certificate = join(certDir, certFile);
  if (!wanted && !existsSync(certificate)) return undefined;
  const { core, calls, watch, transport, ...rest } = world;
  return serveWebhooks({
    ...rest,
    port,
    files: { certificate, key: join(certDir, keyFile), clientAuthority },
    withHints: core.policy.compatibility === 'none',
    webhooks: webhooks({
      cluster: { snapshot: () => watch.snapshot(), ...admissionReads(transport) },
      readTargetGroup: (query, signalled) => targetGroup({ calls }, query, signalled),
      clock: world.clock,
      config: core,
      forbidden,
      injectsGates,
    }),
  });
}

type Leading = Pick<
  Parameters<typeof runAsLeader>[0],
  'transport' | 'clock' | 'signal' | 'namespace' | 'work'
>;

async function lead(
  { kube: { leaderElection } }: Config,
  leading: Leading & { readonly log: Log },
): Promise<void> {
  if (!leaderElection.enabled) return leading.work(leading.signal);
  return runAsLeader({
    ...leading,
    namespace: leaderElection.namespace ?? leading.namespace,
    name: leaderElection.id,
    identity: `${hostname()}_${randomUUID()}`,
  });
}

/** The present snapshot, as `view` shows it; made anew only when there is another one. */
function seen(watch: ClusterWatch, core: CoreConfig, view: ControllerOptions['view']): () => Snapshot {
  if (view === undefined) return () => watch.snapshot();
  let last: { readonly of: Snapshot; readonly shown: Snapshot } | undefined;
  return () => {
    const of = watch.snapshot();
    if (last?.of !== of) last = { of, shown: view(of, core) };
    return last.shown;
  };
}
