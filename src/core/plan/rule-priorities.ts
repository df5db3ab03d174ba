import { lastPriority, type PriorityRange } from '../domain/priorities.ts';
import type { ExistingRule } from './rule-step.ts';

/** What priorities cannot be used: those of fixed rules, and those that are reserved for others. */
type NotOurs = { readonly existing: readonly ExistingRule[]; readonly reserved?: readonly PriorityRange[] };

/**
 * Ascending priorities for places in order; a place keeps the one it has if it can. Priorities of fixed rules and
 * reserved ones are skipped. Numbers everything anew from 1 when the end of AWS's range is reached.
 */
export function assign(
  current: readonly (number | undefined)[],
  { existing, reserved = [] }: NotOurs,
): readonly number[] {
  const taken = new Set(existing.flatMap((rule) => (rule.fixed ? [rule.priority] : [])));
  const free = (from: number): number => {
    let priority = from;
    for (;;) {
      const range = reservedRange(priority, reserved);
      if (range !== undefined) priority = range.last + 1;
      else if (taken.has(priority)) priority += 1;
      else return priority;
    }
  };
  const walk = (wish: (i: number) => number | undefined) => {
    let last = 0;
    return current.map((_priority, i) => {
      const own = wish(i);
      const stays = own !== undefined && own > last && reservedRange(own, reserved) === undefined;
      last = stays ? own : free(last + 1);
      return last;
    });
  };
  const kept = walk((i) => current[i]);
  return (kept.at(-1) ?? 0) > lastPriority ? walk(() => undefined) : kept;
}

/** The reserved range that a priority is in. */
export function reservedRange(
  priority: number,
  reserved: readonly PriorityRange[],
): PriorityRange | undefined {
  return reserved.find(({ first, last }) => first <= priority && priority <= last);
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
