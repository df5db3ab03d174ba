import type { CertificateArn } from '../domain/ids.ts';
import type { ObservedCertificate } from '../domain/observed-group.ts';
import type { OperationOf } from '../domain/operation.ts';
import type { Done } from './done.ts';

type Kinds = 'requestCertificate' | 'createValidationRecords' | 'setCertificateTags' | 'deleteCertificate';

/** The certificates after one done operation. */
export function rememberCertificate(
  certificates: readonly ObservedCertificate[],
  operation: OperationOf<Kinds>,
  { attributes, look }: Done,
): readonly ObservedCertificate[] {
  if (operation.kind === 'requestCertificate') {
    const { domains, authorityArn, tags } = operation.spec;
    const requested: ObservedCertificate = {
      arn: attributes.arn as CertificateArn,
      domains,
      isPrivate: authorityArn !== undefined,
      status: 'pending',
      isSpent: false,
      why: 'PENDING_VALIDATION',
      recordsWritten: false,
      tags,
    };
    return [...certificates, requested].toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
  }
  const arn = look(operation.certificate);
  if (operation.kind === 'deleteCertificate') return certificates.filter((one) => one.arn !== arn);
  return certificates.map((one) => {
    if (one.arn !== arn) return one;
    if (operation.kind === 'createValidationRecords') return { ...one, recordsWritten: true };
    const kept = Object.entries(one.tags).filter(([key]) => !operation.remove.includes(key));
    return { ...one, tags: { ...Object.fromEntries(kept), ...operation.add } };
  });
}
