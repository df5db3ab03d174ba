// `npm run simulate:faults -- --seeds N [--seed S] [--json]`

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { nothingYet, sum, type Tally } from './explore.ts';

const usage = `usage: npm run simulate:faults -- [--seeds N] [--seed S] [--jobs J] [--json]

Runs the controller against the simulated AWS and the local Kubernetes API on a virtual clock, with faults on both
sides, and looks at the invariants of docs/proof.md around every call. Exit code 1 when one is broken; then it prints
the seed, the step, the invariant, the last calls and the least scenario that still breaks it (keep it as
test/simulation/fixtures/NAME.json).

Every minute a line on the standard error output says how far it is; Ctrl-C ends it with what was found until then.

  --seeds N   how many seeds (100)
  --seed S    the first one (1)
  --jobs J    how many at the same time (as many as there are cores)
  --json      print the figures and the violations as JSON`;

const progressMs = 60_000;

function numberOf(value: string | undefined, fallback: number, flag: string): number {
  const number = value === undefined ? fallback : Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${flag} is ${value}; it must be a whole number of at least 1`);
  return number;
}

/** Short-lived objects of a run are more than a worker keeps young by itself. */
const resourceLimits = { maxYoungGenerationSizeMb: 128 };

/** A worker that takes the next seed whenever it has done one, for some take a hundred times as long as others. */
function explore(nextSeed: () => number | undefined, onTally: (tally: Tally) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits });
    const proceed = (): void => {
      const seed = nextSeed();
      if (seed === undefined) void worker.terminate();
      else worker.postMessage(seed);
    };
    worker.on('message', (tally: Tally) => {
      onTally(tally);
      proceed();
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
    proceed();
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      jobs: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const count = numberOf(values.seeds, 100, 'seeds');
  const first = numberOf(values.seed, 1, 'seed');
  const jobs = Math.min(numberOf(values.jobs, availableParallelism(), 'jobs'), count);
  const started = Date.now();
  let tally = nothingYet;
  const report = (): void => {
    const seconds = (Date.now() - started) / 1000;
    if (values.json) console.log(JSON.stringify({ ...tally, seconds }, null, 1));
    else summarise(tally, seconds);
  };
  process.once('SIGINT', () => {
    report();
    process.exit(130);
  });
  const progress = setInterval(
    () => console.error(`${tally.seeds} of ${count} seeds, ${tally.failures.length} violations`),
    progressMs,
  );
  let seed = first;
  const nextSeed = (): number | undefined => (seed < first + count ? seed++ : undefined);
  const note = (one: Tally): void => {
    tally = sum(tally, one);
    if (!values.json) for (const failure of one.failures) print(failure);
  };
  await Promise.all(Array.from({ length: jobs }, () => explore(nextSeed, note)));
  clearInterval(progress);
  report();
  return tally.failures.length === 0 ? 0 : 1;
}

function print({ seed, violation, least }: Tally['failures'][number]): void {
  const { invariant, what, step, call, trace } = violation;
  console.log(`seed ${seed}, step ${step}, call ${call}: ${invariant}\n  ${what}`);
  for (const line of trace) console.log(`    ${line}`);
  console.log(`  least: ${JSON.stringify(least)}\n`);
}

function summarise(tally: Tally, seconds: number): void {
  const { seeds, schedules, calls, changes, requests, restarts, faults, failures } = tally;
  const all = Object.values(faults).reduce((total, count) => total + count, 0);
  console.log(
    `${seeds} seeds, ${schedules} schedules, ${all} faults, ${failures.length} violations, ${seconds} s`,
  );
  console.log(
    `${calls} AWS calls, ${changes} changes checked, ${requests} answers to requests compared, ${restarts} restarts of the controller`,
  );
  for (const kind of Object.keys(faults).toSorted()) console.log(`  ${kind}: ${faults[kind]}`);
  const broken = Map.groupBy(failures, ({ violation }) => violation.invariant);
  for (const [invariant, found] of broken)
    console.log(`broken: ${invariant}, by seeds ${found.map(({ seed }) => seed).join(', ')}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`simulate:faults: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
