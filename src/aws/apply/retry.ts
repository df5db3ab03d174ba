import type { Known } from '../../core/domain/desired-group.ts';
import type { Clock } from '../../lib/clock.ts';
import { isKind } from '../errors.ts';

type Waiting = { readonly clock: Clock; readonly signal: AbortSignal };

/** Repeats `action` after each of `delaysMs` while it fails in the way that `isPassing` knows to pass; then its failure stands. */
export async function retried<T>(
  action: () => Promise<T>,
  options: Waiting & {
    readonly delaysMs: readonly number[];
    readonly isPassing: (error: unknown) => boolean;
  },
): Promise<T> {
  const { clock, signal, delaysMs, isPassing } = options;
  for (const delay of delaysMs) {
    try {
      return await action();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await clock.sleep(delay, { signal });
    }
  }
  return action();
}

const second = 1000;
/** What was just created is not known everywhere at once; ALBC waits 20 s for a new listener (ALBC #1433). */
const untilVisible = [1, 2, 4, 6, 7].map((seconds) => seconds * second);

/** Repeats for a while what AWS refuses because it does not know a resource yet that this plan has just created. */
export function onceVisible<T>(
  { isNew, ...waiting }: Waiting & { readonly isNew: boolean },
  action: () => Promise<T>,
): Promise<T> {
  const delaysMs = isNew ? untilVisible : [];
  return retried(action, { ...waiting, delaysMs, isPassing: (error) => isKind(error, 'notFound') });
}

/** Whether a value came from an operation of the same execution. */
export const isNew = (value: Known<string>): boolean => typeof value !== 'string';
