// What is known of drift in one group, from run to run. All of it may be lost: then nothing is known to be drift, and
// every difference is put right.

import type { KnownDrift } from '../core/domain/change.ts';
import type { Drift, FieldPath } from '../core/domain/drift.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import { driftAfter, type GroupInput, type GroupPlan } from '../core/pipeline.ts';
import { afterRepairs, type Repairs, restingAt } from '../core/plan/drift/flapping.ts';
import type { Clock } from '../lib/clock.ts';
import type { Memory } from './memory.ts';
import type { NetworkLoop } from './network-loop.ts';
import type { ChangePort } from './ports.ts';
import { driftOfTargets } from './targets-by-hand.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export type DriftMemory = {
  readonly settled: ReadonlyMap<FieldPath, string>;
  readonly repairs: ReadonlyMap<FieldPath, Repairs>;
  /** What is left alone, and what could not be put back yet. */
  readonly open: readonly KnownDrift[];
  /** When what AWS has was read for the run before, in epoch milliseconds. */
  readonly readAt: number;
};

export const noDriftKnown: DriftMemory = {
  settled: new Map(),
  repairs: new Map(),
  open: [],
  readAt: Number.NEGATIVE_INFINITY,
};

/** What a plan has to know of it. */
export function driftInput(
  { settled, repairs }: DriftMemory,
  clock: Clock,
): NonNullable<GroupInput['drift']> {
  return { settled, resting: restingAt(clock.now(), repairs) };
}

export type DriftNews = {
  readonly memory: DriftMemory;
  /** Put back by this run. */
  readonly repaired: readonly KnownDrift[];
};

/** Takes in what a run found and did. `after` is what AWS has now, `readAt` when it was read for this run. */
export function driftNews(
  before: DriftMemory,
  run: {
    readonly planned: GroupPlan;
    readonly after: ObservedGroup;
    readonly readAt: number;
    readonly facts: GroupInput['facts'];
    readonly config: GroupInput['config'];
    readonly knownIds: GroupInput['knownIds'];
  },
  {
    clock,
    metrics,
    changes,
    memory,
    network,
  }: {
    readonly clock: Clock;
    readonly metrics: Metrics;
    readonly changes?: ChangePort | undefined;
    readonly memory: Memory;
    readonly network: Pick<NetworkLoop, 'drift'>;
  },
): DriftNews {
  const { planned, readAt } = run;
  const { key, members } = planned.model;
  const elsewhere = [driftOfTargets(key, memory), network.drift.of(key)];
  const left = elsewhere.flatMap((one) => one.open);
  const drift = [...(planned.plan.drift ?? []), ...left, ...elsewhere.flatMap(({ putBack }) => putBack)];
  const after = driftAfter(run, before.settled);
  const differing = new Set([...after.differing, ...left.map(({ path }) => path)]);
  const known = drift.map((one): KnownDrift => {
    const earlier = before.open.find(({ path }) => path === one.path);
    return { ...one, since: earlier?.since ?? readAt, lastRight: earlier?.lastRight ?? before.readAt };
  });
  for (const one of known.filter(({ path }) => before.open.every((other) => other.path !== path)))
    metrics.increment('albatross_drift_found_total', { field: one.field, mode: modeShown(one) });
  const repaired = known.filter(({ path }) => !differing.has(path));
  const repairs = afterRepairs(
    before.repairs,
    repaired.map(({ path }) => path),
    clock.now(),
  );
  const open = known.filter(({ path }) => differing.has(path));
  changes?.drifted(key, { repaired, open, members: members.map(({ ref }) => ref) });
  return { memory: { settled: after.settled, repairs, open, readAt }, repaired };
}

/** The mode, or that the field is left alone for having been put back too often. */
export const modeShown = ({ mode, rests }: Drift): Drift['mode'] | 'rest' =>
  mode === 'repair' && rests !== undefined ? 'rest' : mode;
