import { randomUUID } from 'node:crypto';
import {
  AddTagsToCertificateCommand,
  type CertificateDetail,
  DeleteCertificateCommand,
  RemoveTagsFromCertificateCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import type { CertificateArn } from '../../core/domain/ids.ts';
import { noHostedZone } from '../../core/domain/go-sdk-error.ts';
import type { Handlers, OperationOf } from '../../core/domain/operation.ts';
import { zoneOf } from '../certificates/hosted-zones.ts';
import { certificateSummaries } from '../certificates/list.ts';
import { certificateTags } from '../certificates/tags.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind, refused } from '../errors.ts';
import { describedCertificate } from '../observe/certificates.ts';
import { required } from '../wire/required.ts';
import { wireTags } from '../wire/tags.ts';
import { isOwnedAs } from './ownership.ts';
import { retried } from './retry.ts';
import { createRecords, deleteRecords, type ValidationRecord } from './validation-records.ts';

type Kinds = 'requestCertificate' | 'createValidationRecords' | 'setCertificateTags' | 'deleteCertificate';

export function certificateHandlers(context: AwsContext): Pick<Handlers, Kinds> {
  const { calls, clock } = context;
  return {
    requestCertificate: async ({ spec: { domains, authorityArn, tags } }, _look, { signal }) => {
      if (authorityArn === undefined) await assertZones(context, domains, { signal });
      const left = await leftBehind(context, { domains, tags }, { signal });
      if (left !== undefined) return { arn: left };
      const command = new RequestCertificateCommand({
        DomainName: domains[0],
        SubjectAlternativeNames: [...domains],
        ValidationMethod: 'DNS',
        CertificateAuthorityArn: authorityArn,
        Tags: wireTags(tags).toSorted((a, b) => (a.Key < b.Key ? -1 : 1)),
        // A retry after a lost answer is the same request.
        IdempotencyToken: randomUUID().replaceAll('-', ''),
      });
      const { CertificateArn } = await calls.acm(command, { signal });
      return { arn: required(CertificateArn, 'CertificateArn') };
    },

    createValidationRecords: async ({ certificate }, look, { signal }) => {
      const arn = look(certificate);
      const delaysMs = [1, 2, 4, 8].map((seconds) => seconds * 1000);
      const known = async (): Promise<readonly ValidationRecord[]> =>
        recordsOf(await describedCertificate(context, arn, { signal }), arn);
      const isPassing = (error: unknown): boolean => isKind(error, 'conflict');
      const records = await retried(known, { clock, signal, delaysMs, isPassing });
      await createRecords(context, records, { signal });
      return {};
    },

    setCertificateTags: async ({ certificate, add, remove }, _look, { signal }) => {
      if (Object.keys(add).length > 0) {
        const command = new AddTagsToCertificateCommand({ CertificateArn: certificate, Tags: wireTags(add) });
        await calls.acm(command, { signal });
      }
      if (remove.length > 0) {
        const Tags = remove.map((Key) => ({ Key }));
        await calls.acm(new RemoveTagsFromCertificateCommand({ CertificateArn: certificate, Tags }), {
          signal,
        });
      }
      return {};
    },

    deleteCertificate: async ({ certificate, keepRecordsOf }, _look, { signal }) => {
      // A listener that has let go of it is not believed at once; ALBC waits as long.
      const delaysMs = [1, 2, 4, 8, 15].map((seconds) => seconds * 1000);
      const isPassing = (error: unknown): boolean => isKind(error, 'inUse');
      const free = async (): Promise<CertificateDetail | undefined> => {
        const detail = await describedCertificate(context, certificate, { signal });
        const [user] = detail?.InUseBy ?? [];
        if (user !== undefined) throw inUse(certificate, user);
        return detail;
      };
      const detail = await retried(free, { clock, signal, delaysMs, isPassing });
      if (detail === undefined) return {};
      await deleteOwnRecords(context, { detail, certificate, keepRecordsOf }, { signal });
      const remove = async (): Promise<void> => {
        await calls.acm(new DeleteCertificateCommand({ CertificateArn: certificate }), { signal });
      };
      await retried(remove, { clock, signal, delaysMs, isPassing }).catch((error: unknown) => {
        if (!isKind(error, 'notFound')) throw error;
      });
      return {};
    },
  };
}

/** Longer than a request with all its retries takes, and than clocks differ. */
const justMadeMs = 5 * 60_000;

/** The certificate that an earlier try requested, whose answer was lost: ACM knows no names by which it would refuse a second. */
async function leftBehind(
  context: AwsContext,
  { domains, tags }: Pick<OperationOf<'requestCertificate'>['spec'], 'domains' | 'tags'>,
  { signal }: Signalled,
): Promise<string | undefined> {
  const { clock } = context;
  const summaries = await certificateSummaries(context, {}, { signal });
  const recent = summaries.filter(
    ({ Type, Status, DomainName, SubjectAlternativeNameSummaries = [], CreatedAt }) =>
      Type !== 'IMPORTED' &&
      (Status === 'PENDING_VALIDATION' || Status === 'ISSUED') &&
      DomainName === domains[0] &&
      [...new Set(SubjectAlternativeNameSummaries)].toSorted().join() === domains.join() &&
      clock.now() - (CreatedAt?.getTime() ?? 0) < justMadeMs,
  );
  for (const { CertificateArn = '' } of recent) {
    const found = await certificateTags(context, CertificateArn, { signal });
    if (found !== undefined && isOwnedAs(found, tags)) return CertificateArn;
  }
  return undefined;
}

/** Amazon validates by records in the DNS: without a zone of ours for each name the certificate would never be issued. */
async function assertZones(
  { hostedZones }: AwsContext,
  domains: readonly string[],
  { signal }: Signalled,
): Promise<void> {
  const zones = await hostedZones({ signal });
  const lost = domains.find((domain) => zoneOf(domain, zones) === undefined);
  if (lost === undefined) return;
  throw refused('invalid', {
    code: noHostedZone,
    action: 'route53:ListHostedZones',
    message: `pre-check failed for domain "${lost}": no hosted zone found for validation records`,
  });
}

/** Each once: a name and its wildcard have the same. Throws a `conflict` while ACM does not say them. */
function recordsOf(detail: CertificateDetail | undefined, arn: string): readonly ValidationRecord[] {
  const options = detail?.DomainValidationOptions ?? [];
  const records = options.flatMap(({ ResourceRecord: record }) =>
    record === undefined ? [] : [{ name: record.Name ?? '', value: record.Value ?? '' }],
  );
  if (options.length === 0 || records.length < options.length)
    throw refused('conflict', {
      code: 'ValidationRecordsUnknown',
      action: 'acm:DescribeCertificate',
      message: `ACM does not say yet which records validate ${arn}`,
    });
  return [...new Map(records.map((record) => [record.name, record])).values()];
}

const inUse = (certificate: CertificateArn, by: string) =>
  refused('inUse', {
    code: 'ResourceInUseException',
    action: 'acm:DeleteCertificate',
    message: `${certificate} is still in use by ${by}`,
  });

const withoutWildcard = (name: string): string => name.replace(/^\*\./, '');

/** All but those with which Amazon goes on renewing other certificates of the account. */
async function deleteOwnRecords(
  context: AwsContext,
  input: {
    readonly detail: CertificateDetail;
    readonly certificate: CertificateArn;
    readonly keepRecordsOf: readonly string[];
  },
  { signal }: Signalled,
): Promise<void> {
  const options = input.detail.DomainValidationOptions ?? [];
  if (options.length === 0) return;
  const summaries = await certificateSummaries(context, {}, { signal });
  const others = summaries.filter(
    ({ CertificateArn, Type }) => CertificateArn !== input.certificate && Type === 'AMAZON_ISSUED',
  );
  const names = others.map(async (other): Promise<readonly string[]> => {
    const { CertificateArn, SubjectAlternativeNameSummaries: some = [] } = other;
    if (other.HasAdditionalSubjectAlternativeNames !== true) return [other.DomainName ?? '', ...some];
    const whole = await describedCertificate(context, CertificateArn as CertificateArn, { signal });
    return whole?.SubjectAlternativeNames ?? some;
  });
  const needed = new Set([...input.keepRecordsOf, ...(await Promise.all(names)).flat()].map(withoutWildcard));
  const free = options.filter(({ DomainName = '' }) => !needed.has(withoutWildcard(DomainName)));
  const records = free.flatMap(({ ResourceRecord: record }) =>
    record === undefined
      ? []
      : [[record.Name ?? '', { name: record.Name ?? '', value: record.Value ?? '' }] as const],
  );
  await deleteRecords(context, [...new Map(records).values()], { signal });
}
