// Requests at a constant rate, whether or not earlier ones were answered.

import { Agent, request } from 'node:http';
import { percentile } from '../percentile.ts';

export type LoadResult = {
  readonly requests: number;
  /** Answers that were not 2xx, by status; `0` where the connection broke. */
  readonly lost: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The first few, for finding out why. */
  readonly examples: readonly string[];
};

export class SteadyLoad {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #urls: ReadonlyMap<string, () => number | undefined>;
  readonly #timer: NodeJS.Timeout;
  readonly #onLost: (name: string) => string;
  #times: number[] = [];
  #lost: Record<string, number> = {};
  #examples: string[] = [];
  #begun = Date.now();
  readonly #first = Date.now();
  #sent = 0;
  #pending = 0;

  /** `ports`: the loopback port of each name to send to; each gets `perSecond` requests. */
  constructor(options: {
    readonly ports: ReadonlyMap<string, () => number | undefined>;
    readonly perSecond: number;
    /** What there is to know about a name when a request to it was lost. */
    readonly onLost: (name: string) => string;
  }) {
    this.#urls = options.ports;
    this.#onLost = options.onLost;
    this.#timer = setInterval(() => {
      const due = Math.floor(((Date.now() - this.#first) * options.perSecond) / 1000);
      for (; this.#sent < due; this.#sent += 1) {
        for (const name of this.#urls.keys()) this.#send(name);
      }
    }, 5);
  }

  /** What happened since the last time. */
  take(): LoadResult {
    const sorted = this.#times.toSorted((a, b) => a - b);
    const result = {
      requests: sorted.length,
      lost: this.#lost,
      p50Ms: percentile(sorted, 50),
      p99Ms: percentile(sorted, 99),
      examples: this.#examples,
    };
    this.#times = [];
    this.#lost = {};
    this.#examples = [];
    this.#begun = Date.now();
    return result;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#pending > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#agent.destroy();
  }

  #send(name: string): void {
    const sent = performance.now();
    this.#pending += 1;
    const done = (status: number, why = '') => {
      this.#pending -= 1;
      this.#times.push(performance.now() - sent);
      if (status >= 200 && status < 300) return;
      this.#lost[status] = (this.#lost[status] ?? 0) + 1;
      const seconds = ((Date.now() - this.#begun) / 1000).toFixed(2);
      if (this.#examples.length < 5)
        this.#examples.push(`${status} ${why} at ${seconds} s from ${name}: ${this.#onLost(name)}`);
    };
    const port = this.#urls.get(name)?.();
    if (port === undefined) return done(0, 'no listener');
    const outgoing = request({ host: '127.0.0.1', port, path: '/', agent: this.#agent }, (answer) => {
      answer.resume();
      answer.on('end', () => done(answer.statusCode ?? 0));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => done(0, error.code));
    outgoing.end();
  }
}
