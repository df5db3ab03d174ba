import type { Transform } from '../domain/rule.ts';
import { expression } from './patterns.ts';
import { type AlbRequest, hostName } from './request.ts';

type Rewritable = Pick<AlbRequest, 'host' | 'path' | 'query'>;

/**
 * The request as targets get it. A transform whose expression does not match leaves it alone; the first rewrite that
 * matches counts. A URL rewrite sees path and query as one text. Undefined: what comes out is no request, where ALB
 * answers 500.
 */
export function applyTransforms(
  transforms: readonly Transform[],
  request: Rewritable,
): Rewritable | undefined {
  let { host } = request;
  let url = request.query === '' ? request.path : `${request.path}?${request.query}`;
  for (const transform of transforms) {
    if (transform.kind === 'host-header-rewrite')
      host = rewritten(transform, hostName({ host }), true) ?? host;
    else url = rewritten(transform, url, false) ?? url;
  }
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!path.startsWith('/') || host === '') return undefined;
  return { host, path, query: mark < 0 ? '' : url.slice(mark + 1) };
}

function rewritten({ rewrites }: Transform, text: string, ignoreCase: boolean): string | undefined {
  for (const { regex, replace } of rewrites) {
    const found = expression(regex, { ignoreCase });
    if (found?.test(text) === true) return text.replace(found, replace);
  }
  return undefined;
}
