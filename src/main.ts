// Composition root of `albatross run`: the only file that knows every edge. It joins Kubernetes, AWS, engine and
// telemetry, and takes them apart again in the right order.

import { hostname } from 'node:os';
import type { Aws } from './aws/aws.ts';
import { refusalOf } from './aws/errors.ts';
import { RateLimiter } from './aws/rate-limit.ts';
import type { Config } from './config/load.ts';
import { admission } from './controller/admission.ts';
import { clusterAws } from './controller/cluster-aws.ts';
import { callsFor, type Credentials, vpcIdOnceKnown, withRegion } from './controller/aws-calls.ts';
import { bequestFor } from './controller/bequest.ts';
import { lead } from './controller/lead.ts';
import { followSecrets } from './controller/secrets.ts';
import { writePort } from './controller/write-port.ts';
import { clusterUidOf } from './core/domain/cluster-uid.ts';
import type { CoreConfig } from './core/domain/config.ts';
import type { Snapshot } from './core/domain/snapshot.ts';
import { DriftAuthors } from './engine/drift-authors.ts';
import type { Bequest } from './engine/bequest.ts';
import { Engine } from './engine/engine.ts';
import { ChangeLog } from './kube/change-log.ts';
import { ClusterWatch } from './kube/cluster-watch.ts';
import { EventRecorder } from './kube/events.ts';
import { loadKubeConfig } from './kube/kube-config.ts';
import { LeadershipLostError } from './kube/lease.ts';
import { readPodEnding } from './kube/pod-ending.ts';
import { kubeTransport } from './kube/transport.ts';
import { aborted, orAborted } from './lib/abort.ts';
import { systemClock } from './lib/clock.ts';
import { countAwsCall } from './telemetry/aws-calls.ts';
import { serveTelemetry } from './telemetry/http.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';
import type { WebhookServer } from './webhook/server.ts';

export type ControllerOptions = {
  readonly config: Config;
  readonly log: Log;
  /** Ends it all in order. */
  readonly signal: AbortSignal;
  readonly credentials?: Credentials;
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
      vpcId: await vpcIdOnceKnown(config, calls, { clock, log, signal, snapshot: watch.snapshot() }),
    };
    aws = clusterAws(config, core, { calls, watch, clock, log });
    webhookServer = await admission(config, { core, calls, watch, transport, clock, log, metrics, signal });
    // Beside the Lease, where the permissions are.
    const namespace = config.kube.leaderElection.namespace ?? access.namespace;
    const changeLog = new ChangeLog({ transport, namespace, clock, log });
    const bequest = bequestFor(config, core, { transport, namespace, clock, log });
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
      engine.start((await bequest?.take()) as readonly Bequest[] | undefined);
      options.onEngine?.(engine, recorder);
      await aborted(leading);
      log.info({}, 'Stopping');
      const isLost = leading.reason instanceof LeadershipLostError;
      await engine.stop(isLost ? lostDeadlineMs : stopDeadlineMs);
      if (!isLost) await bequest?.leave(engine.bequests());
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
