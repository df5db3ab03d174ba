// Whether two sets of conditions can ever meet the same request: what keeps rules apart whatever their order.

import type { RuleCondition } from './rule.ts';

/**
 * Whether provably no request meets both. False means "they may overlap": regular expressions, headers, queries and
 * source addresses are never looked into.
 */
export function areDisjoint(a: readonly RuleCondition[], b: readonly RuleCondition[]): boolean {
  return (['host-header', 'path-pattern'] as const).some((kind) => {
    const left = patterns(a, kind);
    const right = patterns(b, kind);
    return (
      left !== undefined &&
      right !== undefined &&
      left.every((x) => right.every((y) => patternsAreDisjoint(x, y)))
    );
  });
}

function patterns(
  conditions: readonly RuleCondition[],
  kind: 'host-header' | 'path-pattern',
): readonly string[] | undefined {
  const condition = conditions.find((candidate) => candidate.kind === kind);
  if (condition === undefined || (condition.kind !== 'host-header' && condition.kind !== 'path-pattern'))
    return undefined;
  if (condition.regexValues.length > 0) return undefined;
  return kind === 'host-header' ? condition.values.map((host) => host.toLowerCase()) : condition.values;
}

/** Two ALB patterns (`*` any run, `?` one character) differ for sure when their literal beginnings or endings do. */
function patternsAreDisjoint(a: string, b: string): boolean {
  const wild = /[*?]/;
  if (!wild.test(a) && !wild.test(b)) return a !== b;
  const head = Math.min(literalLength(a), literalLength(b));
  if (a.slice(0, head) !== b.slice(0, head)) return true;
  const [reversedA, reversedB] = [reverse(a), reverse(b)];
  const tail = Math.min(literalLength(reversedA), literalLength(reversedB));
  if (reversedA.slice(0, tail) !== reversedB.slice(0, tail)) return true;
  // A literal shorter than the other's fixed beginning cannot match it.
  return (!wild.test(a) && a.length < literalLength(b)) || (!wild.test(b) && b.length < literalLength(a));
}

function literalLength(pattern: string): number {
  const index = pattern.search(/[*?]/);
  return index === -1 ? pattern.length : index;
}

function reverse(text: string): string {
  return [...text].toReversed().join('');
}
