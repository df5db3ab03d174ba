import type { Clock } from '../lib/clock.ts';

/** Settles as `promise` does, or rejects with the signal's reason when that comes first. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * One shared answer that is loaded when somebody asks and nobody has it, and kept for `ttlMs` after it came (Infinity: for
 * ever). Callers who ask while it is loaded wait for the same load. A failure is thrown to all who wait and not kept.
 * A caller's signal ends that caller's wait and not the load, which others may wait for.
 */
export class Cached<T> {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #load: () => Promise<T>;
  #loading: Promise<T> | undefined;
  #kept: { readonly value: T; readonly at: number } | undefined;

  constructor(options: { readonly clock: Clock; readonly ttlMs: number; readonly load: () => Promise<T> }) {
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs;
    this.#load = options.load;
  }

  get({ signal }: { readonly signal: AbortSignal }): Promise<T> {
    const kept = this.#kept;
    if (kept !== undefined && this.#clock.now() - kept.at < this.#ttlMs) return Promise.resolve(kept.value);
    this.#loading ??= this.#fill();
    return abortable(this.#loading, signal);
  }

  async #fill(): Promise<T> {
    try {
      const value = await this.#load();
      this.#kept = { value, at: this.#clock.now() };
      return value;
    } finally {
      this.#loading = undefined;
    }
  }
}
