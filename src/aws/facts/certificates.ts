import { type CertificateSummary, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import type { CertificateFact } from '../../core/domain/facts.ts';
import type { CertificateArn } from '../../core/domain/ids.ts';
import { certificateSummaries } from '../certificates/list.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import { clusterTag } from '../inventory.ts';

type Details = Pick<CertificateFact, 'domains' | 'certificateAuthorityArn'>;

/** As ALBC keeps them (albc-internals §C.6); an imported certificate can get other names under the same ARN. */
const ttlMs = 10 * 60 * 60_000;

/** Issued certificates of the account. Remembers what only DescribeCertificate tells: long name lists, private authorities. */
export class Certificates {
  readonly #context: AwsContext;
  readonly #signal: AbortSignal;
  /** By ARN and version: an imported certificate that is imported again is another version. */
  readonly #details = new Map<string, { readonly details: Details; readonly at: number }>();

  constructor(context: AwsContext, { signal }: Signalled) {
    this.#context = context;
    this.#signal = signal;
  }

  /** In order of ARN. One call a page, and one for each certificate whose summary does not say enough. */
  async list(): Promise<readonly CertificateFact[]> {
    const options = { signal: this.#signal };
    const summaries = await certificateSummaries(this.#context, { status: 'ISSUED' }, options);
    // Certificates that a controller made are for one Ingress (albc-behaviour §8.1).
    const owners = await this.#context.certificateOwners?.read(summaries, options);
    const free = summaries.filter(
      ({ CertificateArn = '' }) => owners?.get(CertificateArn)?.[clusterTag] === undefined,
    );
    const facts = await Promise.all(free.map((summary) => this.#fact(summary)));
    return facts.flat().toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  /** Empty when the certificate went between the list and its description. */
  async #fact(summary: CertificateSummary): Promise<readonly CertificateFact[]> {
    const details = isWhole(summary) ? fromSummary(summary) : await this.#described(summary);
    if (details === undefined) return [];
    return [
      {
        ...details,
        arn: summary.CertificateArn as CertificateArn,
        status: summary.Status ?? 'ISSUED',
        notAfter: summary.NotAfter?.toISOString(),
      },
    ];
  }

  async #described(summary: CertificateSummary): Promise<Details | undefined> {
    const version = versionOf(summary);
    const { clock } = this.#context;
    const kept = this.#details.get(version);
    if (kept !== undefined && clock.now() - kept.at < ttlMs) return kept.details;
    try {
      const details = await this.#describe(summary.CertificateArn ?? '');
      this.#details.set(version, { details, at: clock.now() });
      return details;
    } catch (error) {
      if (isKind(error, 'notFound')) return undefined;
      throw error;
    }
  }

  async #describe(arn: string): Promise<Details> {
    const command = new DescribeCertificateCommand({ CertificateArn: arn });
    const { Certificate } = await this.#context.calls.acm(command, { signal: this.#signal });
    const { DomainName = '', SubjectAlternativeNames = [], CertificateAuthorityArn } = Certificate ?? {};
    return {
      domains: unique([DomainName, ...SubjectAlternativeNames]),
      certificateAuthorityArn: CertificateAuthorityArn,
    };
  }
}

const versionOf = ({ CertificateArn, ImportedAt, IssuedAt, NotAfter }: CertificateSummary): string =>
  [CertificateArn, (ImportedAt ?? IssuedAt)?.toISOString(), NotAfter?.toISOString()].join(' ');

/** A summary holds up to 100 names, and not the authority of a private certificate. */
const isWhole = (summary: CertificateSummary): boolean =>
  summary.SubjectAlternativeNameSummaries !== undefined &&
  summary.HasAdditionalSubjectAlternativeNames !== true &&
  summary.Type !== 'PRIVATE';

const fromSummary = ({
  DomainName = '',
  SubjectAlternativeNameSummaries = [],
}: CertificateSummary): Details => ({
  domains: unique([DomainName, ...SubjectAlternativeNameSummaries]),
  certificateAuthorityArn: undefined,
});

const unique = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name) => name !== '')),
];
