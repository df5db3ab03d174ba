// Two rules of an Ingress that differ in nothing but their paths become one where a load balancer has no room for both: the
// paths of the two are alternatives of one condition.

import { canonical } from '../../lib/canonical.ts';
import type { DesiredRule } from '../domain/desired-group.ts';
import { areDisjoint } from '../domain/disjoint.ts';
import type { RuleCondition } from '../domain/rule.ts';
import { byPaths, type Paths, pathTexts } from '../domain/rule-paths.ts';
import { valueCount, wildcardCount } from './quota-rule.ts';

export type RuleCapacity = { readonly values: number; readonly wildcards: number };

/** Rules with equal text do the same for the same Ingress. */
export function outcomeKey({ actions, transforms, member, tags }: DesiredRule): string {
  return canonical([member.namespace, member.name, actions, transforms, tags]);
}

/** One rule for the requests of both, which do the same; undefined where a load balancer takes none such. */
export function joined(
  first: DesiredRule,
  second: DesiredRule,
  capacity: RuleCapacity,
): DesiredRule | undefined {
  const conditions = union(first.conditions, second.conditions);
  const isFit =
    conditions !== undefined &&
    valueCount(conditions) <= capacity.values &&
    wildcardCount(conditions) <= capacity.wildcards;
  if (!isFit) return undefined;
  const also = [...(first.also ?? []), second.path, ...(second.also ?? [])];
  return { ...first, conditions, also };
}

/**
 * Whether the rule at `later` may stand at `earlier` instead. It may when nothing between the two takes a request
 * of it for something else: then whoever answered such a request did the same as it does.
 */
export function mayMoveUp(
  rules: readonly DesiredRule[],
  { earlier, later }: { readonly earlier: number; readonly later: number },
): boolean {
  const moved = rules[later];
  if (moved === undefined) return false;
  return rules
    .slice(earlier + 1, later)
    .every((rule) => areDisjoint(rule.conditions, moved.conditions) || doSame(rule, moved));
}

/** The answer counts, not whose rule it is. */
const doSame = (a: DesiredRule, b: DesiredRule): boolean =>
  canonical([a.actions, a.transforms]) === canonical([b.actions, b.transforms]);

/**
 * Rules whose paths no other rule with the same other conditions has. Only these are joined: of what AWS has joined it can
 * then be told which rules it stands for.
 */
export function separable(rules: readonly DesiredRule[]): ReadonlySet<DesiredRule> {
  const found = rules.map((rule) => ({ rule, split: byPaths(rule.conditions) }));
  const keys = (split: ReturnType<typeof byPaths>): readonly string[] =>
    split === undefined ? [] : pathTexts(split.paths).map((text) => `${split.others}\n${text}`);
  const counts = new Map<string, number>();
  for (const key of found.flatMap(({ split }) => keys(split))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return new Set(
    found.flatMap(({ rule, split }) =>
      split !== undefined && keys(split).every((key) => counts.get(key) === 1) ? [rule] : [],
    ),
  );
}

/** The conditions that hold where either do; undefined where they differ in more than paths. */
function union(
  first: readonly RuleCondition[],
  second: readonly RuleCondition[],
): readonly RuleCondition[] | undefined {
  const [own, other] = [byPaths(first), byPaths(second)];
  if (own === undefined || own.others !== other?.others) return undefined;
  // A condition holds only one sort.
  if (own.paths.regexValues.length > 0 !== other.paths.regexValues.length > 0) return undefined;
  const both: Paths = {
    kind: 'path-pattern',
    values: [...own.paths.values, ...other.paths.values],
    regexValues: [...own.paths.regexValues, ...other.paths.regexValues],
  };
  return first.map((condition) => (condition === own.paths ? both : condition));
}
