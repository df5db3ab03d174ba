// A keyed queue on p-queue. p-queue bounds how many keys run at once; this file adds what it has not: one slot for
// each key, debounce, back-off per key, and a stop that waits for what runs.

import PQueue from 'p-queue';
import type { Clock } from '../lib/clock.ts';

/** Higher runs first: what a user just edited, then endpoint changes, then retries, then the audit. */
export const priorities = { user: 30, target: 20, retry: 10, resync: 0 } as const;
export type Priority = keyof typeof priorities;

/** What becomes of a key after its run. */
export type Verdict =
  /** Rest until something changes. Forgets earlier failures. */
  | { readonly kind: 'rest' }
  /** Not a failure, but come back. Forgets earlier failures. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** Exponential back-off, never sooner than `atLeastMs`. */
  | { readonly kind: 'backOff'; readonly atLeastMs: number };

export type WorkQueueOptions<Key extends string> = {
  readonly clock: Clock;
  readonly concurrency: number;
  /** How long the first request for a key is held so that a burst of changes becomes one run. */
  readonly debounceMs: number;
  readonly backOff: BackOff;
  /** Never runs twice at once for one key. What it throws is a bug: reported to `onError`, then backed off. */
  readonly run: (key: Key, run: QueuedRun) => Promise<Verdict>;
  readonly onError: (key: Key, error: unknown) => void;
};

export type QueuedRun = {
  readonly signal: AbortSignal;
  /** Failures in a row before this run. */
  readonly attempt: number;
  /** The highest one that asked for this run. */
  readonly priority: Priority;
};

export type BackOff = {
  readonly baseMs: number;
  readonly maxMs: number;
  /** 0 ≤ x < 1; passed in so that tests can fix it. */
  readonly random: () => number;
};

/** Milliseconds before attempt number `failures` (1 for the first retry): doubling from `baseMs` to `maxMs`, less up to a quarter of jitter. */
export function backOffMs(failures: number, { baseMs, maxMs, random }: BackOff): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return full - Math.floor((full / 4) * random());
}

type Request = { readonly at: number; readonly priority: Priority };
type Slot =
  | { readonly kind: 'waiting'; readonly request: Request; readonly timer: AbortController }
  | { readonly kind: 'queued'; readonly request: Request }
  | { readonly kind: 'running'; readonly request: undefined; again: Request | undefined };

export class WorkQueue<Key extends string> {
  readonly #options: WorkQueueOptions<Key>;
  readonly #pool: PQueue;
  readonly #slots = new Map<Key, Slot>();
  readonly #failures = new Map<Key, number>();
  readonly #abort = new AbortController();
  #stopped = false;

  constructor(options: WorkQueueOptions<Key>) {
    this.#options = options;
    this.#pool = new PQueue({ concurrency: options.concurrency });
  }

  /**
   * Asks for a run of `key`. An equal key that waits keeps the sooner time and the higher priority; one that runs is
   * held and runs once more afterwards. `afterMs` defaults to the debounce.
   */
  add(key: Key, { priority, afterMs }: { readonly priority: Priority; readonly afterMs?: number }): void {
    if (this.#stopped) return;
    const request = { at: this.#options.clock.now() + (afterMs ?? this.#options.debounceMs), priority };
    const slot = this.#slots.get(key);
    if (slot === undefined) {
      this.#wait(key, request);
    } else if (slot.kind === 'running') {
      slot.again = merged(slot.again, request);
    } else {
      this.#urge(key, slot, merged(slot.request, request));
    }
  }

  /** Keys that run, stand in line, or will run within `ms`. For tests and for `--once`. */
  busy(ms = 0): number {
    const limit = this.#options.clock.now() + ms;
    return [...this.#slots.values()].filter((slot) => slot.kind !== 'waiting' || slot.request.at <= limit)
      .length;
  }

  /** Keys in any state, waiting ones included. */
  get size(): number {
    return this.#slots.size;
  }

  /** Takes no more keys and waits for those that run; after `deadlineMs` their signal is aborted, and they are still awaited. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    for (const slot of this.#slots.values()) if (slot.kind === 'waiting') slot.timer.abort();
    this.#pool.clear();
    const { clock } = this.#options;
    const timer = new AbortController();
    const deadline = clock.sleep(deadlineMs, { signal: timer.signal }).then(
      () => this.#abort.abort(new Error('the controller is stopping')),
      () => undefined,
    );
    await this.#pool.onPendingZero();
    timer.abort();
    await deadline;
    this.#slots.clear();
  }

  #urge(key: Key, slot: Exclude<Slot, { kind: 'running' }>, request: Request): void {
    if (slot.kind === 'queued') {
      this.#slots.set(key, { kind: 'queued', request });
      if (request.priority !== slot.request.priority)
        this.#pool.setPriority(key, priorities[request.priority]);
    } else if (request.at < slot.request.at) {
      slot.timer.abort();
      this.#wait(key, request);
    } else {
      this.#slots.set(key, { ...slot, request });
    }
  }

  #wait(key: Key, request: Request): void {
    const timer = new AbortController();
    this.#slots.set(key, { kind: 'waiting', request, timer });
    const { clock } = this.#options;
    clock.sleep(Math.max(0, request.at - clock.now()), { signal: timer.signal }).then(
      () => this.#enqueue(key),
      () => undefined,
    );
  }

  #enqueue(key: Key): void {
    const slot = this.#slots.get(key);
    if (slot?.kind !== 'waiting' || this.#stopped) return;
    this.#slots.set(key, { kind: 'queued', request: slot.request });
    // `clear()` on stop rejects what still stood in line; that is not an error.
    this.#pool
      .add(() => this.#run(key), { id: key, priority: priorities[slot.request.priority] })
      .catch(() => undefined);
  }

  async #run(key: Key): Promise<void> {
    const priority = this.#slots.get(key)?.request?.priority ?? 'resync';
    const slot: Slot = { kind: 'running', request: undefined, again: undefined };
    this.#slots.set(key, slot);
    const verdict = await this.#verdict(key, priority);
    this.#slots.delete(key);
    if (this.#stopped) return;
    const next = merged(slot.again, this.#following(key, verdict));
    if (next !== undefined) this.#wait(key, next);
  }

  async #verdict(key: Key, priority: Priority): Promise<Verdict> {
    try {
      return await this.#options.run(key, {
        signal: this.#abort.signal,
        attempt: this.#failures.get(key) ?? 0,
        priority,
      });
    } catch (error) {
      this.#options.onError(key, error);
      return { kind: 'backOff', atLeastMs: 0 };
    }
  }

  #following(key: Key, verdict: Verdict): Request | undefined {
    const now = this.#options.clock.now();
    if (verdict.kind !== 'backOff') {
      this.#failures.delete(key);
      return verdict.kind === 'rest' ? undefined : { at: now + verdict.afterMs, priority: 'retry' };
    }
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delay = Math.max(verdict.atLeastMs, backOffMs(failures, this.#options.backOff));
    return { at: now + delay, priority: 'retry' };
  }
}

function merged(one: Request | undefined, other: Request): Request;
function merged(one: Request | undefined, other: Request | undefined): Request | undefined;
function merged(one: Request | undefined, other: Request | undefined): Request | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    at: Math.min(one.at, other.at),
    priority: priorities[one.priority] >= priorities[other.priority] ? one.priority : other.priority,
  };
}
