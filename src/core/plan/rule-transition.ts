// How one listener's rules get from what they are to what they should be, so that at every point between two calls each
// request reaches the backend it had or the backend it will have, never a third (DESIGN §4.5, property P9).
//
// Two schemes, each proved by the same argument about the first matching rule of a request:
//
// *Direct*, when the rules that stay keep their order: create new rules at their final places, most specific place
// first; change contents in place; change the default action; delete what is unwanted, last place first.
//   - While creating, the first match is either an old rule (then it is the request's old one: all old rules are still
//     in their order) or a new rule with nothing wanted before it (then it is its new one).
//   - Deleting from the end, the match that follows a deleted rule is a wanted rule or the default.
//
// *Reorder*, otherwise: create new rules behind all others; one SetRulePriorities, which is atomic, puts the wanted
// rules in front in their order and the unwanted ones behind in theirs; then default action and deletes as above.
//   Contents are changed before the reorder where nothing new comes in front of the rule, after it where nothing old
//   did; where neither holds the rule is made anew.
//
// At the quota there is no room to create first. Then rules that become one are joined before anything else
// (rule-widening.ts), an unwanted rule is rewritten into a new one, in place, and what is changed is changed before
// anything is made: the room that is short may be that of the targets behind the rules.

import type { RuleCondition } from '../domain/rule.ts';
import { areDisjoint } from '../domain/disjoint.ts';
import type { PriorityRange } from '../domain/priorities.ts';
import { assign, longestIncreasing, reservedRange } from './rule-priorities.ts';
import { widening } from './rule-widening.ts';

/** A wanted rule, in evaluation order. `key` is equal for equal contents, `conditionsKey` for equal conditions. */
export type WantedRule = {
  readonly key: string;
  readonly conditionsKey: string;
  readonly conditions: readonly RuleCondition[];
};

/** `fixed`: somebody else's, which keeps its priority and is only a priority that cannot be used. */
export type ExistingRule = WantedRule & { readonly priority: number; readonly fixed: boolean };

/** `wanted` and `existing` are indexes into the two lists. */
export type RuleStep =
  | { readonly kind: 'create'; readonly wanted: number; readonly priority: number }
  | { readonly kind: 'modify'; readonly existing: number; readonly wanted: number }
  | { readonly kind: 'setPriorities'; readonly priorities: readonly PrioritySetting[] }
  | { readonly kind: 'default' }
  | { readonly kind: 'delete'; readonly existing: number };

export type PrioritySetting =
  | { readonly kind: 'existing'; readonly existing: number; readonly priority: number }
  | { readonly kind: 'created'; readonly wanted: number; readonly priority: number };

export type RuleTransition = {
  readonly steps: readonly RuleStep[];
  /** Priority of each wanted rule at the end. */
  readonly priorities: readonly number[];
  /** Which existing rule each wanted one continues; undefined for a new one. */
  readonly continues: readonly (number | undefined)[];
};

type Pairing = {
  /** By wanted index: the existing rule it continues. */
  readonly existingOf: (number | undefined)[];
  readonly unwanted: Set<number>;
};

/**
 * The steps, to be taken one after the other. `priorities: 'stable'` keeps existing priorities where the order allows,
 * `'compact'` numbers 1, 2, 3 … as ALBC does. `headroom`: how many rules may be created before the load balancer is at
 * its quota (rules-per-application-load-balancer). `reserved`: priorities for others; a rule of ours there moves out.
 */
export function ruleTransition(input: {
  readonly wanted: readonly WantedRule[];
  readonly existing: readonly ExistingRule[];
  readonly priorities: 'stable' | 'compact';
  readonly headroom: number;
  readonly reserved?: readonly PriorityRange[];
}): RuleTransition {
  const wider = isFull(input) ? widening(input) : undefined;
  if (wider === undefined || wider.steps.length === 0) return unwidened(input);
  const { existing, freed } = wider;
  const rest = unwidened({ ...input, existing, headroom: input.headroom + freed });
  return { ...rest, steps: [...wider.steps, ...rest.steps] };
}

/** Whether there is no room for everything that is new beside what there is. */
function isFull({ wanted, existing, priorities, headroom }: Input): boolean {
  if (priorities === 'compact') return false;
  const present = new Set(existing.map(({ conditionsKey }) => conditionsKey));
  return wanted.filter(({ conditionsKey }) => !present.has(conditionsKey)).length > Math.max(0, headroom);
}

function unwidened(input: Input): RuleTransition {
  const pairing = pair(input.wanted, input.existing);
  reuseWhenFull(input, pairing);
  return isInOrder(pairing, input.existing) ? direct(input, pairing) : reorder(input, pairing);
}

type Input = Parameters<typeof ruleTransition>[0];

function pair(wanted: readonly WantedRule[], existing: readonly ExistingRule[]): Pairing {
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
function reuseWhenFull({ wanted, existing, headroom }: Input, { existingOf, unwanted }: Pairing): void {
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

function isInOrder({ existingOf }: Pairing, existing: readonly ExistingRule[]): boolean {
  const kept = existingOf.flatMap((index) =>
    index === undefined ? [] : [(existing[index] as ExistingRule).priority],
  );
  return kept.every((priority, i) => i === 0 || (kept[i - 1] as number) < priority);
}

/** One place in the list that the transition walks through: an existing rule (wanted or not) or a new one. */
type Place = { readonly wanted: number | undefined; readonly existing: number | undefined };

function direct(input: Input, pairing: Pairing): RuleTransition {
  const { wanted, existing } = input;
  const places = placesInOrder(input, pairing);
  const kept = (place: Place) =>
    place.existing === undefined ? undefined : existing[place.existing]?.priority;
  const assigned =
    input.priorities === 'stable' ? assign(places.map(kept), input) : compactWhereFree(places, input);
  if (assigned === undefined) return reorder(input, pairing);
  const moves = places.flatMap((place, i): PrioritySetting[] =>
    place.existing !== undefined && kept(place) !== assigned[i]
      ? [{ kind: 'existing', existing: place.existing, priority: assigned[i] as number }]
      : [],
  );
  const priorities = wanted.map(
    (_rule, index) => assigned[places.findIndex((place) => place.wanted === index)] as number,
  );
  const creates = wanted.flatMap((_rule, index): RuleStep[] =>
    pairing.existingOf[index] === undefined
      ? [{ kind: 'create', wanted: index, priority: priorities[index] as number }]
      : [],
  );
  const changes = changedContents(input, pairing);
  return {
    steps: [
      ...(moves.length > 0 ? [{ kind: 'setPriorities', priorities: moves } as const] : []),
      ...(creates.length > input.headroom ? [...changes, ...creates] : [...creates, ...changes]),
      { kind: 'default' },
      ...deletes(input, pairing),
    ],
    priorities,
    continues: pairing.existingOf,
  };
}

/** Existing rules of ours in their order, new ones just before the next wanted rule that exists, or at the end. */
function placesInOrder({ wanted, existing }: Input, { existingOf }: Pairing): readonly Place[] {
  const wantedOf = new Map(
    existingOf.flatMap((old, index) => (old === undefined ? [] : [[old, index] as const])),
  );
  const places: Place[] = [];
  let next = 0;
  const addNewBefore = (end: number) => {
    for (; next < end; next += 1)
      if (existingOf[next] === undefined) places.push({ wanted: next, existing: undefined });
  };
  const inOrder = [...existing.keys()].toSorted((a, b) => priorityOf(existing, a) - priorityOf(existing, b));
  for (const old of inOrder) {
    if (existing[old]?.fixed) continue;
    const index = wantedOf.get(old);
    if (index !== undefined) addNewBefore(index);
    places.push({ wanted: index, existing: old });
  }
  addNewBefore(wanted.length);
  return places;
}

/** 1..n for the wanted rules; undefined when an unwanted rule is in the way, so that a reorder has to come first. */
function compactWhereFree(places: readonly Place[], input: Input): readonly number[] | undefined {
  const { existing } = input;
  const compact = assign(
    places.map(() => undefined).filter((_none, i) => places[i]?.wanted !== undefined),
    input,
  );
  let next = 0;
  const result: number[] = [];
  for (const place of places) {
    const own = place.existing === undefined ? undefined : existing[place.existing]?.priority;
    const priority = place.wanted === undefined ? own : compact[next++];
    if (priority === undefined || (own !== undefined && own !== priority)) return undefined;
    if (priority <= (result.at(-1) ?? 0)) return undefined;
    result.push(priority);
  }
  return result;
}

function reorder(input: Input, pairing: Pairing): RuleTransition {
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
  input: Input,
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
function finalPriorities(input: Input, { existingOf }: Pairing): readonly number[] {
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

function changedContents({ wanted, existing }: Input, { existingOf }: Pairing): readonly RuleStep[] {
  return wanted.flatMap((rule, index): RuleStep[] => {
    const old = existingOf[index];
    return old === undefined || existing[old]?.key === rule.key
      ? []
      : [{ kind: 'modify', existing: old, wanted: index }];
  });
}

/** When each changed content may be written in a reorder; `anew` where no moment is safe and the quota has room. */
function contentChanges(
  input: Input,
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

function deletes({ existing }: Input, { unwanted }: Pairing): readonly RuleStep[] {
  return inPriorityOrder(unwanted, existing)
    .toReversed()
    .map((index) => ({ kind: 'delete', existing: index }));
}

function inPriorityOrder(indexes: Iterable<number>, existing: readonly ExistingRule[]): readonly number[] {
  return [...indexes].toSorted((a, b) => priorityOf(existing, a) - priorityOf(existing, b));
}

function priorityOf(existing: readonly ExistingRule[], index: number): number {
  return (existing[index] as ExistingRule).priority;
}
