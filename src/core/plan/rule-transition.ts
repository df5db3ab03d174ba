// How one listener's rules get from what they are to what they should be, so that at every point between two calls each
// request reaches the backend it had or the backend it will have, never a third (DESIGN §4.5, property P9).
//
// Two schemes, each proved by the same argument about the first matching rule of a request:
//
// *Direct*, when the rules that stay keep their order: make room among them, which changes no order; create new rules at
// their final places, most specific place first; change contents in place; change the default action; delete what is unwanted, last place first.
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

import {
  changedContents,
  deletes,
  isInOrder,
  pair,
  type Pairing,
  priorityOf,
  reuseWhenFull,
} from './rule-pairing.ts';
import { assign } from './rule-priorities.ts';
import { reorder } from './rule-reorder.ts';
import type { PrioritySetting, RuleStep, RuleTransition, TransitionInput } from './rule-step.ts';
import { widening } from './rule-widening.ts';

/** The steps, to be taken one after the other. */
export function ruleTransition(input: TransitionInput): RuleTransition {
  const wider = isFull(input) ? widening(input) : undefined;
  if (wider === undefined || wider.steps.length === 0) return unwidened(input);
  const { existing, freed } = wider;
  const rest = unwidened({ ...input, existing, headroom: input.headroom + freed });
  return { ...rest, steps: [...wider.steps, ...rest.steps] };
}

/** Whether there is no room for everything that is new beside what there is. */
function isFull({ wanted, existing, priorities, headroom }: TransitionInput): boolean {
  if (priorities === 'compact') return false;
  const present = new Set(existing.map(({ conditionsKey }) => conditionsKey));
  return wanted.filter(({ conditionsKey }) => !present.has(conditionsKey)).length > Math.max(0, headroom);
}

function unwidened(input: TransitionInput): RuleTransition {
  const pairing = pair(input.wanted, input.existing);
  reuseWhenFull(input, pairing);
  return isInOrder(pairing, input.existing) ? direct(input, pairing) : reorder(input, pairing);
}

/** One place in the list that the transition walks through: an existing rule (wanted or not) or a new one. */
type Place = { readonly wanted: number | undefined; readonly existing: number | undefined };

function direct(input: TransitionInput, pairing: Pairing): RuleTransition {
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
function placesInOrder({ wanted, existing }: TransitionInput, { existingOf }: Pairing): readonly Place[] {
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

/** 1..n for the wanted rules; undefined when an unwanted rule has to move for that, so that a reorder has to come first. */
function compactWhereFree(places: readonly Place[], input: TransitionInput): readonly number[] | undefined {
  const { existing } = input;
  const compact = assign(
    places.map(() => undefined).filter((_none, i) => places[i]?.wanted !== undefined),
    input,
  );
  const isAllWanted = places.every(({ wanted }) => wanted !== undefined);
  let next = 0;
  const result: number[] = [];
  for (const place of places) {
    const own = place.existing === undefined ? undefined : existing[place.existing]?.priority;
    const priority = place.wanted === undefined ? own : compact[next++];
    if (priority === undefined || (own !== undefined && own !== priority && !isAllWanted)) return undefined;
    if (priority <= (result.at(-1) ?? 0)) return undefined;
    result.push(priority);
  }
  return result;
}
