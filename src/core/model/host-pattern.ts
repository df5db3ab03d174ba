// Hosts as ALB host conditions. Kubernetes: `*.foo.com` matches one label. ALB: a plain `*` spans dots, a regular expression need not.

import type { CoreConfig } from '../domain/config.ts';
import type { RuleCondition } from '../domain/rule.ts';

export type Patterns = { readonly values: readonly string[]; readonly regexValues: readonly string[] };

/** A plain host value needs a dot, and only letters behind the last one; Kubernetes also has hosts such as `intranet`. */
const endsAsPlain = /\.([A-Za-z]+|xn--[A-Za-z0-9-]+)$/;

/**
 * The host condition for a rule's host (undefined: every host) and what annotations add. Where wildcards follow the
 * specification, plain values beside a regular expression become one too, as a condition holds only one sort.
 */
export function hostPatterns(
  host: string | undefined,
  added: Patterns,
  wildcards: CoreConfig['policy']['wildcardHosts'],
): Patterns {
  const values = host === undefined ? added.values : [host, ...added.values];
  if (wildcards === 'plain') return { values, regexValues: added.regexValues };
  const isWild = host?.startsWith('*.') === true;
  const isPlain = !isWild && (host === undefined || endsAsPlain.test(host));
  if (isPlain && (added.regexValues.length === 0 || values.length === 0)) {
    return { values, regexValues: added.regexValues };
  }
  const own = host === undefined ? [] : [isWild ? oneLabel(host) : wildcardRegex(host)];
  return { values: [], regexValues: [...own, ...added.values.map(wildcardRegex), ...added.regexValues] };
}

/** `*.foo.com` → `^[^.]+\.foo\.com$` */
function oneLabel(host: string): string {
  return `^[^.]+${escapeRegex(host.slice(1))}$`;
}

/** A plain ALB value with its wildcards, as a regular expression: `*` is any text, `?` any character. */
export function wildcardRegex(value: string): string {
  return `^${escapeRegex(value).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`;
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What annotation conditions of one kind add up to. */
export function addedPatterns(
  conditions: readonly RuleCondition[],
  kind: 'host-header' | 'path-pattern',
): Patterns {
  const found = conditions.flatMap((condition) =>
    condition.kind === 'host-header' || condition.kind === 'path-pattern' ? [condition] : [],
  );
  const ofKind = found.filter((condition) => condition.kind === kind);
  return {
    values: ofKind.flatMap((condition) => condition.values),
    regexValues: ofKind.flatMap((condition) => condition.regexValues),
  };
}
