// Which of two rules of equal group order goes first, where the order follows the Ingress specification.

import type { IngressPath } from '../domain/cluster.ts';
import type { Patterns } from './host-pattern.ts';

/** Compared from the first number to the last; lower goes first. */
export type Specificity = readonly [
  host: number,
  hostLength: number,
  path: number,
  pathLength: number,
  type: number,
];

const exact = 0;
const wild = 1;
const every = 2;

/**
 * Exact hosts before wildcards (longer first) before none; exact paths before patterns, and those by the length of
 * what is fixed in them ("the longest matching path", Ingress API), Prefix before ImplementationSpecific.
 */
export function specificity(of: {
  readonly host: string | undefined;
  readonly addedHosts: Patterns;
  readonly path: IngressPath;
  readonly paths: Patterns;
}): Specificity {
  const hosts = [...(of.host === undefined ? [] : [of.host]), ...of.addedHosts.values];
  const [host, hostLength] = rank(hosts, of.addedHosts.regexValues);
  // Of `/foo` and `/foo/*` the second says how much is fixed.
  const patterns = of.paths.values.filter(isWild);
  const [path, pathLength] = rank(patterns.length > 0 ? patterns : of.paths.values, of.paths.regexValues);
  const type = of.path.pathType === 'ImplementationSpecific' ? 1 : 0;
  return [host, host === wild ? -hostLength : 0, path, path === wild ? -pathLength : 0, type];
}

/** Below 0 where `a` comes first. */
export function compareSpecificity(a: Specificity, b: Specificity): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The least specific of several alternatives decides. */
function rank(values: readonly string[], regexes: readonly string[]): readonly [number, number] {
  if (values.length + regexes.length === 0) return [every, 0];
  if (regexes.length === 0 && !values.some(isWild)) return [exact, 0];
  const fixed = [
    ...values.filter(isWild).map((value) => value.replaceAll(/^\*|[*?].*$/g, '').length),
    ...regexes.map((regex) => /^\^?([\w/.-]*)/.exec(regex)?.[1]?.length ?? 0),
  ];
  return [wild, fixed.reduce((least, length) => Math.min(least, length))];
}

function isWild(value: string): boolean {
  return /[*?]/.test(value);
}
