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
  conditions.reduce(
    (count, condition) =>
      count + condition.values.length + ('regexValues' in condition ? condition.regexValues.length : 0),
    0,
  );

/** `*` and `?` of all conditions, which AWS counts together for a rule. */
export const wildcardCount = (conditions: readonly RuleCondition[]): number =>
  conditions.reduce((count, condition) => count + wildcardsIn(condition), 0);

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

function wildcardsIn(condition: RuleCondition): number {
  if (condition.kind === 'http-request-method' || condition.kind === 'source-ip') return 0;
  if (condition.kind !== 'query-string') return sum(condition.values.map(wildcards));
  return sum(
    condition.values.map(({ key, value }) => wildcards(`${key ?? ''} ${value}`.replace(/\\[*?]/g, ''))),
  );
}

const wildcards = (text: string): number => text.match(/[*?]/g)?.length ?? 0;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
