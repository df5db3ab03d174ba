// Which existing rule each wanted one continues.

import { areDisjoint } from '../domain/disjoint.ts';
import type { ExistingRule, TransitionInput, RuleStep, WantedRule } from './rule-step.ts';

export type Pairing = {
  /** By wanted index: the existing rule it continues. */
  readonly existingOf: (number | undefined)[];
  readonly unwanted: Set<number>;
};

/** By equal contents first, then by equal conditions. */
export function pair(wanted: readonly WantedRule[], existing: readonly ExistingRule[]): Pairing {
  const free = new Set(existing.flatMap((rule, index) => (rule.fixed ? [] : [index])));
  const existingOf: (number | undefined)[] = wanted.map(() => undefined);
  for (const keyOf of [(rule: WantedRule) => rule.key, (rule: WantedRule) => rule.conditionsKey]) {
    const byKey = Map.groupBy(free, (index) => keyOf(existing[index] as ExistingRule));
    for (const [index, rule] of wanted.entries()) {
      if (existingOf[index] !== undefined) continue;
      const found = byKey.get(keyOf(rule))?.shift();
      if (found === undefined) continue;
      existingOf[index] = found;
      free.delete(found);
    }
  }
  return { existingOf, unwanted: free };
}

/** With fewer free places than new rules, unwanted rules are rewritten into new ones: first those that share requests. */
export function reuseWhenFull(
  { wanted, existing, headroom }: TransitionInput,
  { existingOf, unwanted }: Pairing,
): void {
  const created = wanted.flatMap((_rule, index) => (existingOf[index] === undefined ? [index] : []));
  let excess = created.length - Math.max(0, headroom);
  const overlaps = (index: number, old: number) =>
    !areDisjoint((wanted[index] as WantedRule).conditions, (existing[old] as ExistingRule).conditions);
  for (const isGood of [overlaps, () => true]) {
    for (const index of created) {
      if (excess <= 0) return;
      if (existingOf[index] !== undefined) continue;
      const old = [...unwanted].find((candidate) => isGood(index, candidate));
      if (old === undefined) continue;
      existingOf[index] = old;
      unwanted.delete(old);
      excess -= 1;
    }
  }
}

/** Whether the rules that stay keep their order. */
export function isInOrder({ existingOf }: Pairing, existing: readonly ExistingRule[]): boolean {
  const kept = existingOf.flatMap((index) =>
    index === undefined ? [] : [(existing[index] as ExistingRule).priority],
  );
  return kept.every((priority, i) => i === 0 || (kept[i - 1] as number) < priority);
}

/** Rules that stay and become something else. */
export function changedContents(
  { wanted, existing }: TransitionInput,
  { existingOf }: Pairing,
): readonly RuleStep[] {
  return wanted.flatMap((rule, index): RuleStep[] => {
    const old = existingOf[index];
    return old === undefined || existing[old]?.key === rule.key
      ? []
      : [{ kind: 'modify', existing: old, wanted: index }];
  });
}

/** What nobody wants, last place first. */
export function deletes({ existing }: TransitionInput, { unwanted }: Pairing): readonly RuleStep[] {
  return inPriorityOrder(unwanted, existing)
    .toReversed()
    .map((index) => ({ kind: 'delete', existing: index }));
}

/** Indexes of existing rules as AWS evaluates them. */
export function inPriorityOrder(
  indexes: Iterable<number>,
  existing: readonly ExistingRule[],
): readonly number[] {
  return [...indexes].toSorted((a, b) => priorityOf(existing, a) - priorityOf(existing, b));
}

export function priorityOf(existing: readonly ExistingRule[], index: number): number {
  return (existing[index] as ExistingRule).priority;
}
