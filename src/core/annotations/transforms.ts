// The JSON of `transforms.<name>` (albc-behaviour §1.5).

import type { Transform } from '../domain/rule.ts';
import { jsonOf, list, optional, record, text } from './decode.ts';
import { type Parsed, parsed, refusedAs } from './parsed.ts';

type Rewrites = { readonly rewrites: Transform['rewrites'] };
type Raw = {
  readonly type: string;
  readonly hostHeaderRewriteConfig: Rewrites | undefined;
  readonly urlRewriteConfig: Rewrites | undefined;
};

const rewrites = record<Rewrites>('RewriteConfigObject', {
  rewrites: list(record('RewriteConfig', { regex: text, replace: text })),
});
const parse = jsonOf(
  list(
    record<Raw>('Transform', {
      type: text,
      hostHeaderRewriteConfig: optional(rewrites),
      urlRewriteConfig: optional(rewrites),
    }),
  ),
);

/** Reads transforms in written order; the first fault is ALBC's first. */
export function parseTransforms(source: string): Parsed<readonly Transform[]> {
  const result = parse(source);
  if (!result.ok) return result;
  const transforms: Transform[] = [];
  for (const raw of result.value) {
    const transform = transformOf(raw);
    if (!transform.ok) return transform;
    transforms.push(transform.value);
  }
  return parsed(transforms);
}

function transformOf(raw: Raw): Parsed<Transform> {
  switch (raw.type) {
    case 'host-header-rewrite':
      return rewriteOf(raw.type, 'hostHeaderRewriteConfig', raw.hostHeaderRewriteConfig);
    case 'url-rewrite':
      return rewriteOf(raw.type, 'urlRewriteConfig', raw.urlRewriteConfig);
    default:
      return refusedAs(
        `unknown transform type: ${raw.type}`,
        `where the type "${raw.type}" is neither url-rewrite nor host-header-rewrite`,
      );
  }
}

function rewriteOf(kind: Transform['kind'], name: string, config: Rewrites | undefined): Parsed<Transform> {
  if (config === undefined) return refusedAs(`missing ${name}`, `where ${name} is missing`);
  if (config.rewrites.length > 0) return parsed({ kind, rewrites: config.rewrites });
  return refusedAs(`${name}.rewrites cannot be empty`, `where ${name} has no rewrites`);
}
