import type { Quota, QuotaName } from '../../core/domain/facts.ts';
import { quotaNames } from '../../core/domain/quotas.ts';
import { orAborted } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { AwsError } from '../errors.ts';
import { accountLimits } from './account-limits.ts';
import { serviceQuotas } from './service-quotas.ts';
import { countSecurityGroups } from './security-group-count.ts';

const minute = 60_000;
/** The audit asks at least every five minutes, so that an increase that AWS granted is known about then. */
const accountFreshMs = 15 * minute;
const quotasFreshMs = 60 * minute;
/** What Service Quotas adds seldom decides anything: the first Ingress of a cluster does not pay for it. */
const quotasFirstMs = 4 * minute;
/** A cluster without a way to Service Quotas (no VPC endpoint) is not kept waiting for the end of all retries. */
const patienceMs = 5_000;

export type LimitsOptions = Signalled & {
  /** What the operator says, before what AWS says. */
  readonly limits: readonly Quota[];
  /** AWS does not tell its limits, so that those of its documentation are believed; told once for each of its two services. */
  readonly onUntold: (refusal: AwsError) => void;
};

/** Answers the limits in force; with `serviceQuotas` none of them is AWS's documentation where AWS can be asked. */
export type LimitsReader = (
  options: Signalled & { readonly serviceQuotas?: true | undefined },
) => Promise<readonly Quota[]>;

/**
 * The limits in force: the operator's, then those of the account as AWS last said in DescribeAccountLimits, then those
 * that only Service Quotas tells. The first is waited for, the last only by who needs it; later both are asked beside
 * the work, in the last lane.
 */
export function limitsInForce(
  context: AwsContext,
  { signal, limits, onUntold }: LimitsOptions,
): LimitsReader {
  const { clock } = context;
  const account = new Told({
    clock,
    freshMs: accountFreshMs,
    read: () => accountLimits(context, { signal }),
    onUntold: once(onUntold),
  });
  const untold = (): readonly QuotaName[] =>
    quotaNames.filter((name) => ![...limits, ...account.known].some((told) => told.name === name));
  const quotas = new Told({
    clock,
    freshMs: quotasFreshMs,
    read: async () => {
      await countSecurityGroups(context, { signal });
      return serviceQuotas(context, untold(), { signal });
    },
    onUntold: once(onUntold),
    isOptional: true,
  });
  const beginning = clock.now();
  return async (options) => {
    await account.ready(options);
    if (options.serviceQuotas === true) await quotas.ready(options);
    else if (clock.now() - beginning >= quotasFirstMs) void quotas.refresh();
    return inOrder(limits, account.known, quotas.known);
  };
}

/** The first that says something of a limit is believed. */
const inOrder = (...sources: readonly (readonly Quota[])[]): readonly Quota[] =>
  [...Map.groupBy(sources.flat(), ({ name }) => name).values()].flatMap((said) => said.slice(0, 1));

function once<T>(tell: (what: T) => void): (what: T) => void {
  let told = false;
  return (what) => {
    if (!told) tell(what);
    told = true;
  };
}

type ToldOptions = {
  readonly clock: Clock;
  readonly freshMs: number;
  readonly read: () => Promise<readonly Quota[]>;
  readonly onUntold: (refusal: AwsError) => void;
  /** Nobody waits for AWS to recover: no answer is an answer. */
  readonly isOptional?: true;
};

/** What one service says of limits. A limit that it no longer names keeps its last figure. */
class Told {
  readonly #options: ToldOptions;
  #known: readonly Quota[] | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: ToldOptions) {
    this.#options = options;
  }

  get known(): readonly Quota[] {
    return this.#known ?? [];
  }

  /** Resolves when something is known; asks beside the work when that is old. */
  async ready(options: Signalled): Promise<void> {
    const reading = this.refresh();
    if (this.#known !== undefined || reading === undefined) return;
    const { clock, isOptional } = this.#options;
    const waiting = new AbortController();
    const enough = clock.sleep(patienceMs, { signal: waiting.signal }).catch(() => undefined);
    await orAborted(isOptional === true ? Promise.race([reading, enough]) : reading, options.signal).finally(
      () => waiting.abort(),
    );
  }

  /** Asks when it is time to; who does not wait for the answer does not fail with it either: the next one asks again. */
  refresh(): Promise<void> | undefined {
    const isOld = this.#options.clock.now() - this.#readAt >= this.#options.freshMs;
    if (isOld) this.#reading ??= this.#read();
    this.#reading?.catch(() => undefined);
    return this.#reading;
  }

  /**
   * A role that may not ask gets no figures, and AWS's documented ones stand: the permission is worth a better answer,
   * not a controller that does nothing.
   */
  async #read(): Promise<void> {
    const { clock, read, onUntold, isOptional } = this.#options;
    try {
      const fresh = await read();
      const kept = this.known.filter(({ name }) => !fresh.some((limit) => limit.name === name));
      this.#known = [...fresh, ...kept];
      this.#readAt = clock.now();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const isAnswer = error.kind === 'denied' || isOptional === true;
      if (this.#known === undefined && !isAnswer) throw error;
      if (isAnswer) onUntold(error);
      this.#known ??= [];
      this.#readAt = clock.now();
    } finally {
      this.#reading = undefined;
    }
  }
}
