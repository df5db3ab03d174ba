// A listener without room for new rules beside the old ones, where rules are to be joined: the first of those that become one
// is widened to it, and the others, whose requests it has by then, go. That makes room before anything else changes.
//
// Widening a rule is seen only by requests that reach it now and met something behind it before. They get what they will
// have, unless a wanted rule that is not there yet comes first for them; then the rule is left to the other ways.

import { areDisjoint } from '../domain/disjoint.ts';
import { byPaths, holdsPaths, pathTexts } from '../domain/rule-paths.ts';
import type { RuleCondition } from '../domain/rule.ts';
import type { ExistingRule, RuleStep, WantedRule } from './rule-step.ts';

type Rules = { readonly wanted: readonly WantedRule[]; readonly existing: readonly ExistingRule[] };

export type Widening = {
  readonly steps: readonly RuleStep[];
  /** As they are after the steps, at the same indexes; what went is nobody's to use. */
  readonly existing: readonly ExistingRule[];
  readonly freed: number;
};

/** The steps that join existing rules into wanted ones, and what there is after them. */
export function widening({ wanted, existing }: Rules): Widening {
  const after = [...existing];
  const steps: RuleStep[] = [];
  const keys = new Set(wanted.flatMap(({ key, conditionsKey }) => [key, conditionsKey]));
  const present = new Set(existing.flatMap(({ key, conditionsKey }) => [key, conditionsKey]));
  let freed = 0;
  for (const [index, rule] of wanted.entries()) {
    if (present.has(rule.key) || present.has(rule.conditionsKey)) continue;
    const parts = [...after.keys()]
      .filter(
        (old) =>
          isPart(after[old] as ExistingRule, rule) && !keys.has((after[old] as ExistingRule).conditionsKey),
      )
      .toSorted((a, b) => (after[a] as ExistingRule).priority - (after[b] as ExistingRule).priority);
    const [first, ...others] = parts;
    if (first === undefined || !isSafe(parts, index, { wanted, existing: after })) continue;
    steps.push({ kind: 'modify', existing: first, wanted: index });
    after[first] = { ...rule, priority: (after[first] as ExistingRule).priority, fixed: false };
    for (const old of others.toReversed()) {
      steps.push({ kind: 'delete', existing: old });
      after[old] = { ...(after[old] as ExistingRule), fixed: true };
      freed += 1;
    }
  }
  return { steps, existing: after, freed };
}

/** What is left of a rule's text without its conditions: what it does. */
const outcomeOf = ({ key, conditionsKey }: WantedRule): string => key.slice(conditionsKey.length);

const isPart = (old: ExistingRule, rule: WantedRule): boolean =>
  !old.fixed && outcomeOf(old) === outcomeOf(rule) && holdsPaths(rule.conditions, old.conditions);

/**
 * Whether the first part may take the requests of the others and those that are new: they get what they get now, or
 * what they will have.
 */
function isSafe(parts: readonly number[], index: number, rules: Rules): boolean {
  const [first = 0, ...others] = parts;
  const { wanted, existing } = rules;
  const { conditions } = wanted[index] as WantedRule;
  const moved = others.map((old) => (existing[old] as ExistingRule).conditions);
  const added = parts.reduce<readonly RuleCondition[] | undefined>(
    (rest, old) => rest && without(rest, (existing[old] as ExistingRule).conditions),
    conditions,
  );
  return (
    others.every(
      (old, at) => isNearest(first, old, rules) || isSettled(moved[at] ?? [], { first, index, rules }),
    ) &&
    (added === undefined || isSettled(added, { first, index, rules }))
  );
}

/** Whether nothing between the two takes requests of the second one for something else. */
function isNearest(first: number, old: number, { existing }: Rules): boolean {
  const [from, to] = [existing[first] as ExistingRule, existing[old] as ExistingRule];
  return existing.every(
    (rule) =>
      rule.priority <= from.priority ||
      rule.priority >= to.priority ||
      outcomeOf(rule) === outcomeOf(to) ||
      areDisjoint(rule.conditions, to.conditions),
  );
}

/** Whether every wanted rule in front that takes such requests for something else is in front already. */
function isSettled(
  requests: readonly RuleCondition[],
  { first, index, rules }: { readonly first: number; readonly index: number; readonly rules: Rules },
): boolean {
  const { wanted, existing } = rules;
  const rule = wanted[index] as WantedRule;
  const old = existing[first] as ExistingRule;
  return wanted
    .slice(0, index)
    .every(
      (before) =>
        areDisjoint(before.conditions, requests) ||
        outcomeOf(before) === outcomeOf(rule) ||
        existing.some(({ key, priority, fixed }) => !fixed && key === before.key && priority < old.priority),
    );
}

/** The conditions with those paths only that `less` has not; undefined: none is left. */
function without(
  conditions: readonly RuleCondition[],
  less: readonly RuleCondition[],
): readonly RuleCondition[] | undefined {
  const [all, some] = [byPaths(conditions), byPaths(less)];
  if (all === undefined || some === undefined) return conditions;
  const gone = new Set(pathTexts(some.paths));
  const { values, regexValues } = all.paths;
  const rest = {
    ...all.paths,
    values: values.filter((value) => !gone.has(`= ${value}`)),
    regexValues: regexValues.filter((regex) => !gone.has(`~ ${regex}`)),
  };
  if (rest.values.length + rest.regexValues.length === 0) return undefined;
  return conditions.map((condition) => (condition === all.paths ? rest : condition));
}
