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

/** Kinds never share a text, for each begins with its name and JSON says where a value ends. */
function conditionKey(condition: RuleCondition): string {
  const { kind } = condition;
  switch (kind) {
    case 'host-header':
      // Hosts and header names match without regard to case (ELBv2 host-header, http-header).
      return `${kind} ${texts(condition.values.map((host) => host.toLowerCase()))} ${texts(condition.regexValues)}`;
    case 'path-pattern':
      return `${kind} ${texts(condition.values)} ${texts(condition.regexValues)}`;
    case 'http-header':
      return `${kind} ${JSON.stringify(condition.name.toLowerCase())} ${texts(condition.values)} ${texts(condition.regexValues)}`;
    case 'query-string':
      return `${kind} ${texts(condition.values.map(({ key, value }) => JSON.stringify([key, value])))}`;
    case 'http-request-method':
    case 'source-ip':
      return `${kind} ${texts(condition.values)}`;
  }
}

const texts = (values: readonly string[]): string => JSON.stringify(values.toSorted());
