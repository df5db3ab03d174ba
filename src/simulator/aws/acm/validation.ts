import { createHash } from 'node:crypto';
import type { DomainValidation } from '@aws-sdk/client-acm';
import type { CallContext } from '../operation.ts';
import { aliasSince } from '../route53/records.ts';
import type { StoredCertificate } from '../state.ts';

/** ACM gives up on a certificate that is not validated by then. */
const longestWaitMs = 72 * 60 * 60_000;

/** A requested public certificate is issued some time after all its records are in the DNS, a private one by itself. */
export function settle(certificate: StoredCertificate, context: CallContext): void {
  if (certificate.status !== 'PENDING_VALIDATION') return;
  const { now, knobs } = context;
  const since = certificate.names.map((name) => validatedAt(name, certificate, context));
  const last = since.reduce(
    (latest, at) => (latest === undefined || at === undefined ? undefined : Math.max(latest, at)),
    certificate.createdAt,
  );
  if (last !== undefined && now - last >= knobs.certificateValidationMs) {
    certificate.status = 'ISSUED';
    certificate.issuedAt = last + knobs.certificateValidationMs;
  } else if (now - certificate.createdAt >= longestWaitMs) certificate.status = 'VALIDATION_TIMED_OUT';
}

function validatedAt(
  name: string,
  { type, createdAt }: StoredCertificate,
  context: CallContext,
): number | undefined {
  return type === 'PRIVATE' ? createdAt : aliasSince(validationRecord(name, context), context);
}

/** The same for a name and its wildcard, and for all certificates of the account. */
function validationRecord(name: string, { state }: CallContext): { name: string; value: string } {
  const base = name.replace(/^\*\./, '').toLowerCase();
  const digest = (salt: string): string =>
    createHash('sha256').update(`${salt}/${state.account}/${base}`).digest('hex').slice(0, 32);
  return {
    name: `_${digest('name')}.${base}.`,
    value: `_${digest('value')}.${digest('zone').slice(0, 10)}.acm-validations.aws.`,
  };
}

export function domainValidation(
  name: string,
  certificate: StoredCertificate,
  context: CallContext,
): DomainValidation {
  const { name: Name, value: Value } = validationRecord(name, context);
  const isKnown = context.now - certificate.createdAt >= context.knobs.certificateRecordsMs;
  const isValid = certificate.status === 'ISSUED' || validatedAt(name, certificate, context) !== undefined;
  return {
    DomainName: name,
    ValidationDomain: name,
    ValidationMethod: 'DNS',
    ValidationStatus: isValid ? 'SUCCESS' : 'PENDING_VALIDATION',
    ...(isKnown ? { ResourceRecord: { Name, Type: 'CNAME', Value } } : {}),
  };
}
