// A rule of ALB holds five condition values. One that asks for more becomes several, one behind the other and with the same
// actions: together they take exactly its requests, at its place, so that nothing about the order of evaluation changes.

import type { DesiredRule } from '../domain/desired-group.ts';
import type { RuleCondition } from '../domain/rule.ts';
import { valueCount } from './quota-rule.ts';

/** The rule as rules of at most `limit` values; as it is where it fits, or where even one value of each condition does not. */
export function splitRule(rule: DesiredRule, limit: number): readonly DesiredRule[] {
  const conditions = withoutEverything(rule.conditions, limit);
  const counts = conditions.map((condition) => valueCount([condition]));
  if (conditions === rule.conditions && sum(counts) <= limit) return [rule];
  const sizes = bestSizes(counts, limit);
  if (sizes === undefined) return [rule];
  const parts = conditions.map((condition, index) => pieces(condition, sizes[index] ?? 1));
  return combinations(parts).map((part) => ({ ...rule, conditions: part }));
}

/** A path condition that every path meets says nothing: it goes where its values are needed, and something else remains. */
function withoutEverything(conditions: readonly RuleCondition[], limit: number): readonly RuleCondition[] {
  if (valueCount(conditions) <= limit) return conditions;
  const useful = conditions.filter(
    (condition) => condition.kind !== 'path-pattern' || !condition.values.includes('/*'),
  );
  return useful.length === 0 ? [everyPath] : useful;
}

const everyPath: RuleCondition = { kind: 'path-pattern', values: ['/*'], regexValues: [] };

/**
 * How many values of each condition one rule takes, so that the fewest rules are needed. Undefined: there are more
 * conditions than values in a rule.
 */
function bestSizes(counts: readonly number[], limit: number): readonly number[] | undefined {
  const rulesOf = (sizes: readonly number[]): number =>
    counts.reduce((product, count, index) => product * Math.ceil(count / (sizes[index] ?? 1)), 1);
  return sizesWithin(counts, limit).toSorted((a, b) => rulesOf(a) - rulesOf(b))[0];
}

function sizesWithin(counts: readonly number[], limit: number): readonly (readonly number[])[] {
  const [count, ...rest] = counts;
  if (count === undefined) return limit < 0 ? [] : [[]];
  const most = Math.min(count, limit - rest.length);
  return Array.from({ length: Math.max(0, most) }, (_, index) => most - index).flatMap((size) =>
    sizesWithin(rest, limit - size).map((sizes) => [size, ...sizes]),
  );
}

/** The condition with so many of its values at a time, any one of which is enough. */
function pieces(condition: RuleCondition, size: number): readonly RuleCondition[] {
  const chunks = <T>(values: readonly T[]): readonly (readonly T[])[] =>
    Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
      values.slice(index * size, (index + 1) * size),
    );
  switch (condition.kind) {
    case 'query-string':
      return chunks(condition.values).map((values) => ({ ...condition, values }));
    case 'http-request-method':
    case 'source-ip':
      return chunks(condition.values).map((values) => ({ ...condition, values }));
    case 'host-header':
    case 'path-pattern':
    case 'http-header': {
      const all = [
        ...condition.values.map((text) => ({ text, isRegex: false })),
        ...condition.regexValues.map((text) => ({ text, isRegex: true })),
      ];
      return chunks(all).map((values) => ({
        ...condition,
        values: values.flatMap(({ text, isRegex }) => (isRegex ? [] : [text])),
        regexValues: values.flatMap(({ text, isRegex }) => (isRegex ? [text] : [])),
      }));
    }
  }
}

function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (found, list) => found.flatMap((start) => list.map((one) => [...start, one])),
    [[]],
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
