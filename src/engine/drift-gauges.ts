import type { Metrics } from '../telemetry/metrics.ts';
import { modeShown } from './drift-memory.ts';
import type { Memory } from './memory.ts';

/** What has drifted and was not put back, and how old the oldest reading of a group is: an audit that hangs shows there. */
export function setDriftGauges(memory: Memory, now: number, metrics: Metrics): void {
  const groups = [...memory.groups()];
  metrics.clear('albatross_drift');
  for (const [group, { drift }] of groups) {
    for (const [mode, open] of Map.groupBy(drift.open, modeShown))
      metrics.set('albatross_drift', { group, mode }, open.length);
  }
  const read = groups.flatMap(([, { observed, observedAt }]) => (observed === undefined ? [] : [observedAt]));
  const oldest = Math.min(now, ...read);
  metrics.set('albatross_oldest_reading_seconds', {}, Math.max(0, now - oldest) / 1000);
}
