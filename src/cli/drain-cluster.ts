// `albatross drain`: the ordinary controller, shown a cluster in which everything is being deleted.

import { setTimeout } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { drained } from '../core/model/drained.ts';
import type { Engine } from '../engine/engine.ts';
import { loadKubeConfig } from '../kube/kube-config.ts';
import { leaseHolder } from '../kube/lease.ts';
import { kubeTransport } from '../kube/transport.ts';
import { systemClock } from '../lib/clock.ts';
import { type ControllerOptions, runController } from '../main.ts';
import type { Log } from '../telemetry/log.ts';
import { withClusterGroups } from './cluster-groups.ts';
import { type Orphan, orphanGroups } from './orphan-groups.ts';
import { planCluster } from './plan-cluster.ts';
import type { Planned } from './plan-output.ts';
import { UserError } from './user-error.ts';

export type Drain = {
  readonly planned: Planned;
  /** Groups of this cluster, by its UID, that no Ingress stands for: they go, too. */
  readonly orphans: readonly GroupKey[];
  /** What looks like one and is not proven to be: it stays. */
  readonly left: readonly Orphan[];
};

/** Nobody means to drain a cluster by halves. */
const unlimited = (config: Config): Config => ({ ...config, core: { ...config.core, maxGroupDeletions: 0 } });

/** What a drain would do; reads only. Rejects with a UserError while a controller works. */
export async function planDrain(given: Config, { signal }: { readonly signal: AbortSignal }): Promise<Drain> {
  await assertNobodyLeads(given, { signal });
  const config = unlimited(given);
  const all = await withClusterGroups(config, { group: undefined, unplanned: true, signal }, async (found) =>
    orphanGroups(found.inventory, found.snapshot, found.config),
  );
  const orphans = all.filter(({ whose }) => whose === 'ours').map(({ group }) => group);
  const planned = await planCluster(config, { group: undefined, view: viewOf(orphans), signal });
  return { planned, orphans, left: all.filter(({ whose }) => whose !== 'ours') };
}

const viewOf =
  (orphans: readonly GroupKey[]) =>
  (snapshot: Snapshot, config: CoreConfig): Snapshot =>
    drained(snapshot, orphans, config);

async function assertNobodyLeads(
  { kube: { kubeconfig, leaderElection } }: Config,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  if (!leaderElection.enabled) return;
  const access = await loadKubeConfig({ kubeconfig, clock: systemClock });
  const transport = kubeTransport(access);
  const namespace = leaderElection.namespace ?? access.namespace;
  try {
    const holder = await leaseHolder(
      { transport, clock: systemClock, namespace, name: leaderElection.id },
      { signal },
    );
    if (holder === undefined) return;
    throw new UserError(
      `a controller is at work (${holder} holds Lease ${namespace}/${leaderElection.id}) and would make everything anew; stop it first, for example: kubectl -n ${namespace} scale deployment albatross --replicas=0`,
    );
  } finally {
    await transport.close();
  }
}

/** How long it may be quiet before what is still there counts as stuck: longer than AWS holds interfaces of what was deleted. */
const quietMs = 150_000;
const lookMs = 500;

/** Carries the drain out. Resolves with what was wrong at its end, when nothing more comes of it. */
export async function drainCluster(
  given: Config,
  { orphans }: Pick<Drain, 'orphans'>,
  options: Pick<ControllerOptions, 'credentials' | 'rationed'> & {
    readonly signal: AbortSignal;
    /** Told of each operation. */
    readonly onProgress?: (text: string) => void;
    /** For tests, whose AWS answers at once. */
    readonly patienceMs?: number;
  },
): Promise<readonly Problem[]> {
  const { signal, patienceMs = quietMs, onProgress = () => undefined, ...rest } = options;
  const done = new AbortController();
  const config = unlimited(given);
  let problems: readonly Problem[] = [];
  const rested = async (engine: Engine): Promise<void> => {
    do await setTimeout(lookMs);
    while (!signal.aborted && engine.busy(patienceMs) > 0);
  };
  const watch = async (engine: Engine): Promise<void> => {
    await rested(engine);
    // What was told of late is seen by a second look.
    await engine.auditNow();
    await rested(engine);
    problems = engine.problems();
    done.abort(new Error('the cluster is drained'));
  };
  let watching: Promise<void> = Promise.resolve();
  await runController({
    ...rest,
    config: { ...config, telemetry: { ...config.telemetry, metrics: 'off', health: 'off' } },
    log: progressLog(onProgress),
    signal: AbortSignal.any([signal, done.signal]),
    view: viewOf(orphans),
    onEngine: (engine) => {
      watching = watch(engine);
    },
  });
  await watching;
  return problems;
}

/** Lines for a person at a terminal: what is done, and what went wrong. */
function progressLog(onProgress: (text: string) => void): Log {
  const log: Log = {
    debug: () => undefined,
    info: ({ operation = '', subject = '' }, message) => {
      if (message === 'Applying operation') onProgress(`${operation} ${subject}`);
    },
    warn: ({ problem }, message) => onProgress(`${message}${problem === undefined ? '' : `: ${problem}`}`),
    error: ({ err }, message) => onProgress(`${message}: ${String(err)}`),
    child: () => log,
  };
  return log;
}
