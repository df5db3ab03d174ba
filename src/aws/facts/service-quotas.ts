// What Service Quotas says of limits that DescribeAccountLimits does not name: those of EC2, and whatever ELBv2 leaves out.

import type { ServiceQuota } from '@aws-sdk/client-service-quotas';
import type { Quota, QuotaName } from '../../core/domain/facts.ts';
import { quotaTable } from '../../core/domain/quotas.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';

const pageSize = 100;
type Page = { readonly Quotas?: ServiceQuota[] | undefined; readonly NextToken?: string | undefined };

/**
 * The figures of these limits. A service lists its applied quotas; those that were never changed may be missing there, and
 * are looked up among AWS's defaults. The SDK's client is only loaded when it is needed. Throws AwsError.
 */
export async function serviceQuotas(
  { calls, clock }: Pick<AwsContext, 'calls' | 'clock'>,
  names: readonly QuotaName[],
  { signal }: Signalled,
): Promise<readonly Quota[]> {
  if (names.length === 0) return [];
  const { ListServiceQuotasCommand, ListAWSDefaultServiceQuotasCommand } = await import(
    '@aws-sdk/client-service-quotas'
  );
  const list = (page: (NextToken: string | undefined) => Promise<Page>): Promise<readonly ServiceQuota[]> =>
    allPages(async (token) => {
      const { Quotas: items, NextToken: next } = await page(token);
      return { items, next };
    });
  const services = Map.groupBy(names, (name) => quotaTable[name].service);
  const found = await Promise.all(
    [...services].map(async ([ServiceCode, wanted]) => {
      const of = (NextToken: string | undefined) => ({ ServiceCode, NextToken, MaxResults: pageSize });
      const applied = figures(
        wanted,
        await list((token) => calls.serviceQuotas(new ListServiceQuotasCommand(of(token)), { signal })),
      );
      const others = wanted.filter((name) => !applied.has(name));
      if (others.length === 0) return [...applied];
      const defaults = await list((token) =>
        calls.serviceQuotas(new ListAWSDefaultServiceQuotasCommand(of(token)), { signal }),
      );
      return [...applied, ...figures(others, defaults)];
    }),
  );
  const readAt = clock.now();
  return found.flat().map(([name, limit]) => ({ name, limit, source: 'serviceQuotas', readAt }));
}

/** A quota is known by its code; one without a figure (AWS says why in ErrorReason) tells nothing. */
function figures(
  names: readonly QuotaName[],
  quotas: readonly ServiceQuota[],
): ReadonlyMap<QuotaName, number> {
  return new Map(
    names.flatMap((name) => {
      const quota = quotas.find(({ QuotaCode }) => QuotaCode === quotaTable[name].code);
      return quota?.Value === undefined || !Number.isFinite(quota.Value)
        ? []
        : [[name, quota.Value] as const];
    }),
  );
}
