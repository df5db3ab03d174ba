// Rules that can never do anything are not made: redirects to themselves, and what stands behind a redirect that takes all
// their requests (albc-behaviour §4.5). Plain sets of text are compared, wildcards are not understood.

import type { ListenPort } from '../annotations/listen-ports.ts';
import { type RedirectAction, type RuleContent, redirectPlaceholders } from '../domain/rule.ts';
import { addedPatterns } from './host-pattern.ts';

type Rule = Pick<RuleContent<unknown>, 'conditions' | 'actions'>;

/** Leaves out redirects that would send a request to where it already is. */
export function withoutSelfRedirects<T extends Rule>(
  rules: readonly T[],
  listener: ListenPort,
): readonly T[] {
  return rules.filter((rule) => !isSelfRedirect(rule, listener));
}

function isSelfRedirect(rule: Rule, listener: ListenPort): boolean {
  const redirect = redirectOf(rule);
  const paths = addedPatterns(rule.conditions, 'path-pattern');
  if (redirect === undefined || paths.regexValues.length > 0) return false;
  const hosts = addedPatterns(rule.conditions, 'host-header').values;
  return (
    [redirectPlaceholders.host, ...hosts].includes(redirect.host) &&
    [redirectPlaceholders.path, ...paths.values].includes(redirect.path) &&
    [redirectPlaceholders.port, String(listener.port)].includes(redirect.port) &&
    (redirect.protocol === redirectPlaceholders.protocol || redirect.protocol === listener.protocol) &&
    redirect.query === redirectPlaceholders.query
  );
}

/** Leaves out rules all of whose requests an earlier redirect takes. */
export function withoutShadowedByRedirects<T extends Rule>(rules: readonly T[]): readonly T[] {
  const kept: T[] = [];
  for (const rule of rules) {
    const isShadowed = kept.some((earlier) => redirectOf(earlier) !== undefined && covers(earlier, rule));
    if (!isShadowed) kept.push(rule);
  }
  return kept;
}

/** The redirect among the actions of a rule, which then is the last of them. */
export function redirectOf(rule: Rule): RedirectAction | undefined {
  return rule.actions.find((action) => action.kind === 'redirect');
}

/** Whether `earlier` asks for nothing but hosts and paths, and for no less of them than `later`. */
function covers(earlier: Rule, later: Rule): boolean {
  const isPlain = earlier.conditions.every(({ kind }) => kind === 'host-header' || kind === 'path-pattern');
  return (
    isPlain &&
    coversValues(earlier, later, { kind: 'host-header', everything: undefined }) &&
    coversValues(earlier, later, { kind: 'path-pattern', everything: '/*' })
  );
}

function coversValues(
  earlier: Rule,
  later: Rule,
  of: { readonly kind: 'host-header' | 'path-pattern'; readonly everything: string | undefined },
): boolean {
  const wide = addedPatterns(earlier.conditions, of.kind);
  const narrow = addedPatterns(later.conditions, of.kind);
  const wideCount = wide.values.length + wide.regexValues.length;
  if (wideCount === 0 || (of.everything !== undefined && wide.values.includes(of.everything))) return true;
  const narrowCount = narrow.values.length + narrow.regexValues.length;
  return (
    narrowCount > 0 &&
    narrow.values.every((value) => wide.values.includes(value)) &&
    narrow.regexValues.every((value) => wide.regexValues.includes(value))
  );
}
