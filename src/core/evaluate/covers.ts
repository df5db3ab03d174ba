// Whether one rule takes all requests of another: what can be proved by looking at their patterns.

import type { RuleCondition } from '../domain/rule.ts';
import { matchesRegex } from './patterns.ts';

/** True: every request that meets all conditions of `narrow` meets those of `wide`. False: it cannot be told, or is not so. */
export function covers(wide: readonly RuleCondition[], narrow: readonly RuleCondition[]): boolean {
  return wide.every(
    (condition) => takesAll(condition) || narrow.some((other) => coversCondition(condition, other)),
  );
}

const takesAll = (condition: RuleCondition): boolean =>
  (condition.kind === 'path-pattern' && condition.values.some((value) => value === '/*' || value === '*')) ||
  (condition.kind === 'host-header' && condition.values.includes('*'));

function coversCondition(wide: RuleCondition, narrow: RuleCondition): boolean {
  switch (wide.kind) {
    case 'host-header':
      return narrow.kind === wide.kind && coversTexts(wide, narrow, true);
    case 'path-pattern':
      return narrow.kind === wide.kind && coversTexts(wide, narrow, false);
    case 'http-header':
      return (
        narrow.kind === wide.kind &&
        narrow.name.toLowerCase() === wide.name.toLowerCase() &&
        coversTexts(wide, narrow, true)
      );
    case 'query-string':
      return (
        narrow.kind === wide.kind &&
        narrow.values.every(({ key, value }) =>
          wide.values.some(
            (other) => (other.key === undefined || other.key === key) && other.value === value,
          ),
        )
      );
    case 'http-request-method':
    case 'source-ip':
      return narrow.kind === wide.kind && narrow.values.every((value) => wide.values.includes(value));
  }
}

type Texts = { readonly values: readonly string[]; readonly regexValues: readonly string[] };

function coversTexts(wide: Texts, narrow: Texts, ignoreCase: boolean): boolean {
  const same = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const isCovered = (value: string): boolean =>
    wide.values.some((pattern) => pattern === value || wildcardCovers(same(pattern), same(value))) ||
    (wide.regexValues.length > 0 &&
      !/[*?]/.test(value) &&
      matchesRegex(wide.regexValues, value, { ignoreCase }));
  return (
    narrow.regexValues.every((regex) => wide.regexValues.includes(regex)) && narrow.values.every(isCovered)
  );
}

/**
 * Whether every text that `narrow` matches is matched by `wide`: `narrow` is read as a text in which `*` and `?` are letters
 * of their own, `*` being matched by `*` only, and `?` by `?` and `*`.
 */
function wildcardCovers(wide: string, narrow: string): boolean {
  let place = 0;
  let at = 0;
  let star = -1;
  let retry = 0;
  while (at < narrow.length) {
    if (wide[place] === '*') {
      star = place++;
      retry = at;
    } else if (wide[place] === '?' ? narrow[at] !== '*' : wide[place] === narrow[at]) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++retry;
    } else return false;
  }
  while (wide[place] === '*') place++;
  return place === wide.length;
}
