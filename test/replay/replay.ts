import PQueue from 'p-queue';
import type { RecordedCase } from './cases.ts';
import { type CaseResult, runCase } from './run-case.ts';
import type { Preset } from './world.ts';

/** A case waits for timers (debounces, audits) most of its time. */
const casesAtOnce = 8;

/** Replays cases, several at a time, each in a world of its own. Results stand in the order of the cases; none rejects. */
export function replay(
  cases: readonly RecordedCase[],
  { preset = 'albc', takesOver = false }: { readonly preset?: Preset; readonly takesOver?: boolean } = {},
): readonly Promise<CaseResult>[] {
  const queue = new PQueue({ concurrency: casesAtOnce });
  return cases.map((recorded) => queue.add(() => resultOf(recorded, { preset, takesOver })));
}

/** A case that could not be replayed to its end differs too, and the others go on. */
async function resultOf(
  recorded: RecordedCase,
  how: { readonly preset: Preset; readonly takesOver: boolean },
): Promise<CaseResult> {
  const { name, ids } = recorded;
  try {
    return await runCase(recorded, how);
  } catch (error) {
    const actual = error instanceof Error ? error.message : String(error);
    return { name, ids, differences: [{ path: 'replay', expected: undefined, actual }] };
  }
}
