import { SimulatedError } from '../errors.ts';
import { plainOperation, type CallContext, type Service } from '../operation.ts';
import { page } from '../paging.ts';
import { quotaNames, quotaTable, type QuotaName } from '../quotas.ts';

/** Service Quotas, answering from the same knobs as the errors do. */
export const serviceQuotas: Service = {
  name: 'service-quotas',
  signingName: 'servicequotas',
  protocol: 'json',
  target: 'ServiceQuotasV20190624',
  operations: {
    GetServiceQuota: plainOperation((input, context) => {
      const found = quotasOf(input, context).find(({ QuotaCode }) => QuotaCode === input['QuotaCode']);
      if (found === undefined)
        throw new SimulatedError(
          'NoSuchResourceException',
          'The request failed because the specified quota does not exist.',
        );
      return { Quota: found };
    }),
    ListServiceQuotas: plainOperation((input, context) => {
      const { items, nextMarker } = page(quotasOf(input, context), {
        marker: input['NextToken'] as string | undefined,
        size: input['MaxResults'] as number | undefined,
        defaultSize: 100,
        max: 100,
      });
      return { Quotas: items, ...(nextMarker === undefined ? {} : { NextToken: nextMarker }) };
    }),
  },
};

type SdkQuota = { readonly QuotaCode: string | undefined };

function quotasOf(input: Record<string, unknown>, context: CallContext): readonly SdkQuota[] {
  const service = input['ServiceCode'];
  return quotaNames
    .filter((name) => quotaTable[name].service === service && codeOf(name) !== undefined)
    .map((name) => ({
      ServiceCode: service,
      QuotaCode: codeOf(name),
      QuotaName: quotaTable[name].title,
      Value: context.knobs.quotas[name],
      Unit: 'None',
      Adjustable: quotaTable[name].adjustable,
      GlobalQuota: false,
    }));
}

function codeOf(name: QuotaName): string | undefined {
  const quota: { readonly code?: string } = quotaTable[name];
  return quota.code;
}
