// One replica works at a time, unless the configuration says otherwise.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config/load.ts';
import { runAsLeader } from '../kube/lease.ts';
import type { Log } from '../telemetry/log.ts';

type Leading = Pick<
  Parameters<typeof runAsLeader>[0],
  'transport' | 'clock' | 'signal' | 'namespace' | 'work'
>;

/** Runs `work` while this replica leads; rejects when leadership is lost. */
export async function lead(
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
