// What a group needs of the network while something of it that nobody wants any more may still get traffic.

import type { DesiredGroup, NetworkNeeds } from '../core/domain/desired-group.ts';
import { resourceId } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';

/**
 * The needs together with those of target groups that are still there, though not wanted: until they are gone, requests
 * may reach them, be it because traffic moves only when their successors are healthy or because AWS refuses to delete.
 * Where nobody remembers what such a target group needs, nothing is revoked (`partial`).
 */
export function stillNeeded(
  needs: NetworkNeeds,
  before: NetworkNeeds | undefined,
  { desired, observed }: { readonly desired: DesiredGroup; readonly observed: ObservedGroup },
): NetworkNeeds {
  // Not those of `needs`: a wanted target group without targets needs nothing opened.
  const wanted = new Set(desired.targetGroups.map(({ id }) => id));
  const left = new Set(
    observed.targetGroups.map(({ name }) => resourceId('target-group', name)).filter((id) => !wanted.has(id)),
  );
  if (left.size === 0) return needs;
  const kept = (before?.openings ?? []).filter(({ targetGroup }) => left.has(targetGroup));
  const known = new Set(kept.map(({ targetGroup }) => targetGroup));
  return {
    backendSecurityGroup: needs.backendSecurityGroup ?? before?.backendSecurityGroup,
    openings: [...needs.openings, ...kept],
    partial: needs.partial || [...left].some((id) => !known.has(id)),
    ownSources: [...new Set([...needs.ownSources, ...(before?.ownSources ?? [])])],
  };
}
