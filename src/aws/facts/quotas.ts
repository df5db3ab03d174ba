import { DescribeAccountLimitsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Quota } from '../../core/domain/facts.ts';
import { isQuotaName } from '../../core/domain/quotas.ts';
import { orAborted } from '../../lib/abort.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { AwsError, isKind } from '../errors.ts';

/** The audit asks at least every five minutes, so that an increase that AWS granted is known about then. */
const freshMs = 15 * 60_000;

/**
 * The limits in force: the operator's, then those of the account as AWS last said. Only the first question is waited for;
 * later ones get what is known, and when that is old AWS is asked beside them, in the last lane. A limit that AWS
 * no longer names keeps its last figure.
 */
export class Limits {
  readonly #context: AwsContext;
  readonly #signal: AbortSignal;
  readonly #given: readonly Quota[];
  #known: readonly Quota[] | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<readonly Quota[]> | undefined;

  /** `signal` ends reads at the end of the process. */
  constructor(context: AwsContext, { signal, limits }: Signalled & { readonly limits: readonly Quota[] }) {
    this.#context = context;
    this.#signal = signal;
    this.#given = limits;
  }

  async get(options: Signalled): Promise<readonly Quota[]> {
    const isOld = this.#context.clock.now() - this.#readAt >= freshMs;
    if (isOld) this.#reading ??= this.#read();
    if (this.#known === undefined && this.#reading !== undefined)
      return this.#inForce(await orAborted(this.#reading, options.signal));
    // Who does not wait for it must not fail with it either: the next one asks again.
    this.#reading?.catch(() => undefined);
    return this.#inForce(this.#known ?? []);
  }

  #inForce(known: readonly Quota[]): readonly Quota[] {
    const others = known.filter(({ name }) => !this.#given.some((given) => given.name === name));
    return [...this.#given, ...others];
  }

  async #read(): Promise<readonly Quota[]> {
    try {
      const fresh = await accountLimits(this.#context, { signal: this.#signal });
      const kept = (this.#known ?? []).filter(({ name }) => !fresh.some((limit) => limit.name === name));
      this.#known = [...fresh, ...kept];
      this.#readAt = this.#context.clock.now();
      return this.#known;
    } catch (error) {
      if (this.#known === undefined || !(error instanceof AwsError)) throw error;
      this.#readAt = this.#context.clock.now();
      return this.#known;
    } finally {
      this.#reading = undefined;
    }
  }
}

/**
 * The limits of the account. A role that may not ask gets none, and AWS's documented defaults stand: the permission is
 * worth a better answer, not a controller that does nothing.
 */
async function accountLimits({ calls, clock }: AwsContext, { signal }: Signalled): Promise<readonly Quota[]> {
  try {
    const limits = await allPages(async (Marker) => {
      const command = new DescribeAccountLimitsCommand({ Marker, PageSize: 400 });
      const { Limits: items, NextMarker: next } = await calls.elbv2(command, { signal });
      return { items, next };
    });
    const readAt = clock.now();
    return limits.flatMap(({ Name = '', Max }) =>
      isQuotaName(Name) && Number.isFinite(Number(Max))
        ? [{ name: Name, limit: Number(Max), source: 'api' as const, readAt }]
        : [],
    );
  } catch (error) {
    if (isKind(error, 'denied')) return [];
    throw error;
  }
}
