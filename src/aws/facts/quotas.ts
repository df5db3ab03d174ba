import { DescribeAccountLimitsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Quota, QuotaName } from '../../core/domain/facts.ts';
import { quotaTable } from '../../core/domain/quotas.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';

/**
 * The limits in force in the account. A role that may not ask gets none, and AWS's documented defaults stand: the
 * permission is worth a better answer, not a controller that does nothing.
 */
export async function quotas({ calls }: AwsContext, { signal }: Signalled): Promise<readonly Quota[]> {
  try {
    const limits = await allPages(async (Marker) => {
      const command = new DescribeAccountLimitsCommand({ Marker, PageSize: 400 });
      const { Limits: items, NextMarker: next } = await calls.elbv2(command, { signal });
      return { items, next };
    });
    return limits.flatMap(({ Name = '', Max }) =>
      isQuotaName(Name) && Number.isFinite(Number(Max))
        ? [{ name: Name, limit: Number(Max), source: 'api' as const }]
        : [],
    );
  } catch (error) {
    if (isKind(error, 'denied')) return [];
    throw error;
  }
}

/** AWS names more limits than concern us, and adds to them. */
const isQuotaName = (name: string): name is QuotaName => Object.hasOwn(quotaTable, name);
