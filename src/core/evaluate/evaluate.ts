// What an Application Load Balancer does with a request: the first rule by priority whose conditions all hold, else the
// listener's default action. Shared by the simulator's data plane, by explanations and by tests, so that there is one
// opinion of it (elbv2-facts §1.4, §1.5).

import type { Action, RuleContent } from '../domain/rule.ts';
import { conditionHolds } from './conditions.ts';
import type { AlbRequest } from './request.ts';

export type PriorityRule<TargetGroup> = RuleContent<TargetGroup> & { readonly priority: number };

export type Evaluation<Rule, TargetGroup> = {
  /** Undefined: the default action answers. */
  readonly rule: Rule | undefined;
  readonly actions: readonly Action<TargetGroup>[];
  /** The rules that were looked at, in that order, each with the reason for its verdict; the last one is the match. */
  readonly trace: readonly { readonly priority: number; readonly matched: boolean; readonly why: string }[];
};

/** Finds the rule that answers. Rules may come in any order; the request's path must be normalised. */
export function evaluate<TargetGroup, Rule extends PriorityRule<TargetGroup>>(
  listener: { readonly rules: readonly Rule[]; readonly defaultActions: readonly Action<TargetGroup>[] },
  request: AlbRequest,
): Evaluation<Rule, TargetGroup> {
  const byPriority = listener.rules.toSorted((a, b) => a.priority - b.priority);
  const trace: { priority: number; matched: boolean; why: string }[] = [];
  for (const rule of byPriority) {
    const verdict = ruleMatches(rule, request);
    trace.push({ priority: rule.priority, ...verdict });
    if (verdict.matched) return { rule, actions: rule.actions, trace };
  }
  return { rule: undefined, actions: listener.defaultActions, trace };
}

function ruleMatches(
  { conditions }: Pick<RuleContent<unknown>, 'conditions'>,
  request: AlbRequest,
): { readonly matched: boolean; readonly why: string } {
  const verdicts = conditions.map((condition) => conditionHolds(condition, request));
  const failing = verdicts.find(({ holds }) => !holds);
  if (failing !== undefined) return { matched: false, why: failing.why };
  return { matched: true, why: verdicts.map(({ why }) => why).join(', ') };
}
