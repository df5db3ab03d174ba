// Who changed what was found to be changed, where CloudTrail may be asked. Its events come minutes late, so each change is
// asked for once a minute until it is known or half an hour has gone by; one question stands for all that are open.

import type { Author } from '../core/domain/author.ts';
import type { KnownDrift } from '../core/domain/change.ts';
import type { Drift } from '../core/domain/drift.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { DriftOfRun, Options, WritePort } from './ports.ts';
import { tellEvents } from './tell.ts';

export type AuthorsContext = {
  readonly clock: Clock;
  readonly log: Log;
  readonly write: Pick<WritePort, 'recordEvent'>;
  readonly authors: (
    drift: readonly Drift[],
    window: { readonly from: number; readonly to: number },
    options: Options,
  ) => Promise<ReadonlyMap<string, Author>>;
};

const intervalMs = 60_000;
const patienceMs = 30 * 60_000;
/** Where AWS was not read before, as after a start. */
const longestWindowMs = 60 * 60_000;

type Asked = { readonly group: GroupKey; readonly drift: KnownDrift; readonly members: readonly ObjectRef[] };

export class DriftAuthors {
  readonly #context: AuthorsContext;
  /** By group and path; what is told stays until it is over, so that it is told once. */
  readonly #asked = new Map<string, Asked>();
  readonly #told = new Map<string, number>();

  constructor(context: AuthorsContext) {
    this.#context = context;
  }

  noted(group: GroupKey, { repaired, open, members }: DriftOfRun): void {
    for (const drift of [...repaired, ...open]) {
      const key = `${group} ${drift.path}`;
      if (this.#told.get(key) !== drift.since) this.#asked.set(key, { group, drift, members });
    }
  }

  /** Asks until the signal is aborted. */
  async run({ signal }: Options): Promise<void> {
    const { clock, log } = this.#context;
    for (;;) {
      await clock.sleep(intervalMs, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#ask({ signal });
      } catch (error) {
        log.warn({ err: error }, 'CloudTrail could not be asked who changed something');
      }
    }
  }

  async #ask(options: Options): Promise<void> {
    const { clock, log, write, authors } = this.#context;
    const now = clock.now();
    for (const [key, { drift }] of this.#asked)
      if (now - drift.since > patienceMs) {
        this.#asked.delete(key);
        this.#told.set(key, drift.since);
      }
    if (this.#asked.size === 0) return;
    const all = [...this.#asked];
    const from = Math.max(now - longestWindowMs, Math.min(...all.map(([, { drift }]) => drift.lastRight)));
    const found = await authors(
      all.map(([, { drift }]) => drift),
      { from, to: now },
      options,
    );
    for (const [key, { drift, members, group }] of all) {
      const by = found.get(drift.path);
      if (by === undefined) continue;
      this.#asked.delete(key);
      this.#told.set(key, drift.since);
      const message = `${drift.subject}: ${drift.what} was changed by ${by.principal} from ${by.sourceAddress} with ${by.event} at ${by.at}`;
      log.info({ group, subject: drift.subject, because: message }, 'Known who changed it');
      const told = drift.object === undefined ? members : [drift.object];
      const events = told.map((object) => ({ object, type: 'Normal', reason: 'DriftBy', message }) as const);
      await tellEvents(events, { write, log }, options);
    }
  }
}
