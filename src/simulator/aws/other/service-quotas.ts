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
      return { Quota: one(appliedQuotas(input, context), input) };
    }),
    GetAWSDefaultServiceQuota: plainOperation((input) => ({ Quota: one(defaultQuotas(input), input) })),
    ListServiceQuotas: plainOperation((input, context) => listed(appliedQuotas(input, context), input)),
    ListAWSDefaultServiceQuotas: plainOperation((input) => listed(defaultQuotas(input), input)),
  },
};

type Input = Record<string, unknown>;

function one(quotas: readonly SdkQuota[], input: Input): SdkQuota {
  const found = quotas.find(({ QuotaCode }) => QuotaCode === input['QuotaCode']);
  if (found !== undefined) return found;
  throw new SimulatedError(
    'NoSuchResourceException',
    'The request failed because the specified quota does not exist.',
  );
}

function listed(quotas: readonly SdkQuota[], input: Input): object {
  const { items, nextMarker } = page(quotas, {
    marker: input['NextToken'] as string | undefined,
    size: input['MaxResults'] as number | undefined,
    defaultSize: 100,
    max: 100,
  });
  return { Quotas: items, ...(nextMarker === undefined ? {} : { NextToken: nextMarker }) };
}

type SdkQuota = { readonly QuotaCode: string | undefined };

const defaultQuotas = (input: Input): readonly SdkQuota[] =>
  quotasOf(input, (name) => quotaTable[name].value);

/** A quota that has no applied value (knob `unappliedQuotas`) is only among the defaults. */
const appliedQuotas = (input: Input, { knobs }: CallContext): readonly SdkQuota[] => {
  const unapplied = knobs.unappliedQuotas.map(codeOf);
  return quotasOf(input, (name) => knobs.quotas[name]).filter(
    ({ QuotaCode }) => !unapplied.includes(QuotaCode),
  );
};

function quotasOf(input: Input, valueOf: (name: QuotaName) => number): readonly SdkQuota[] {
  const service = input['ServiceCode'];
  return quotaNames
    .filter((name) => quotaTable[name].service === service && codeOf(name) !== undefined)
    .map((name) => ({
      ServiceCode: service,
      QuotaCode: codeOf(name),
      QuotaName: quotaTable[name].title,
      Value: valueOf(name),
      Unit: 'None',
      Adjustable: quotaTable[name].adjustable,
      GlobalQuota: false,
    }));
}

function codeOf(name: QuotaName): string | undefined {
  const quota: { readonly code?: string } = quotaTable[name];
  return quota.code;
}
