import { orAborted } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';

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
    return orAborted(this.#loading, signal);
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
