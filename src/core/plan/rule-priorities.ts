import type { ExistingRule } from './rule-transition.ts';

/** Highest priority of a rule (ELBv2 CreateRule). */
const lastPriority = 50_000;

/**
 * Ascending priorities for places in order; a place keeps the one it has if it can. Priorities of fixed rules are
 * skipped. Numbers everything anew from 1 when the end of AWS's range is reached.
 */
export function assign(
  current: readonly (number | undefined)[],
  existing: readonly ExistingRule[],
): readonly number[] {
  const taken = new Set(existing.flatMap((rule) => (rule.fixed ? [rule.priority] : [])));
  const free = (priority: number): number => (taken.has(priority) ? free(priority + 1) : priority);
  const walk = (wish: (i: number) => number | undefined) => {
    let last = 0;
    return current.map((_priority, i) => {
      const own = wish(i);
      last = own !== undefined && own > last ? own : free(last + 1);
      return last;
    });
  };
  const kept = walk((i) => current[i]);
  return (kept.at(-1) ?? 0) > lastPriority ? walk(() => undefined) : kept;
}

/** Indexes of a longest strictly increasing subsequence; undefined entries are never in it. Quadratic: at most a few hundred rules. */
export function longestIncreasing(values: readonly (number | undefined)[]): ReadonlySet<number> {
  const length: number[] = [];
  const before: (number | undefined)[] = [];
  let best: number | undefined;
  for (const [i, value] of values.entries()) {
    length.push(value === undefined ? 0 : 1);
    before.push(undefined);
    if (value === undefined) continue;
    for (let j = 0; j < i; j += 1) {
      const earlier = values[j];
      if (earlier !== undefined && earlier < value && (length[j] as number) + 1 > (length[i] as number)) {
        length[i] = (length[j] as number) + 1;
        before[i] = j;
      }
    }
    if (best === undefined || (length[i] as number) > (length[best] as number)) best = i;
  }
  const result = new Set<number>();
  for (let i = best; i !== undefined; i = before[i]) result.add(i);
  return result;
}
