// What the controller wrote to AWS and why, and what has drifted, for people to read: in a ConfigMap of its namespace.
// Nothing depends on it: what cannot be written here is logged, and AWS is written all the same.

import type { Change, KnownDrift } from '../core/domain/change.ts';
import type { Clock } from '../lib/clock.ts';
import { Field } from './decode/field.ts';
import { KubeError } from './kube-error.ts';
import type { KubeLog } from './kube-log.ts';
import type { KubeTransport } from './transport.ts';

type Options = { readonly signal: AbortSignal };

const changeLogName = 'albatross-changes';

/** Changes come in bursts; one write says it all. */
const gatherMs = 10_000;
const retryMs = 60_000;
/** A ConfigMap may have 1 MiB; a person reads the last of this. */
const mostChanges = 300;
const mostBytes = 256 * 1024;
const longestText = 400;
/** For the last words when the controller stops. */
const lastWordsMs = 2000;

export type Kept = {
  /** Oldest first. */
  readonly changes: readonly Change[];
  /** By group. */
  readonly drift: Readonly<Record<string, readonly KnownDrift[]>>;
};

const nothingKept: Kept = { changes: [], drift: {} };

async function readChangeLog(
  { transport, namespace }: Place,
  { signal }: Options,
): Promise<Kept | undefined> {
  const path = `${folder(namespace)}/${changeLogName}`;
  try {
    const operation = `GET ConfigMap ${changeLogName}`;
    return keptIn(new Field(await transport.call({ method: 'GET', path, operation, signal })));
  } catch (error) {
    if (error instanceof KubeError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

/**
 * What a controller keeps in this namespace, else in any; nothing where none does, or where it may not be read. Of several
 * the first that the API server lists counts.
 */
export async function findChangeLog(place: Place, options: Options): Promise<Kept> {
  try {
    const here = await readChangeLog(place, options);
    if (here !== undefined) return here;
    const answer = await place.transport.call({
      method: 'GET',
      path: `/api/v1/configmaps?fieldSelector=${encodeURIComponent(`metadata.name=${changeLogName}`)}`,
      operation: 'list ConfigMaps',
      signal: options.signal,
    });
    const [first] = new Field(answer).at('items').list(keptIn);
    return first ?? nothingKept;
  } catch (error) {
    if (error instanceof KubeError) return nothingKept;
    throw error;
  }
}

/** Somebody may have edited it. */
function keptIn(configMap: Field): Kept {
  const data = configMap.at('data');
  return {
    changes: parsedLines(data.at('changes').textOr('')),
    drift: parsed(data.at('drift').textOr('{}'), {}),
  };
}

type Place = { readonly transport: KubeTransport; readonly namespace: string };

export type ChangeLogContext = {
  readonly transport: KubeTransport;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: KubeLog;
};

export class ChangeLog {
  readonly #context: ChangeLogContext;
  /** As JSON, oldest first. */
  #changes: readonly string[] = [];
  readonly #drift = new Map<string, readonly KnownDrift[]>();
  #isNew = false;
  readonly #stopping = new AbortController();
  #writing: Promise<void> = Promise.resolve();

  constructor(context: ChangeLogContext) {
    this.#context = context;
  }

  wrote(change: Change): void {
    this.#changes = bounded([...this.#changes, JSON.stringify(shortened(change))]);
    this.#isNew = true;
  }

  /** What has drifted in a group and was not put back. */
  drifted(group: string, open: readonly KnownDrift[]): void {
    const before = this.#drift.get(group) ?? [];
    if (open.length === 0) this.#drift.delete(group);
    else this.#drift.set(group, open);
    if (JSON.stringify(before) !== JSON.stringify(open)) this.#isNew = true;
  }

  /** Goes on with what another process kept. */
  start(): void {
    this.#writing = this.#write();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the controller is stopping'));
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { clock, log } = this.#context;
    const { signal } = this.#stopping;
    const pause = (ms: number): Promise<void> => clock.sleep(ms, { signal }).catch(() => undefined);
    let earlier: readonly string[] | undefined;
    let told = '';
    while (!signal.aborted) {
      await pause(gatherMs);
      if (!this.#isNew) continue;
      try {
        // Its own signal: what happened last is worth a moment even when the controller stops.
        const moment = AbortSignal.timeout(signal.aborted ? lastWordsMs : retryMs);
        if (earlier === undefined) {
          const kept = await readChangeLog(this.#context, { signal: moment });
          earlier = (kept?.changes ?? []).map((change) => JSON.stringify(change));
          this.#changes = bounded([...earlier, ...this.#changes]);
        }
        this.#isNew = false;
        await this.#store({ signal: moment });
      } catch (error) {
        this.#isNew = true;
        const why = String(error);
        if (why !== told)
          log.warn({ object: `ConfigMap ${changeLogName}`, err: error }, 'Could not keep the log of changes');
        told = why;
        await pause(retryMs);
      }
    }
  }

  async #store({ signal }: Options): Promise<void> {
    const { transport, namespace } = this.#context;
    const data = {
      changes: this.#changes.join('\n'),
      drift: JSON.stringify(Object.fromEntries(this.#drift)),
    };
    const operation = `write ConfigMap ${changeLogName}`;
    try {
      const path = `${folder(namespace)}/${changeLogName}`;
      const contentType = 'application/merge-patch+json';
      await transport.call({ method: 'PATCH', path, body: { data }, contentType, operation, signal });
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'notFound') throw error;
      const metadata = { name: changeLogName, namespace, labels: { 'app.kubernetes.io/name': 'albatross' } };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      await transport.call({ method: 'POST', path: folder(namespace), body, operation, signal });
    }
  }
}

const folder = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;

/** The last ones, as many as fit. */
function bounded(changes: readonly string[]): readonly string[] {
  const last = changes.slice(-mostChanges);
  let bytes = 0;
  const first = last.findLastIndex((change) => (bytes += change.length + 1) > mostBytes);
  return last.slice(first + 1);
}

function shortened({ because, changes, ...rest }: Change): Change {
  const short = (text: string): string =>
    text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  const cut = changes?.map(({ field, from, to }) => ({ field, from: short(from), to: short(to) }));
  return { ...rest, because: short(because), ...(cut === undefined ? {} : { changes: cut }) };
}

function parsedLines(text: string): readonly Change[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => parsed<readonly Change[]>(`[${line}]`, []));
}

function parsed<T>(text: string, otherwise: T): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return otherwise;
  }
}
