import {
  type CertificateStatus,
  type CertificateSummary,
  KeyAlgorithm,
  ListCertificatesCommand,
} from '@aws-sdk/client-acm';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';

/** Summaries of the account's certificates: those of a status, or all. One call for each 1,000. */
export function certificateSummaries(
  { calls }: Pick<AwsContext, 'calls'>,
  { status }: { readonly status?: CertificateStatus },
  { signal }: Signalled,
): Promise<readonly CertificateSummary[]> {
  return allPages(async (NextToken) => {
    const command = new ListCertificatesCommand({
      ...(status === undefined ? {} : { CertificateStatuses: [status] }),
      // Without this filter ACM lists RSA certificates of 1024 and 2048 bits only.
      Includes: { keyTypes: Object.values(KeyAlgorithm) },
      MaxItems: 1000,
      NextToken,
    });
    const answer = await calls.acm(command, { signal });
    return { items: answer.CertificateSummaryList, next: answer.NextToken };
  });
}
