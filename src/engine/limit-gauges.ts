import type { RegionUse } from '../core/domain/facts.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import { groupRows, type LimitRow, regionRows } from '../core/limits/rows.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Memory } from './memory.ts';

/** What is used of every limit, as far as it has been read. */
export function setLimitGauges(memory: Memory, region: string, metrics: Metrics): void {
  const groups = [...memory.groups().values()];
  const latest = groups.toSorted((a, b) => b.observedAt - a.observedAt)[0];
  const rows = groups.flatMap(({ observed, quotas }) =>
    observed === undefined ? [] : groupRows({ observed: withTargets(observed, memory), quotas }),
  );
  const use: RegionUse | undefined = latest?.regionUse;
  const ofRegion = regionRows({ region, use, groups: [], quotas: latest?.quotas ?? [] });
  metrics.clear('albatross_quota_used');
  for (const row of [...ofRegion, ...rows]) setGauge(row, metrics);
}

function setGauge({ group, scope, name, quota, used, limit }: LimitRow, metrics: Metrics): void {
  if (used === undefined) return;
  metrics.set('albatross_quota_used', { group: group ?? '', scope, name, quota }, used);
  metrics.set('albatross_quota_limit', { quota }, limit);
}

/** The targets loop knows the targets, a group's own observation only those of its last read. */
function withTargets(observed: ObservedGroup, memory: Memory): ObservedGroup {
  const targetGroups = observed.targetGroups.map((group) => ({
    ...group,
    targets: memory.binding(group.name)?.targets ?? group.targets,
  }));
  return { ...observed, targetGroups };
}
