// What an Application Load Balancer does with a request: the first rule by priority whose conditions all hold, else the
// listener's default action. Shared by the simulator's data plane, by explanations and by tests, so that there is one
// opinion of it (elbv2-facts §1.4, §1.5).

import type { Action, RuleContent } from '../domain/rule.ts';
import { type ConditionVerdict, conditionVerdict } from './conditions.ts';
import type { AlbRequest } from './request.ts';

export type PriorityRule<TargetGroup> = RuleContent<TargetGroup> & { readonly priority: number };

export type Evaluation<Rule, TargetGroup> = {
  /** Undefined: the default action answers. */
  readonly rule: Rule | undefined;
  readonly actions: readonly Action<TargetGroup>[];
};

/** Finds the rule that answers. Rules may come in any order; the request's path must be normalised. */
export function evaluate<TargetGroup, Rule extends PriorityRule<TargetGroup>>(
  listener: { readonly rules: readonly Rule[]; readonly defaultActions: readonly Action<TargetGroup>[] },
  request: AlbRequest,
): Evaluation<Rule, TargetGroup> {
  const rule = inOrder(listener.rules).find((candidate) => traced(candidate, request).matches);
  return { rule, actions: rule?.actions ?? listener.defaultActions };
}

export type Traced<Rule> = {
  readonly rule: Rule;
  /** Of several that match only the first one answers. */
  readonly matches: boolean;
  /** One for each condition of the rule. */
  readonly conditions: readonly ConditionVerdict[];
};

/** Every rule in order of priority with its verdict, those after the one that answers too. */
export function trace<Rule extends PriorityRule<unknown>>(
  rules: readonly Rule[],
  request: AlbRequest,
): readonly Traced<Rule>[] {
  return inOrder(rules).map((rule) => traced(rule, request));
}

function inOrder<Rule extends { readonly priority: number }>(rules: readonly Rule[]): readonly Rule[] {
  return rules.toSorted((a, b) => a.priority - b.priority);
}

function traced<Rule extends PriorityRule<unknown>>(rule: Rule, request: AlbRequest): Traced<Rule> {
  const conditions = rule.conditions.map((condition) => conditionVerdict(condition, request));
  return { rule, conditions, matches: conditions.every(({ holds }) => holds) };
}
