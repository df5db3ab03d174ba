// Paths as ALB path conditions (albc-behaviour §4.3).

import type { IngressPath } from '../domain/cluster.ts';
import type { Patterns } from './host-pattern.ts';

export type PathResult = { readonly patterns: Patterns } | { readonly why: string; readonly albc: string };

/**
 * Exact `/foo` → `/foo`; Prefix `/foo` → `/foo` and `/foo/*` (never `/foo*`, which would match `/foobar`);
 * ImplementationSpecific → as written, its `*` and `?` alive, or a regular expression behind the first slash with
 * `use-regex-path-match`. An empty path gives no pattern.
 */
export function pathPatterns({ path, pathType }: IngressPath, useRegex: boolean): PathResult {
  if (path === '') return values();
  if (!path.startsWith('/')) {
    return { why: 'does not begin with "/"', albc: `path must begin with a '/' character: ${path}` };
  }
  switch (pathType) {
    case 'ImplementationSpecific':
      return useRegex ? { patterns: { values: [], regexValues: [path.slice(1)] } } : values(path);
    case 'Exact':
      return /[*?]/.test(path) ? wildcards('Exact', 'exact', path) : values(path);
    case 'Prefix':
      return /[*?]/.test(path) ? wildcards('Prefix', 'prefix', path) : values(...prefixValues(path));
  }
}

function prefixValues(path: string): readonly string[] {
  if (path === '/') return ['/*'];
  const stem = path.endsWith('/') ? path.slice(0, -1) : path;
  return [stem, `${stem}/*`];
}

function values(...paths: string[]): PathResult {
  return { patterns: { values: paths, regexValues: [] } };
}

function wildcards(pathType: string, albcType: string, path: string): PathResult {
  return {
    why: `has the path type ${pathType}, where "*" and "?" are not wildcards, and a load balancer cannot match them literally`,
    albc: `${albcType} path shouldn't contain wildcards: ${path}`,
  };
}
