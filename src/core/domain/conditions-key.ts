import { canonical } from '../../lib/canonical.ts';
import type { RuleCondition } from './rule.ts';

/** Conditions never change, and each stage of a plan asks for the keys of the same ones. */
const known = new WeakMap<readonly RuleCondition[], string>();

/** Equal text means that ALB treats both alike: order of conditions and of values inside one means nothing. */
export function conditionsKey(conditions: readonly RuleCondition[]): string {
  const before = known.get(conditions);
  if (before !== undefined) return before;
  const key = conditions.map(conditionKey).toSorted().join('\n');
  known.set(conditions, key);
  return key;
}

function conditionKey(condition: RuleCondition): string {
  const sorted = (values: readonly unknown[]) => values.map((value) => canonical(value)).toSorted();
  switch (condition.kind) {
    case 'host-header':
      // Hosts and header names match without regard to case (ELBv2 host-header, http-header).
      return canonical({
        ...condition,
        values: sorted(condition.values.map((host) => host.toLowerCase())),
        regexValues: sorted(condition.regexValues),
      });
    case 'path-pattern':
      return canonical({
        ...condition,
        values: sorted(condition.values),
        regexValues: sorted(condition.regexValues),
      });
    case 'http-header':
      return canonical({
        ...condition,
        name: condition.name.toLowerCase(),
        values: sorted(condition.values),
        regexValues: sorted(condition.regexValues),
      });
    case 'http-request-method':
    case 'query-string':
    case 'source-ip':
      return canonical({ ...condition, values: sorted(condition.values) });
  }
}
