import { DescribeTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Tags } from '../core/domain/desired-group.ts';
import { orAborted } from '../lib/abort.ts';
import { chunks, describeKnown } from './batches.ts';
import type { Calls } from './ports.ts';
import { observedTags } from './wire/tags.ts';

/** ARNs in one DescribeTags (ELBv2 API). */
const batchSize = 20;

type Wanted = {
  readonly arn: string;
  readonly resolve: (tags: Tags | undefined) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Reads ELBv2 tags for several readers at once. Full batches go at once; what is left over goes when no other batch is
 * under way, and until then grows by what other groups ask for. So a reader alone waits for nobody, and two hundred groups at
 * start-up share their calls, which matters with ten calls a second for the whole account.
 */
export class TagReader {
  readonly #calls: Calls;
  readonly #signal: AbortSignal;
  #wanted: readonly Wanted[] = [];
  #underWay = 0;

  /** `signal` ends everything, at the end of the process; each reader has its own to stop waiting. */
  constructor(calls: Calls, { signal }: { readonly signal: AbortSignal }) {
    this.#calls = calls;
    this.#signal = signal;
  }

  /** Tags by ARN of load balancers, target groups, listeners and rules; an ARN that AWS does not know is missing. */
  async read(
    arns: readonly string[],
    { signal }: { readonly signal: AbortSignal },
  ): Promise<ReadonlyMap<string, Tags>> {
    const entries = arns.map(async (arn) => [arn, await this.#one(arn)] as const);
    this.#send();
    const read = await orAborted(Promise.all(entries), signal);
    return new Map(read.flatMap(([arn, tags]) => (tags === undefined ? [] : [[arn, tags] as const])));
  }

  #one(arn: string): Promise<Tags | undefined> {
    return new Promise((resolve, reject) => {
      this.#wanted = [...this.#wanted, { arn, resolve, reject }];
    });
  }

  #send(): void {
    for (const batch of chunks(this.#wanted, batchSize)) {
      if (batch.length < batchSize && this.#underWay > 0) return;
      this.#wanted = this.#wanted.slice(batch.length);
      this.#underWay += 1;
      void this.#read(batch).finally(() => {
        this.#underWay -= 1;
        this.#send();
      });
    }
  }

  async #read(batch: readonly Wanted[]): Promise<void> {
    try {
      const arns = [...new Set(batch.map(({ arn }) => arn))];
      const described = await describeKnown(arns, batchSize, (some) => this.#describe(some));
      const tags = new Map(described);
      for (const { arn, resolve } of batch) resolve(tags.get(arn));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** A refusal is what tells that an ARN is unknown, so one that the answer leaves out has no tags. */
  async #describe(arns: readonly string[]): Promise<readonly (readonly [string, Tags])[]> {
    const command = new DescribeTagsCommand({ ResourceArns: [...arns] });
    const { TagDescriptions = [] } = await this.#calls.elbv2(command, { signal: this.#signal });
    const found = new Map(TagDescriptions.map(({ ResourceArn, Tags }) => [ResourceArn, observedTags(Tags)]));
    return arns.map((arn) => [arn, found.get(arn) ?? {}] as const);
  }
}
