import type { Clock } from './clock.ts';

type Sleeper = { readonly at: number; readonly order: number; readonly wake: () => void };

/** A clock that stands still until it is told to advance. Equal wake-up times are served in the order they were asked for. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** `start` is the first moment, in epoch milliseconds. */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#now + Math.max(0, ms), order: this.#order++, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** How long until the earliest sleeper wakes, in milliseconds; undefined when nobody sleeps. */
  untilNextWake(): number | undefined {
    const next = this.#earliest();
    return next === undefined ? undefined : next.at - this.#now;
  }

  /**
   * Moves time on by `ms`, waking each sleeper at its own moment, in time order. Work that a woken sleeper starts runs
   * before the next one wakes, and what it schedules inside the span is served too.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#earliest(); next !== undefined && next.at <= end; next = this.#earliest()) {
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers.delete(next);
      next.wake();
      await settled();
    }
    this.#now = end;
  }

  #earliest(): Sleeper | undefined {
    let best: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      const sooner =
        best === undefined || sleeper.at < best.at || (sleeper.at === best.at && sleeper.order < best.order);
      if (sooner) best = sleeper;
    }
    return best;
  }
}

/** One turn of the event loop: every microtask that is queued now, and those they queue, run first. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
