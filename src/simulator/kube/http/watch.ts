import type { Clock } from '../../../lib/clock.ts';
import { ApiError, expired } from '../api-error.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { apiVersionOf } from '../resource.ts';
import type { Store, StoreEvent } from '../store.ts';
import type { FaultAction } from './faults.ts';
import { checkRequestedRevision, listObjects, matcherOf } from './list.ts';
import type { Rendering } from './render.ts';
import type { Route } from './route.ts';

/** The open connection of a watch. */
export type WatchSink = {
  write(line: string): void;
  /** Ends it in good order. */
  end(): void;
  /** Cuts it. */
  destroy(): void;
  readonly closed: AbortSignal;
};

export type WatchOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly rendering: Rendering;
  readonly bookmarkIntervalMs: number;
  readonly fault: FaultAction | undefined;
};

/**
 * Prepares a watch; throws what is answered as a status (bad selector, unknown revision). The function it returns streams:
 * first the state (without a resourceVersion) or what the history has since then, then every change as it happens, with
 * bookmarks in between when asked for. It ends after `timeoutSeconds`, as the API server ends every watch.
 */
export function prepareWatch(options: WatchOptions): (sink: WatchSink) => void {
  const { store, route, query } = options;
  // A version that this store never gave out is one of an earlier run: waiting until it is reached would lose events.
  if (Number(query.get('resourceVersion') ?? 0) > store.revision) throw expired(tooOld);
  checkRequestedRevision(store, query);
  matcherOf(route, query);
  return (sink) => new WatchStream(options, sink).start();
}

class WatchStream {
  readonly #options: WatchOptions;
  readonly #sink: WatchSink;
  readonly #matches: (object: KubeObject) => boolean;
  readonly #over = new AbortController();
  #written = 0;
  #silent = false;

  constructor(options: WatchOptions, sink: WatchSink) {
    this.#options = options;
    this.#sink = sink;
    this.#matches = matcherOf(options.route, options.query);
  }

  start(): void {
    const { store, query, fault } = this.#options;
    this.#sink.closed.addEventListener('abort', () => this.#over.abort());
    if (fault?.kind === 'gone') {
      this.#fail(expired(tooOld));
      return;
    }
    this.#disturb();
    try {
      this.#catchUp();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#fail(error);
      return;
    }
    const unsubscribe = store.subscribe((event) => this.#forward(event));
    this.#over.signal.addEventListener('abort', unsubscribe);
    if (this.#over.signal.aborted) unsubscribe();
    if (query.get('allowWatchBookmarks') === 'true') void this.#bookmarks();
    void this.#timeout();
  }

  #catchUp(): void {
    const { store, route, query } = this.#options;
    const revision = query.get('resourceVersion') ?? '';
    const initial = query.get('sendInitialEvents');
    if (initial === 'true' || (initial !== 'false' && (revision === '' || revision === '0'))) {
      const withoutPaging = new URLSearchParams(query);
      withoutPaging.delete('limit');
      withoutPaging.delete('continue');
      for (const object of listObjects(store, route, withoutPaging).items) this.#send('ADDED', object);
      if (initial === 'true') this.#bookmark({ 'k8s.io/initial-events-end': 'true' });
      return;
    }
    if (revision === '' || revision === '0') return;
    for (const event of store.since(Number(revision))) this.#forward(event);
  }

  #forward(event: StoreEvent): void {
    const { route } = this.#options;
    if (event.storage !== route.resource.storage) return;
    if (route.namespace !== undefined && event.object.metadata.namespace !== route.namespace) return;
    const before = event.previous !== undefined && this.#matches(event.previous);
    const now = event.type !== 'DELETED' && this.#matches(event.object);
    if (now) this.#send(before ? 'MODIFIED' : 'ADDED', event.object);
    else if (before) this.#send('DELETED', event.object);
  }

  #send(type: string, object: KubeObject): void {
    this.#line({ type, object: this.#options.rendering.one(object) });
    this.#disturb();
  }

  #line(event: JsonObject): void {
    if (this.#silent || this.#over.signal.aborted) return;
    this.#sink.write(`${JSON.stringify(event)}\n`);
    this.#written++;
  }

  /** Carries out a fault once as many events have been sent as it lets pass. */
  #disturb(): void {
    const { fault } = this.#options;
    if (
      !fault ||
      !(
        'afterEvents' in fault ||
        fault.kind === 'hang' ||
        fault.kind === 'reset' ||
        fault.kind === 'malformed'
      )
    )
      return;
    if (this.#silent || this.#over.signal.aborted || this.#written !== (fault.afterEvents ?? 0)) return;
    if (fault.kind === 'hang') this.#silent = true;
    else if (fault.kind === 'malformed') {
      this.#sink.write('{"type":"MODIFIED","object":{"kin\n');
      this.#written++;
    } else {
      this.#over.abort();
      this.#sink.destroy();
    }
  }

  #bookmark(annotations?: JsonObject): void {
    const { store, route, rendering } = this.#options;
    const metadata = {
      resourceVersion: String(store.revision),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    };
    const object = { kind: route.resource.kind, apiVersion: apiVersionOf(route.resource), metadata };
    this.#line({ type: 'BOOKMARK', object: rendering.bookmark(object) });
  }

  async #bookmarks(): Promise<void> {
    while (!this.#over.signal.aborted) {
      try {
        await this.#options.clock.sleep(this.#options.bookmarkIntervalMs, { signal: this.#over.signal });
      } catch {
        return;
      }
      this.#bookmark();
    }
  }

  async #timeout(): Promise<void> {
    const seconds = Number(this.#options.query.get('timeoutSeconds') ?? 0) || defaultTimeoutSeconds;
    try {
      await this.#options.clock.sleep(seconds * 1000, { signal: this.#over.signal });
    } catch {
      return;
    }
    if (this.#silent) return;
    this.#over.abort();
    this.#sink.end();
  }

  #fail(error: ApiError): void {
    this.#line({ type: 'ERROR', object: error.toStatus() });
    this.#over.abort();
    this.#sink.end();
  }
}

const tooOld = 'The resourceVersion for the provided watch is too old.';

// The API server closes watches that name no timeout after 30 to 60 minutes (--min-request-timeout 1800).
const defaultTimeoutSeconds = 1800;
