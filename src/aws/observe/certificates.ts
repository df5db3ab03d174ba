import { type CertificateDetail, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import type { CertificateArn } from '../../core/domain/ids.ts';
import type { ObservedCertificate } from '../../core/domain/observed-group.ts';
import { certificateTags } from '../certificates/tags.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';

const minute = 60_000;
/** As ALBC: it waits half an hour for a validation, and asks anew for what has failed after five minutes. */
const patienceMs = { pending: 30 * minute, failed: 5 * minute };

/** Certificates by ARN, in order; those that are gone are missing. Two calls for each. */
export async function observeCertificates(
  context: AwsContext,
  arns: readonly CertificateArn[],
  { signal }: Signalled,
): Promise<readonly ObservedCertificate[]> {
  const tagged = arns.map(async (arn) => {
    const tags = await certificateTags(context, arn, { signal });
    return tags === undefined ? [] : [{ arn, tags }];
  });
  return presentCertificates(context, (await Promise.all(tagged)).flat(), { signal });
}

/** The same certificates as they are now, but for their tags. One call for each. */
export async function presentCertificates(
  context: AwsContext,
  known: readonly Pick<ObservedCertificate, 'arn' | 'tags'>[],
  { signal }: Signalled,
): Promise<readonly ObservedCertificate[]> {
  const all = known.map(async ({ arn, tags }): Promise<readonly ObservedCertificate[]> => {
    const detail = await describedCertificate(context, arn, { signal });
    return detail === undefined ? [] : [{ arn, tags, ...observed(detail, context.clock.now()) }];
  });
  return (await Promise.all(all)).flat().toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
}

/** Undefined: there is no such certificate. */
export async function describedCertificate(
  { calls }: AwsContext,
  arn: CertificateArn,
  { signal }: Signalled,
): Promise<CertificateDetail | undefined> {
  try {
    const command = new DescribeCertificateCommand({ CertificateArn: arn });
    return (await calls.acm(command, { signal })).Certificate;
  } catch (error) {
    if (isKind(error, 'notFound')) return undefined;
    throw error;
  }
}

function observed(detail: CertificateDetail, now: number): Omit<ObservedCertificate, 'arn' | 'tags'> {
  const { Status: wire = '', DomainName = '', SubjectAlternativeNames = [], FailureReason } = detail;
  const status = wire === 'ISSUED' ? 'issued' : wire === 'PENDING_VALIDATION' ? 'pending' : 'failed';
  const ageMs = now - (detail.CreatedAt?.getTime() ?? now);
  return {
    domains: [...new Set([DomainName, ...SubjectAlternativeNames])].toSorted(),
    isPrivate: detail.Type === 'PRIVATE',
    status,
    isSpent: status !== 'issued' && ageMs > patienceMs[status],
    why: FailureReason === undefined ? wire : `${wire}: ${FailureReason}`,
    recordsWritten: false,
  };
}
