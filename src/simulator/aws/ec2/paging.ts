import type { CallContext } from '../operation.ts';
import { page } from '../paging.ts';

type Request = { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined };

/** One page in EC2's words. */
export function ec2Page<Item>(
  items: readonly Item[],
  request: Request,
  { knobs }: CallContext,
): { readonly items: readonly Item[]; readonly NextToken: string | undefined } {
  const result = page(items, {
    marker: request.NextToken,
    size: request.MaxResults,
    defaultSize: knobs.pageSize.ec2,
    max: 1000,
  });
  return { items: result.items, NextToken: result.nextMarker };
}
