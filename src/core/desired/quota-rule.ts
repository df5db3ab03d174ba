import type { DesiredGroup, DesiredRule } from '../domain/desired-group.ts';
import type { Quota, QuotaName } from '../domain/facts.ts';
import type { Problem } from '../domain/problem.ts';
import type { Action, RuleCondition } from '../domain/rule.ts';
import { exceeded } from './quota-problem.ts';
import { limitOf } from '../domain/quotas.ts';

/** Quotas of a single rule: condition values, wildcards in them, target groups of one action. */
export function ruleQuotaProblems(
  desired: DesiredGroup,
  quotas: readonly Quota[],
  region: string,
): readonly Problem[] {
  const rules = (desired.loadBalancer?.listeners ?? []).flatMap((listener) => listener.rules);
  return rules.flatMap((rule) => problemsOf(rule, quotas, region));
}

/** What one rule counts for in the quotas of a rule. */
export function ruleCounts(rule: {
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action<unknown>[];
}): readonly { readonly quota: QuotaName; readonly wanted: number }[] {
  const perAction = rule.actions.map((action) =>
    action.kind === 'forward' ? action.targetGroups.length : 0,
  );
  return [
    { quota: 'condition-values-per-alb-rule', wanted: valueCount(rule.conditions) },
    { quota: 'condition-wildcards-per-alb-rule', wanted: wildcardCount(rule.conditions) },
    { quota: 'target-groups-per-action-on-application-load-balancer', wanted: Math.max(0, ...perAction) },
  ];
}

/** Values of a rule, all conditions together. */
export const valueCount = (conditions: readonly RuleCondition[]): number =>
  conditions.reduce((count, condition) => count + valuesOf(condition).length, 0);

export const wildcardCount = (conditions: readonly RuleCondition[]): number =>
  conditions.reduce((count, condition) => count + wildcardsOf(condition).length, 0);

function problemsOf(rule: DesiredRule, quotas: readonly Quota[], region: string): readonly Problem[] {
  return ruleCounts(rule)
    .filter(({ quota, wanted }) => wanted > limitOf(quota, quotas))
    .map(({ quota, wanted }) =>
      exceeded({
        object: rule.member,
        quota,
        quotas,
        used: 0,
        wanted,
        severity: 'error',
        region,
        path: rule.path,
      }),
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
