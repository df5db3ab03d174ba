import PQueue from 'p-queue';
import type { RecordedCase } from './cases.ts';
import { type CaseResult, runCase } from './run-case.ts';

/** A case waits for timers (debounces, audits) most of its time. */
const casesAtOnce = 8;

/** Replays cases, several at a time, each in a world of its own; results come in the order of the cases. */
export async function* replay(cases: readonly RecordedCase[]): AsyncGenerator<CaseResult> {
  const queue = new PQueue({ concurrency: casesAtOnce });
  const running = cases.map((recorded) => queue.add(() => resultOf(recorded)));
  try {
    for (const result of running) yield await result;
  } finally {
    queue.clear();
  }
}

/** A case that could not be replayed to its end differs too, and the others go on. */
async function resultOf(recorded: RecordedCase): Promise<CaseResult> {
  const { name, ids } = recorded;
  try {
    return await runCase(recorded, []);
  } catch (error) {
    const actual = error instanceof Error ? error.message : String(error);
    return { name, ids, differences: [{ path: 'replay', expected: undefined, actual }] };
  }
}
