// Somebody else may keep a field as we do not want it, as we keep it otherwise. After a few repairs it is left alone for a
// while that doubles each time, so that nobody fights for ever and nobody has to notice it in a bill for API calls.

import type { FieldPath, Rest } from '../../domain/drift.ts';

/** How often a field was put back in a row, and when last (epoch milliseconds). */
export type Repairs = { readonly count: number; readonly lastAt: number };

/** So many are taken for chance. */
const tolerated = 3;
const firstRestMs = 10 * 60_000;
const longestRestMs = 6 * 60 * 60_000;
/** A field that stayed as it was put for so long, or for twice as long as it rested, is not fought for. */
const calmMs = 60 * 60_000;

function restMs({ count }: Repairs): number {
  return count < tolerated ? 0 : Math.min(firstRestMs * 2 ** (count - tolerated), longestRestMs);
}

/** The fields that are not to be put back now. */
export function restingAt(
  now: number,
  repairs: ReadonlyMap<FieldPath, Repairs>,
): ReadonlyMap<FieldPath, Rest> {
  const all = [...repairs].map(([path, repair]): [FieldPath, Rest] => {
    const forMs = restMs(repair);
    return [path, { count: repair.count, until: repair.lastAt + forMs, forMs }];
  });
  return new Map(all.filter(([, { until }]) => until > now));
}

/** The record after some fields were put back at `now`; what has been calm for long is forgotten. */
export function afterRepairs(
  repairs: ReadonlyMap<FieldPath, Repairs>,
  putBack: readonly FieldPath[],
  now: number,
): ReadonlyMap<FieldPath, Repairs> {
  const isCalm = (repair: Repairs): boolean => now - repair.lastAt > Math.max(calmMs, 2 * restMs(repair));
  const kept = new Map([...repairs].filter(([, repair]) => !isCalm(repair)));
  for (const path of putBack) kept.set(path, { count: (kept.get(path)?.count ?? 0) + 1, lastAt: now });
  return kept;
}
