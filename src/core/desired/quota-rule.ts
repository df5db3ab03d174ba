import type { DesiredGroup, DesiredRule } from '../domain/desired-group.ts';
import type { Quota, QuotaName } from '../domain/facts.ts';
import type { Problem } from '../domain/problem.ts';
import type { RuleCondition } from '../domain/rule.ts';
import { exceeded } from './quota-problem.ts';
import { limitOf } from '../domain/quotas.ts';

/** Quotas of a single rule: condition values, wildcards in them, target groups of one action. */
export function ruleQuotaProblems(desired: DesiredGroup, quotas: readonly Quota[]): readonly Problem[] {
  const rules = (desired.loadBalancer?.listeners ?? []).flatMap((listener) => listener.rules);
  return rules.flatMap((rule) => problemsOf(rule, quotas));
}

function problemsOf(rule: DesiredRule, quotas: readonly Quota[]): readonly Problem[] {
  const values = rule.conditions.flatMap(valuesOf);
  const wildcards = rule.conditions.flatMap(wildcardsOf);
  const perAction = rule.actions.map((action) =>
    action.kind === 'forward' ? action.targetGroups.length : 0,
  );
  const counts: readonly { readonly quota: QuotaName; readonly wanted: number }[] = [
    { quota: 'condition-values-per-alb-rule', wanted: values.length },
    { quota: 'condition-wildcards-per-alb-rule', wanted: wildcards.length },
    { quota: 'target-groups-per-action-on-application-load-balancer', wanted: Math.max(0, ...perAction) },
  ];
  return counts
    .filter(({ quota, wanted }) => wanted > limitOf(quota, quotas))
    .map(({ quota, wanted }) =>
      exceeded({ object: rule.member, quota, quotas, used: 0, wanted, severity: 'error', path: rule.path }),
    );
}

function valuesOf(condition: RuleCondition): readonly string[] {
  if (condition.kind === 'query-string') return condition.values.map(({ value }) => value);
  return 'regexValues' in condition ? [...condition.values, ...condition.regexValues] : condition.values;
}

function wildcardsOf(condition: RuleCondition): readonly string[] {
  if (condition.kind === 'http-request-method' || condition.kind === 'source-ip') return [];
  const texts =
    condition.kind === 'query-string'
      ? condition.values.map(({ key, value }) => `${key ?? ''} ${value}`.replace(/\\[*?]/g, ''))
      : condition.values;
  return texts.flatMap((text) => text.match(/[*?]/g) ?? []);
}
