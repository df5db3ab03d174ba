// How a process takes what the last one left (engine/bequest.ts), and when it does not.

import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config/load.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { type BequestContext, type BequestStore, bequestStore } from '../kube/bequest-store.ts';

/**
 * Undefined: this process neither takes nor leaves anything. Only the Lease tells that nobody works between two processes; and
 * people restart ALBC to have it read everything.
 */
export function bequestFor(
  { kube, engine }: Config,
  { clusterName, clusterUid, region, vpcId, policy }: CoreConfig & { readonly vpcId: string },
  where: Pick<BequestContext, 'transport' | 'namespace' | 'clock' | 'log'>,
): BequestStore | undefined {
  if (!kube.leaderElection.enabled || policy.compatibility === 'albc') return undefined;
  const of = JSON.stringify([packageJson.version, process.version, clusterName, clusterUid, region, vpcId]);
  return bequestStore({ ...where, of, maxAgeMs: engine.auditIntervalMs });
}
