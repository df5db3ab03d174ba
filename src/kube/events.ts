import type { ObjectRef } from '../core/domain/problem.ts';
import type { Clock } from '../lib/clock.ts';
import { backoffMs } from './backoff.ts';
import { KubeError } from './kube-error.ts';
import type { KubeLog } from './kube-log.ts';
import type { KubeTransport } from './transport.ts';
import { textOf } from './write.ts';

export type KubeEvent = {
  readonly object: ObjectRef;
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase, at most 128 characters. */
  readonly reason: string;
  readonly message: string;
};

export type EventRecorderOptions = {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly log: KubeLog;
  /** `albatross`, or `ingress` as ALBC has it: what `kubectl describe` shows under From. */
  readonly component: string;
  /** Which replica: the name of the Pod. */
  readonly instance: string;
};

/** The same event within this time counts up instead of making a new object. */
export const sameEventMs = 10 * 60_000;
/** As client-go has it: each object may have 25 writes at once, and one more every five minutes. */
export const burst = 25;
export const refillMs = 5 * 60_000;
/** The API server's limit for the note of an event (events.k8s.io). */
const longestMessage = 1024;
const tries = 5;

type Series = {
  readonly event: KubeEvent;
  readonly path: string;
  readonly name: string;
  readonly firstAt: number;
  lastAt: number;
  count: number;
  /** In the cluster; later sightings patch it. */
  created: boolean;
  queued: boolean;
};

/**
 * Writes events, in the background and one at a time: a run of a group never waits for its events, and never fails for
 * them. Equal events count up (`kubectl describe` shows "x3 over 5m"); an object with too many loses the rest.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #budgets = new Map<string, { tokens: number; at: number }>();
  readonly #queue: Series[] = [];
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;
  #names = 0;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** How many events were not written: over an object's budget, or refused by the API server. */
  get dropped(): number {
    return this.#dropped;
  }

  record(event: KubeEvent): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.clock.now();
    if (!this.#afford(event, now)) {
      this.#dropped += 1;
      return;
    }
    const series = this.#seriesOf(event, now);
    series.count += 1;
    series.lastAt = now;
    if (series.queued) return;
    series.queued = true;
    this.#queue.push(series);
    this.#working ??= this.#work();
  }

  /** Resolves when what was recorded until now is written or given up. */
  async drained(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Gives up what is not written yet. Await `drained()` first to write it. */
  async stop(): Promise<void> {
    this.#queue.length = 0;
    this.#stop.abort(new Error('stopped'));
    await this.drained();
  }

  #afford({ object }: KubeEvent, now: number): boolean {
    const key = object.uid ?? textOf(object);
    const budget = this.#budgets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, budget.tokens + (now - budget.at) / refillMs);
    this.#budgets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }

  #seriesOf(event: KubeEvent, now: number): Series {
    const { object, type, reason, message } = event;
    const key = JSON.stringify([textOf(object), object.uid, type, reason, message]);
    const known = this.#series.get(key);
    if (known !== undefined && now - known.lastAt < sameEventMs) return known;
    this.#forgetOld(now);
    const namespace = object.namespace === '' ? 'default' : object.namespace;
    const series: Series = {
      event,
      path: `/api/v1/namespaces/${namespace}/events`,
      // As client-go names them: the object, then something unique. An event's name has 253 characters at most.
      name: `${object.name.slice(0, 220)}.${now.toString(16)}${(this.#names++).toString(16).padStart(4, '0')}`,
      firstAt: now,
      lastAt: now,
      count: 0,
      created: false,
      queued: false,
    };
    this.#series.set(key, series);
    return series;
  }

  #forgetOld(now: number): void {
    for (const [key, { lastAt }] of this.#series) {
      if (now - lastAt >= sameEventMs) this.#series.delete(key);
    }
    for (const [key, { at }] of this.#budgets) {
      if (now - at >= burst * refillMs) this.#budgets.delete(key);
    }
  }

  async #work(): Promise<void> {
    for (let series = this.#queue.shift(); series !== undefined; series = this.#queue.shift()) {
      series.queued = false;
      await this.#write(series);
    }
    this.#working = undefined;
  }

  async #write(series: Series): Promise<void> {
    const { clock, log } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#send(series);
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (attempt >= tries || !isPassing(error)) {
          this.#dropped += 1;
          const why = error instanceof Error ? error.message : String(error);
          log.warn({ reason: series.event.reason }, `an event was not written: ${why}`);
          return;
        }
        await clock.sleep(backoffMs(attempt + 3, 1), { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #send(series: Series): Promise<void> {
    const { transport } = this.#options;
    const operation = `write an event of ${textOf(series.event.object)}`;
    const { signal } = this.#stop;
    if (series.created) {
      const body = { count: series.count, lastTimestamp: timestamp(series.lastAt) };
      const contentType = 'application/merge-patch+json';
      const path = `${series.path}/${series.name}`;
      try {
        await transport.call({ method: 'PATCH', path, body, contentType, operation, signal });
        return;
      } catch (error) {
        // Events live for an hour, or until somebody deletes them.
        if (!(error instanceof KubeError) || error.kind !== 'notFound') throw error;
      }
    }
    await transport.call({ method: 'POST', path: series.path, body: this.#body(series), operation, signal });
    series.created = true;
  }

  #body({ event, name, firstAt, lastAt, count }: Series): object {
    const { object, type, reason, message } = event;
    const { component, instance } = this.#options;
    const { apiVersion, kind, namespace, name: objectName, uid } = object;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: namespace === '' ? 'default' : namespace },
      involvedObject: {
        apiVersion,
        kind,
        namespace,
        name: objectName,
        ...(uid === undefined ? {} : { uid }),
      },
      type,
      reason,
      message: message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message,
      count,
      firstTimestamp: timestamp(firstAt),
      lastTimestamp: timestamp(lastAt),
      source: { component, host: instance },
      reportingComponent: component,
      reportingInstance: instance,
    };
  }
}

/** Worth another try; a namespace that is being deleted takes no events any more. */
function isPassing(error: unknown): boolean {
  return error instanceof KubeError && ['unreachable', 'unavailable', 'throttled'].includes(error.kind);
}

/** RFC 3339 without fractions, as metav1.Time has it. */
function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
