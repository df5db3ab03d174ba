import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallContext } from '../operation.ts';
import { quotaNames, quotaTable } from '../quotas.ts';
import { elbPage } from './paging.ts';

/** The limits in force, from the same knobs that the errors come from. */
export function describeAccountLimits(
  input: DescribeAccountLimitsInput,
  context: CallContext,
): DescribeAccountLimitsOutput {
  const limits = quotaNames
    .filter((name) => quotaTable[name].listed)
    .map((Name) => ({ Name, Max: String(context.knobs.quotas[Name]) }));
  const { items, NextMarker } = elbPage(limits, input, context);
  return { Limits: [...items], NextMarker };
}
