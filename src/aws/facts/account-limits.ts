import { DescribeAccountLimitsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Quota } from '../../core/domain/facts.ts';
import { isQuotaName } from '../../core/domain/quotas.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';

/** The limits that ELBv2 tells of the account: its names are open-ended, and its figures are texts. Throws AwsError. */
export async function accountLimits(
  { calls, clock }: Pick<AwsContext, 'calls' | 'clock'>,
  { signal }: Signalled,
): Promise<readonly Quota[]> {
  const limits = await allPages(async (Marker) => {
    const command = new DescribeAccountLimitsCommand({ Marker, PageSize: 400 });
    const { Limits: items, NextMarker: next } = await calls.elbv2(command, { signal });
    return { items, next };
  });
  const readAt = clock.now();
  return limits.flatMap(({ Name = '', Max }) =>
    isQuotaName(Name) && Number.isFinite(Number(Max))
      ? [{ name: Name, limit: Number(Max), source: 'api' as const, readAt }]
      : [],
  );
}
