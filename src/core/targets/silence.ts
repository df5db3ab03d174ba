import type { CoreConfig } from '../domain/config.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/**
 * More of the cluster's nodes than this part that stop reporting at once are rather cut off from the API server than down:
 * the node controller, too, stops evicting then (kube-controller-manager, --unhealthy-zone-threshold).
 */
const massSilence = 0.55;

/**
 * Targets of nodes that report, and `silent` ones, of which nobody knows, with them: where there are no others, or while so
 * many nodes are silent that the word of the API is in doubt. The load balancer's own health checks tell then. ALBC takes
 * them only in place of none.
 */
export function withSilent<T>(
  found: { readonly reporting: readonly T[]; readonly silent: readonly T[] },
  { nodes }: Pick<Snapshot, 'nodes'>,
  { featureGates, policy }: Pick<CoreConfig, 'featureGates' | 'policy'>,
): readonly T[] {
  const { reporting, silent } = found;
  if (!featureGates.EndpointsFailOpen || silent.length === 0) return reporting;
  if (reporting.length === 0) return silent;
  if (policy.compatibility === 'albc') return reporting;
  const unknown = [...nodes.values()].filter((node) => node.ready === 'Unknown').length;
  return unknown > massSilence * nodes.size ? [...reporting, ...silent] : reporting;
}
