// The second scheme of rule-transition.ts, for rules whose order changes.

import { areDisjoint } from '../domain/disjoint.ts';
import { changedContents, deletes, inPriorityOrder, type Pairing, priorityOf } from './rule-pairing.ts';
import { assign, longestIncreasing, reservedRange } from './rule-priorities.ts';
import type {
  ExistingRule,
  TransitionInput,
  PrioritySetting,
  RuleStep,
  RuleTransition,
  WantedRule,
} from './rule-step.ts';

/** Creates behind everything, then puts all in their order at once; takes from `pairing` what has to be made anew. */
export function reorder(input: TransitionInput, pairing: Pairing): RuleTransition {
  const { wanted, existing } = input;
  const changes = contentChanges(input, pairing);
  for (const index of changes.anew) {
    pairing.unwanted.add(pairing.existingOf[index] as number);
    pairing.existingOf[index] = undefined;
  }
  const created = wanted.flatMap((_rule, index) => (pairing.existingOf[index] === undefined ? [index] : []));
  const room = behind(input, created.length);
  const final = finalPriorities(input, pairing);
  const unwanted = inPriorityOrder(pairing.unwanted, existing);
  const tail = assign([...final, ...unwanted.map((index) => priorityOf(existing, index))], input).slice(
    final.length,
  );
  const settings: PrioritySetting[] = [
    ...wanted.map((_rule, index): PrioritySetting => {
      const old = pairing.existingOf[index];
      const priority = final[index] as number;
      return old === undefined
        ? { kind: 'created', wanted: index, priority }
        : { kind: 'existing', existing: old, priority };
    }),
    ...unwanted.map(
      (old, i): PrioritySetting => ({ kind: 'existing', existing: old, priority: tail[i] as number }),
    ),
  ];
  const temporary = new Map(created.map((index, i) => [index, room.slots[i] as number]));
  const now = (setting: PrioritySetting) =>
    setting.kind === 'created'
      ? temporary.get(setting.wanted)
      : (room.moved.get(setting.existing) ?? priorityOf(existing, setting.existing));
  const moves = settings.filter((setting) => now(setting) !== setting.priority);
  return {
    steps: [
      ...room.steps,
      ...changes.before,
      ...created.map(
        (index): RuleStep => ({ kind: 'create', wanted: index, priority: temporary.get(index) as number }),
      ),
      ...(moves.length > 0 ? [{ kind: 'setPriorities', priorities: moves } as const] : []),
      ...changes.after,
      { kind: 'default' },
      ...deletes(input, pairing),
    ],
    priorities: final,
    continues: pairing.existingOf,
  };
}

/** Free priorities behind every rule of ours; when the range ends there, ours are first numbered anew from 1. */
function behind(
  input: TransitionInput,
  count: number,
): { slots: readonly number[]; steps: readonly RuleStep[]; moved: ReadonlyMap<number, number> } {
  const { existing } = input;
  const ours = inPriorityOrder(
    [...existing.keys()].filter((index) => !existing[index]?.fixed),
    existing,
  );
  const last = Math.max(0, ...ours.map((index) => priorityOf(existing, index)));
  const slots = assign([last, ...Array.from({ length: count }, () => undefined)], input).slice(1);
  if (last === 0 || (slots.at(-1) ?? 0) > last || count === 0) return { slots, steps: [], moved: new Map() };
  const numbers = assign(
    Array.from({ length: ours.length + count }, () => undefined),
    input,
  );
  const moved = new Map(ours.map((index, i) => [index, numbers[i] as number]));
  const priorities = ours.map(
    (index): PrioritySetting => ({ kind: 'existing', existing: index, priority: moved.get(index) as number }),
  );
  return { slots: numbers.slice(ours.length), steps: [{ kind: 'setPriorities', priorities }], moved };
}

/** Compact: 1..n. Stable: the longest run of rules that are in order already stays where it is. */
function finalPriorities(input: TransitionInput, { existingOf }: Pairing): readonly number[] {
  const { wanted, existing, priorities, reserved = [] } = input;
  if (priorities === 'compact')
    return assign(
      wanted.map(() => undefined),
      input,
    );
  const current = existingOf.map((old) => {
    const priority = old === undefined ? undefined : priorityOf(existing, old);
    return priority !== undefined && reservedRange(priority, reserved) === undefined ? priority : undefined;
  });
  const staying = longestIncreasing(current);
  return assign(
    current.map((priority, index) => (staying.has(index) ? priority : undefined)),
    input,
  );
}

/** When each changed content may be written in a reorder; `anew` where no moment is safe and the quota has room. */
function contentChanges(
  input: TransitionInput,
  pairing: Pairing,
): { before: RuleStep[]; after: RuleStep[]; anew: number[] } {
  const { wanted, existing } = input;
  const { existingOf } = pairing;
  const result = { before: [] as RuleStep[], after: [] as RuleStep[], anew: [] as number[] };
  const room = input.headroom - existingOf.filter((old) => old === undefined).length;
  for (const step of changedContents(input, pairing)) {
    if (step.kind !== 'modify') continue;
    const rule = wanted[step.wanted] as WantedRule;
    const old = existing[step.existing] as ExistingRule;
    const continuedBefore = new Set(existingOf.slice(0, step.wanted));
    const nothingNewInFront = wanted.slice(0, step.wanted).every((other, index) => {
      const from = existingOf[index];
      return (
        (from !== undefined && priorityOf(existing, from) < old.priority) ||
        areDisjoint(other.conditions, rule.conditions)
      );
    });
    const nothingOldInFront = existing.every(
      (other, index) =>
        other.fixed ||
        other.priority >= old.priority ||
        continuedBefore.has(index) ||
        areDisjoint(other.conditions, old.conditions),
    );
    if (nothingNewInFront || old.conditionsKey !== rule.conditionsKey) result.before.push(step);
    else if (nothingOldInFront) result.after.push(step);
    else if (result.anew.length < room) result.anew.push(step.wanted);
    else result.before.push(step);
  }
  return result;
}
