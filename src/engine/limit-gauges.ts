import type { RegionUse } from '../core/domain/facts.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import { forecaster } from '../core/limits/forecast.ts';
import { groupRows, type LimitRow, regionRows, withForecast } from '../core/limits/rows.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { epochMs } from '../lib/clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Memory } from './memory.ts';

/** What is used of every limit, as far as it has been read. */
export function setLimitGauges({ memory, snapshot, region, now }: Known, metrics: Metrics): void {
  const groups = [...memory.groups().values()];
  const latest = groups.toSorted((a, b) => b.observedAt - a.observedAt)[0];
  const rows = groups.flatMap(({ observed, quotas }) =>
    observed === undefined ? [] : groupRows({ observed: withTargets(observed, memory), quotas }),
  );
  const use: RegionUse | undefined = latest?.regionUse;
  const ofRegion = regionRows({ region, use, groups: [], quotas: latest?.quotas ?? [] });
  const growing = groups.flatMap(({ observed, previous }) =>
    observed === undefined || previous === undefined ? [] : [{ observed, desired: previous }],
  );
  const createdAt = (id: NamespacedName): number | undefined =>
    epochMs(snapshot.ingresses.get(id)?.meta.creationTimestamp);
  const foretell = forecaster(growing, { createdAt, now });
  metrics.clear('albatross_quota_used');
  metrics.clear('albatross_quota_days_to_full');
  for (const row of [...ofRegion, ...rows]) setGauge(withForecast(row, foretell(row)), metrics);
}

type Known = {
  readonly memory: Memory;
  readonly snapshot: Snapshot;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly now: number;
};

function setGauge(
  { group: key, scope, name, quota, used, limit, forecast }: LimitRow,
  metrics: Metrics,
): void {
  if (used === undefined) return;
  const group = key ?? '';
  metrics.set('albatross_quota_used', { group, scope, name, quota }, used);
  if (typeof forecast === 'number')
    metrics.set('albatross_quota_days_to_full', { group, scope, name, quota }, forecast);
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
