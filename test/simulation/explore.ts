// Seeds, one after the other, and what came of them.

import { generate } from './generate.ts';
import { type Found, run, type RunResult } from './run.ts';
import type { Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';

export type Failure = { readonly seed: number; readonly violation: Found; readonly least: Scenario };

export type Tally = {
  readonly seeds: number;
  /** Runs: a seed whose process is killed at each call in turn has many. */
  readonly schedules: number;
  readonly calls: number;
  readonly changes: number;
  readonly requests: number;
  readonly restarts: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
};

export const nothingYet: Tally = {
  seeds: 0,
  schedules: 0,
  calls: 0,
  changes: 0,
  requests: 0,
  restarts: 0,
  faults: {},
  failures: [],
};

/** One seed in so many is carried out again and again, killed at each of its calls and writes in turn. */
const sweepShare = 150;
/** Of such a schedule, which is run as often as it has calls. */
const sweepSteps = 4;

/** Carries out one seed. */
export async function exploreSeed(seed: number): Promise<Tally> {
  const scenario = generate(seed);
  const first = await tallied(scenario);
  if (seed % sweepShare !== 1 || first.failures.length > 0) return first;
  const short = { ...scenario, steps: scenario.steps.slice(0, sweepSteps) };
  const { momentsOfSteps } = await run(short);
  let all = first;
  for (let call = 1; call <= momentsOfSteps && all.failures.length === 0; call += 1)
    for (const when of ['before', 'after'] as const)
      all = sum(all, { ...(await tallied({ ...short, killAt: { call, when } })), seeds: 0 });
  return all;
}

async function tallied(scenario: Scenario): Promise<Tally> {
  const result = await run(scenario);
  return {
    seeds: 1,
    schedules: 1,
    calls: result.calls,
    changes: result.changes,
    requests: result.requests,
    restarts: result.restarts,
    faults: Object.fromEntries(result.faults),
    failures: result.violation === undefined ? [] : [await failure(scenario, result.violation)],
  };
}

async function failure(scenario: Scenario, violation: NonNullable<RunResult['violation']>): Promise<Failure> {
  return { seed: scenario.seed, violation, least: await shrink(scenario, violation) };
}

export function sum(one: Tally, other: Tally): Tally {
  const faults = { ...one.faults };
  for (const [kind, count] of Object.entries(other.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  return {
    seeds: one.seeds + other.seeds,
    schedules: one.schedules + other.schedules,
    calls: one.calls + other.calls,
    changes: one.changes + other.changes,
    requests: one.requests + other.requests,
    restarts: one.restarts + other.restarts,
    faults,
    failures: [...one.failures, ...other.failures],
  };
}
