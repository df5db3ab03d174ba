// A rule's paths apart from its other conditions: what rules that are joined differ in.

import { conditionsKey } from './conditions-key.ts';
import type { RuleCondition } from './rule.ts';

export type Paths = Extract<RuleCondition, { readonly kind: 'path-pattern' }>;

/** The path condition of a rule, and the others as text. Undefined: it has none. */
export function byPaths(
  conditions: readonly RuleCondition[],
): { readonly paths: Paths; readonly others: string } | undefined {
  const paths = conditions.find((condition): condition is Paths => condition.kind === 'path-pattern');
  if (paths === undefined) return undefined;
  return { paths, others: conditionsKey(conditions.filter((condition) => condition !== paths)) };
}

/** One text for each path, which says of which sort it is. */
export const pathTexts = ({ values, regexValues }: Paths): readonly string[] => [
  ...values.map((value) => `= ${value}`),
  ...regexValues.map((regex) => `~ ${regex}`),
];

/** Whether `wide` has the paths of `narrow` among its own, and the same other conditions. */
export function holdsPaths(wide: readonly RuleCondition[], narrow: readonly RuleCondition[]): boolean {
  const [all, some] = [byPaths(wide), byPaths(narrow)];
  if (all === undefined || all.others !== some?.others) return false;
  const texts = new Set(pathTexts(all.paths));
  return pathTexts(some.paths).every((text) => texts.has(text));
}
