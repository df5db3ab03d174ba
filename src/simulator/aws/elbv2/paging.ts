import type { CallContext } from '../operation.ts';
import { page } from '../paging.ts';

type Request = { readonly Marker?: string | undefined; readonly PageSize?: number | undefined };

/** One page in ELBv2's words. */
export function elbPage<Item>(
  items: readonly Item[],
  request: Request,
  { knobs }: CallContext,
): { readonly items: readonly Item[]; readonly NextMarker: string | undefined } {
  const result = page(items, {
    marker: request.Marker,
    size: request.PageSize,
    defaultSize: knobs.pageSize.elbv2,
  });
  return { items: result.items, NextMarker: result.nextMarker };
}
