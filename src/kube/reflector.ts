import type { ClusterObject } from '../core/domain/cluster.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import { backoffMs } from './backoff.ts';
import { KubeError } from './kube-error.ts';
import type { KubeLog } from './kube-log.ts';
import { listPages } from './list-pages.ts';
import { type ObjectChange, ObjectStore } from './object-store.ts';
import type { KubeTransport } from './transport.ts';
import { MalformedEventError, type WatchEvent, watchEvents } from './watch-events.ts';

/** Bookmarks come about once a minute, so a longer silence is a dead connection. */
const idleLimitMs = 90_000;
/** Without a sign of life for this long, what we hold may be history. Longer than one silent connection. */
const staleAfterMs = 120_000;
/** Connections break every day; what is mended within this time is not worth a word outside the log. */
const hiccupMs = 10_000;
/** A watch that lived this long, or brought an event, ends a series of failures; a mere 200 does not. */
const healthyAgeMs = 5_000;
/** After so many failed watches in a row the resource version itself is under suspicion (a restored etcd counts anew). */
const failuresBeforeRelist = 5;

export type ReflectorOptions<T extends ClusterObject> = {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: KubeLog;
  readonly kind: T['kind'];
  readonly path: string;
  /** Query that narrows list and watch, such as a `fieldSelector`; absent: all objects under the path. */
  readonly selection?: Readonly<Record<string, string>>;
  /** @throws DecodeError */
  readonly decode: (raw: unknown) => T;
  /** Which objects are kept at all, before they are decoded; absent: every one. */
  readonly keeps?: ((raw: unknown) => boolean) | undefined;
  /** Called after the store has changed; a whole new list is one call. */
  readonly onChanges: (changes: readonly ObjectChange<T>[]) => void;
};

/**
 * Keeps a copy of all objects of one kind: a paged LIST, then a WATCH for as long as it lives, for ever.
 *
 * Whatever fails, the copy stays readable and is never emptied: a new list replaces it as a whole once it is there.
 * Expired resource versions and broken lines lead to a new list, every other failure to a new watch, with growing delays.
 */
export class Reflector<T extends ClusterObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #synced = Promise.withResolvers<void>();
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  /** Of the connection attempt or the pause that is going on. */
  #current = new AbortController();
  /** Where the next watch starts; undefined: a list is due. */
  #resourceVersion: string | undefined;
  #aliveAt = Number.NEGATIVE_INFINITY;
  /** The server does not serve this kind (a CRD that is not installed), and we never saw an object of it. */
  #absent = false;
  #failures = 0;
  #trouble: string | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    const report = (message: string): void =>
      options.log.warn(
        { kind: options.kind },
        `an object is not as its API promises and keeps its last good state: ${message}`,
      );
    this.#store = new ObjectStore(options.decode, report, options.keeps);
  }

  get kind(): T['kind'] {
    return this.#options.kind;
  }

  get objects(): ReadonlyMap<NamespacedName, T> {
    return this.#store.objects;
  }

  /** Resolves when the first list is in. Never rejects: see `trouble`. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** What keeps us from the API server, in words; undefined while all is well, and for a hiccup that passes. */
  get trouble(): string | undefined {
    const passing = this.#options.clock.now() - this.#aliveAt <= hiccupMs;
    return passing || this.#absent ? undefined : this.#trouble;
  }

  /** Whether an object that is missing here is known to be missing: the copy is whole, fresh and fully readable. */
  complete(): boolean {
    const fresh = this.#options.clock.now() - this.#aliveAt <= staleAfterMs;
    const listed = this.#resourceVersion !== undefined || this.#absent;
    return fresh && listed && this.#store.unreadable === 0;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends the watch, also one that is just connecting. Nothing is reported after the promise has resolved. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#current.abort(new Error('stopped'));
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#current = new AbortController();
      const pauseMs = await this.#round(this.#current);
      if (pauseMs > 0 && !this.#stopping) {
        await this.#options.clock.sleep(pauseMs, { signal: this.#current.signal }).catch(() => undefined);
      }
    }
  }

  /** A list if one is due, then one watch to its end. Returns how long to wait before the next round. */
  async #round(controller: AbortController): Promise<number> {
    const watch = { openedAt: Number.POSITIVE_INFINITY, events: 0 };
    let failure: unknown;
    try {
      if (this.#resourceVersion === undefined) await this.#list(controller.signal);
      await this.#watch(controller, watch);
    } catch (error) {
      failure = error;
    }
    if (this.#stopping) return 0;
    const { clock, random } = this.#options;
    const healthy = watch.events > 0 || clock.now() - watch.openedAt >= healthyAgeMs;
    if (healthy) this.#failures = 0;
    if (healthy && failure === undefined) return 0;
    this.#failures += 1;
    this.#judge(failure ?? new Error('the server closed the watch at once'));
    const retryAfterMs = failure instanceof KubeError ? (failure.retryAfterMs ?? 0) : 0;
    return Math.max(retryAfterMs, backoffMs(this.#failures, random()));
  }

  /** Decides whether the resource version is still worth anything after a failure, and tells the log. */
  #judge(failure: unknown): void {
    const { kind, log } = this.#options;
    const worthless = failure instanceof KubeError && (failure.kind === 'gone' || failure.kind === 'invalid');
    if (worthless || failure instanceof MalformedEventError || this.#failures >= failuresBeforeRelist) {
      this.#resourceVersion = undefined;
    }
    const message = failure instanceof Error ? failure.message : String(failure);
    const news = message !== this.#trouble || this.#failures % 10 === 0;
    this.#trouble = message;
    if (news) log.warn({ kind, failures: this.#failures }, message);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { transport, path, kind, selection = {} } = this.#options;
    const replacement = this.#store.replacement();
    try {
      const wanted = { path, operation: `list ${path}`, signal, selection };
      const resourceVersion = await listPages(transport, wanted, replacement.add);
      if (this.#stopping) return;
      this.#resourceVersion = resourceVersion;
      this.#absent = false;
    } catch (error) {
      this.#absent = error instanceof KubeError && error.kind === 'notFound' && this.#store.size === 0;
      if (this.#absent) this.#alive();
      throw error;
    } finally {
      if (this.#absent) this.#synced.resolve();
    }
    this.#options.log.info({ kind, resourceVersion: this.#resourceVersion }, 'listed');
    const changes = replacement.commit();
    this.#alive();
    this.#tell(changes);
    this.#synced.resolve();
  }

  async #watch(controller: AbortController, watch: { openedAt: number; events: number }): Promise<void> {
    const { transport, path, random, clock, selection } = this.#options;
    const operation = `watch ${path}`;
    const ended = new AbortController();
    const alive = { at: clock.now() };
    const guard = this.#guard(controller, alive, ended.signal);
    try {
      const stream = await transport.stream({
        method: 'GET',
        path,
        operation,
        signal: controller.signal,
        query: {
          ...selection,
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion: this.#resourceVersion ?? '',
          // At random, so that the watches of all kinds and replicas do not end together.
          timeoutSeconds: String(Math.round(240 + 120 * random())),
        },
      });
      watch.openedAt = clock.now();
      const onBytes = (): void => {
        alive.at = clock.now();
        this.#alive();
      };
      onBytes();
      for await (const event of watchEvents(stream, { operation, server: transport.server, onBytes })) {
        if (this.#stopping) return;
        watch.events += this.#take(event);
      }
    } finally {
      ended.abort();
      await guard;
    }
  }

  /** Breaks the connection when it has been silent for too long. */
  async #guard(
    controller: AbortController,
    alive: { readonly at: number },
    ended: AbortSignal,
  ): Promise<void> {
    const { clock, path } = this.#options;
    while (!ended.aborted) {
      const left = alive.at + idleLimitMs - clock.now();
      if (left <= 0) {
        const message = `no sign of life from the API server for ${idleLimitMs / 1000} s`;
        controller.abort(new KubeError({ kind: 'unreachable', operation: `watch ${path}`, message }));
        return;
      }
      await clock.sleep(left, { signal: ended }).catch(() => undefined);
    }
  }

  /** Takes in one event. Returns 1 for news, 0 for a bookmark or what a server repeats. */
  #take(event: WatchEvent): 0 | 1 {
    const known = event.resourceVersion === this.#resourceVersion;
    this.#resourceVersion = event.resourceVersion;
    if (this.#trouble !== undefined) {
      this.#options.log.info({ kind: this.#options.kind }, 'watching again');
      this.#trouble = undefined;
    }
    if (event.type === 'BOOKMARK') return 0;
    const change =
      event.type === 'DELETED' ? this.#store.delete(event.object) : this.#store.set(event.object);
    if (change !== undefined) this.#tell([change]);
    return known ? 0 : 1;
  }

  #alive(): void {
    this.#aliveAt = this.#options.clock.now();
  }

  /** Handlers have no say in whether we go on watching. */
  #tell(changes: readonly ObjectChange<T>[]): void {
    if (changes.length === 0) return;
    try {
      this.#options.onChanges(changes);
    } catch (error) {
      const { kind, log } = this.#options;
      log.warn(
        { kind, error },
        `a listener failed on a change: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
