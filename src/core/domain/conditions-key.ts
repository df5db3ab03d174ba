import { canonical } from '../../lib/canonical.ts';
import type { RuleCondition } from './rule.ts';

/** Equal text means that ALB treats both alike: order of conditions and of values inside one means nothing. */
export function conditionsKey(conditions: readonly RuleCondition[]): string {
  return conditions.map(conditionKey).toSorted().join('\n');
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
