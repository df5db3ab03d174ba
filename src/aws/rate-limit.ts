// Keeps our calls below AWS's own request limits, which every client of the account shares: AWS answers a call above them
// with a throttle, which slows the others too. One limiter per process.

import type { Clock } from '../lib/clock.ts';
import { type BucketName, type Lane, lanes, type OperationRule } from './ports.ts';

export type BucketSize = {
  readonly capacity: number;
  readonly perSecond: number;
  /** Ours to use whole: no share of it is left to others. */
  readonly exact?: true;
};

/**
 * AWS's own figures: ELBv2 per account and region (Application Load Balancers guide, "Request throttling"), EC2 (API
 * throttling: non-mutating, mutating, security group rules, tags), ACM, Route 53 and WAF (quotas; no bursts are documented, so one second's worth).
 */
export const awsBuckets: Readonly<Record<BucketName, BucketSize>> = {
  account: { capacity: 40, perSecond: 10 },
  describe: { capacity: 40, perSecond: 10 },
  mutate: { capacity: 20, perSecond: 3 },
  register: { capacity: 20, perSecond: 4 },
  intensive: { capacity: 10, perSecond: 0.2 },
  ec2Describe: { capacity: 100, perSecond: 20 },
  ec2Mutate: { capacity: 50, perSecond: 5 },
  ec2Rules: { capacity: 50, perSecond: 5 },
  ec2Tags: { capacity: 100, perSecond: 10 },
  acmList: { capacity: 8, perSecond: 8 },
  acmDescribe: { capacity: 10, perSecond: 10 },
  acmTags: { capacity: 10, perSecond: 10 },
  acmWrite: { capacity: 5, perSecond: 5 },
  route53: { capacity: 5, perSecond: 5 },
  wafAssociate: { capacity: 1, perSecond: 0.5 },
  wafAssociation: { capacity: 1, perSecond: 1 },
  wafList: { capacity: 5, perSecond: 5 },
  // No figures of WAF Classic are published; ALBC takes those of WAFv2.
  classicAssociate: { capacity: 1, perSecond: 0.5 },
  classicAssociation: { capacity: 1, perSecond: 1 },
  cloudTrail: { capacity: 1, perSecond: 1 },
};

/** What we take of AWS's figures; the rest is left to the account's other clients. */
const defaultShare = 0.8;
/** A throttle halves a bucket's rate, down to this part of it; the full rate is back after `recoveryMs`. */
const leastFactor = 1 / 16;
const recoveryMs = 120_000;
/** Calls under way together are throttled together: that is one event. */
const throttlesAreOneMs = 1_000;

type Bucket = {
  readonly capacity: number;
  readonly perMs: number;
  tokens: number;
  /** Part of the full rate that is used now, 1 unless AWS throttled us. */
  factor: number;
  at: number;
  throttledAt: number;
};

type Waiter = { readonly buckets: readonly Bucket[]; readonly grant: () => void };

/** Token buckets, with waiters served by lane and then in the order they came. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #buckets: ReadonlyMap<string, Bucket>;
  readonly #waiters: ReadonlyMap<Lane, Set<Waiter>> = new Map(lanes.map((lane) => [lane, new Set()]));
  #alarm: AbortController | undefined;

  constructor(options: {
    readonly clock: Clock;
    /** A bucket that is missing never holds a call back. */
    readonly buckets?: Readonly<Record<string, BucketSize>>;
    /** Above 0, at most 1. */
    readonly share?: number;
  }) {
    const { clock, buckets = awsBuckets, share = defaultShare } = options;
    this.#clock = clock;
    this.#buckets = new Map(
      Object.entries(buckets).map(([name, size]) => [
        name,
        fullBucket(size, size.exact ? 1 : share, clock.now()),
      ]),
    );
  }

  /** Resolves when the call may be sent, having taken its tokens; rejects with the signal's reason when that comes first. */
  acquire({ lane, buckets }: OperationRule, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const queue = this.#waiters.get(lane);
      const abort = (): void => {
        queue?.delete(waiter);
        reject(signal.reason);
      };
      const grant = (): void => {
        queue?.delete(waiter);
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const waiter: Waiter = { buckets: this.#named(buckets), grant };
      signal.addEventListener('abort', abort, { once: true });
      queue?.add(waiter);
      this.#serve();
    });
  }

  /** AWS throttled a call of these buckets: they go at half the rate, from empty, and recover slowly. */
  throttled(buckets: readonly string[]): void {
    const now = this.#clock.now();
    for (const bucket of this.#named(buckets)) {
      refill(bucket, now);
      bucket.tokens = Math.min(bucket.tokens, 0);
      if (now - bucket.throttledAt < throttlesAreOneMs) continue;
      bucket.throttledAt = now;
      bucket.factor = Math.max(leastFactor, bucket.factor / 2);
    }
  }

  #named(names: readonly string[]): readonly Bucket[] {
    return names.flatMap((name) => this.#buckets.get(name) ?? []);
  }

  /** Lets go whoever may go, first lane first, and sets the alarm for the next one who could. */
  #serve(): void {
    const now = this.#clock.now();
    for (const bucket of this.#buckets.values()) refill(bucket, now);
    let wait = Number.POSITIVE_INFINITY;
    for (const queue of this.#waiters.values()) {
      for (const waiter of queue) {
        const missing = Math.max(0, ...waiter.buckets.map(untilToken));
        if (missing > 0) {
          wait = Math.min(wait, missing);
          continue;
        }
        for (const bucket of waiter.buckets) bucket.tokens -= 1;
        waiter.grant();
      }
    }
    this.#alarm?.abort();
    this.#alarm = Number.isFinite(wait) ? this.#wakeIn(Math.ceil(wait)) : undefined;
  }

  #wakeIn(ms: number): AbortController {
    const alarm = new AbortController();
    this.#clock.sleep(ms, { signal: alarm.signal }).then(
      () => this.#serve(),
      // Only `#serve` stops an alarm, to set the next one.
      () => {},
    );
    return alarm;
  }
}

function fullBucket({ capacity, perSecond }: BucketSize, share: number, now: number): Bucket {
  const tokens = Math.max(1, Math.floor(capacity * share));
  return {
    capacity: tokens,
    perMs: (perSecond * share) / 1000,
    tokens,
    factor: 1,
    at: now,
    throttledAt: Number.NEGATIVE_INFINITY,
  };
}

function refill(bucket: Bucket, now: number): void {
  const elapsed = now - bucket.at;
  bucket.at = now;
  bucket.tokens = Math.min(bucket.capacity, bucket.tokens + elapsed * bucket.perMs * bucket.factor);
  bucket.factor = Math.min(1, bucket.factor + elapsed / recoveryMs);
}

/** Float sums of refills end a hair below a whole token; a call must not wait another millisecond for it. */
const almost = 1e-6;

const untilToken = (bucket: Bucket): number =>
  bucket.tokens >= 1 - almost ? 0 : (1 - bucket.tokens) / (bucket.perMs * bucket.factor);
