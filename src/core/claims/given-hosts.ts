// Hosts that a class gives to some namespaces, and the rules of others that ask for them.

import type { Ingress } from '../domain/cluster.ts';
import { matchesRegex, matchesWildcard } from '../evaluate/patterns.ts';
import type { HostPolicy } from '../model/host-policy.ts';
import type { Claim } from './claim.ts';

/** The host of a rule that belongs to other namespaces, with the pattern that says so; undefined: none. */
export function foreignHost(
  { member, path, conditions }: Claim,
  ingress: Ingress,
  policy: HostPolicy,
): { readonly host: string; readonly pattern: string } | undefined {
  const { own, values, regexes } = hostsOf(conditions, ownHost(ingress, path));
  const names = own === '' && values.length + regexes.length === 0 ? ['*'] : [own, ...values];
  const isOurs = (pattern: string): boolean => policy.get(pattern)?.has(member.ref.namespace) === true;
  for (const host of names) {
    const pattern = host === '' ? undefined : closest(host.toLowerCase(), policy);
    if (pattern !== undefined && !isOurs(pattern)) return { host, pattern };
  }
  // Wildcards and expressions of annotations reach hosts that they do not spell. That of the rule itself comes after them.
  const wild = values.filter((value) => value !== own && /[*?]/.test(value));
  const reaches = (sample: string): boolean =>
    matchesRegex(regexes, sample, { ignoreCase: true }) ||
    wild.some((value) => matchesWildcard(value, sample, { ignoreCase: true }));
  const pattern = [...policy.keys()].find((key) => !isOurs(key) && reaches(key.replace('*', 'sample')));
  const host = [...wild, ...regexes.map((regex) => `/${regex}/`)].join(' or ');
  return pattern === undefined ? undefined : { host, pattern };
}

function ownHost(ingress: Ingress, path: string): string {
  const index = Number(/^spec\.rules\[(\d+)\]/.exec(path)?.[1] ?? Number.NaN);
  return ingress.rules[index]?.host ?? '';
}

function hostsOf(conditions: Claim['conditions'], own: string) {
  const added = conditions.flatMap((condition) => (condition.kind === 'host-header' ? [condition] : []));
  const values = added.flatMap((condition) => condition.values);
  // A host of the rule that is not plain text is the first expression (core/model/host-pattern.ts).
  const isFirst = own !== '' && values.length === 0;
  const regexes = added.flatMap((condition) => condition.regexValues).slice(isFirst ? 1 : 0);
  return { own, values, regexes };
}

/** The most specific pattern that covers a host. */
function closest(host: string, policy: HostPolicy): string | undefined {
  return [...policy.keys()]
    .filter(
      (pattern) =>
        pattern === '*' || pattern === host || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1))),
    )
    .toSorted((a, b) => b.length - a.length)[0];
}
