import { type CertificateSummary, ListTagsForCertificateCommand } from '@aws-sdk/client-acm';
import type { Tags } from '../../core/domain/desired-group.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import { observedTags } from '../wire/tags.ts';

type Context = Pick<AwsContext, 'calls' | 'clock'>;

/** Whose a certificate is changes with nobody's consent: seldom enough. */
const ttlMs = 10 * 60 * 60_000;

/** Whose the account's certificates are. ACM tells the tags of one certificate a call, so they are remembered. */
export class CertificateOwners {
  readonly #context: Context;
  #known = new Map<string, { readonly tags: Tags; readonly at: number }>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Tags of those that can be a controller's, by ARN: nobody requested the imported ones. */
  async read(
    summaries: readonly CertificateSummary[],
    { signal }: Signalled,
  ): Promise<ReadonlyMap<string, Tags>> {
    const { clock } = this.#context;
    const arns = summaries.flatMap(({ CertificateArn, Type }) =>
      CertificateArn === undefined || Type === 'IMPORTED' ? [] : [CertificateArn],
    );
    const entries = arns.map(async (arn) => {
      const kept = this.#known.get(arn);
      if (kept !== undefined && clock.now() - kept.at < ttlMs) return [arn, kept] as const;
      const tags = await certificateTags(this.#context, arn, { signal });
      return [arn, { tags: tags ?? {}, at: clock.now() }] as const;
    });
    const read = new Map(await Promise.all(entries));
    // Those that were not asked for may be of another status, or gone.
    this.#known = new Map([...this.#known, ...read].filter(([, { at }]) => clock.now() - at < ttlMs));
    return new Map([...read].map(([arn, { tags }]) => [arn, tags]));
  }
}

/** Undefined: there is no such certificate. */
export async function certificateTags(
  { calls }: Pick<AwsContext, 'calls'>,
  CertificateArn: string,
  { signal }: Signalled,
): Promise<Tags | undefined> {
  try {
    const { Tags } = await calls.acm(new ListTagsForCertificateCommand({ CertificateArn }), { signal });
    return observedTags(Tags);
  } catch (error) {
    if (isKind(error, 'notFound')) return undefined;
    throw error;
  }
}
