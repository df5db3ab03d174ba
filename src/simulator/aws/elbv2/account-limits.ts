import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallContext } from '../operation.ts';
import { page } from '../paging.ts';
import { quotaNames, quotaTable } from '../quotas.ts';

/** The limits in force, from the same knobs that the errors come from. */
export function describeAccountLimits(
  input: DescribeAccountLimitsInput,
  context: CallContext,
): DescribeAccountLimitsOutput {
  const limits = quotaNames
    .filter((name) => quotaTable[name].listed)
    .map((Name) => ({ Name, Max: String(context.knobs.quotas[Name]) }));
  const { items, nextMarker } = page(limits, {
    marker: input.Marker,
    size: input.PageSize,
    defaultSize: context.knobs.pageSize.elbv2,
  });
  return { Limits: [...items], NextMarker: nextMarker };
}
