/**
 * A local Kubernetes API: lists, watches and writes over plain HTTP on the loopback interface, for the kinds that Albatross and its
 * users touch. Good enough for `kubectl` and for the controller, with faults on request; the real kube-apiserver is the judge
 * of what is right. It has no controllers of its own but namespace deletion and garbage collection; `workloads.ts` stands in
 * for the rest.
 */
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { systemClock } from '../../lib/clock.ts';
import { Admission, type ServiceAddress } from './admission/admission.ts';
import { Catalogue } from './catalogue.ts';
import { Deletion } from './deletion.ts';
import { Faults } from './http/faults.ts';
import type { ServerContext, TraceEntry } from './http/server.ts';
import { createApiServer } from './http/server.ts';
import { LocalObjects } from './local-objects.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { ObjectApi } from './object-api.ts';
import type { Listener } from './store.ts';
import { Store } from './store.ts';
import { uuidV5 } from './uuid.ts';

export type KubeSimulatorOptions = {
  /** TCP port on 127.0.0.1; default 0 = any free one. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Missing namespaces come into being with their first object; default false, as in a real cluster. */
  readonly createNamespaces?: boolean;
  /** Pins UIDs; where it returns undefined the UID is made up. */
  readonly uid?: (kind: string, namespace: string, name: string) => string | undefined;
  /** Bearer tokens that are let in; absent = no authentication. */
  readonly tokens?: readonly string[];
  /** How many changes a watch may lie behind before it gets 410; default 10000. */
  readonly historyLimit?: number;
  /** Where the Service of a webhook is reached, as the start of a URL; undefined, or absent: nowhere. */
  readonly webhookService?: ServiceAddress;
  /** How often watches that ask for bookmarks get one; default 60 s, about the API server's pace. */
  readonly bookmarkIntervalMs?: number;
};

export type KubeSimulator = {
  readonly url: string;
  /** A kubeconfig for this server as YAML text. */
  kubeconfig(): string;
  /** The objects, read and written inside this process. */
  readonly store: LocalObjects;
  readonly faults: Faults;
  /** The requests for resources that were answered, oldest first; of very many the newest 50,000 or more. */
  readonly trace: TraceEntry[];
  /** Forgets the history: open watches go on, but every resumption and every list in mid-paging gets 410. */
  compact(): void;
  /** Replaces the accepted tokens: those that are left out have expired. */
  setTokens(tokens: readonly string[]): void;
  /** Calls back on every change, synchronously; returns the way to stop that. */
  onChange(listener: Listener): () => void;
  close(): Promise<void>;
};

/** The API without a socket: what a server answers with, and what its users get of it. */
export type LocalApi = Pick<
  KubeSimulator,
  'store' | 'faults' | 'trace' | 'compact' | 'setTokens' | 'onChange'
> & {
  readonly context: ServerContext;
  /** The first token that is accepted, for a kubeconfig. */
  readonly token: () => string | undefined;
};

/** An API with the namespaces of a new cluster (default, kube-system, …). */
export function localApi(options: KubeSimulatorOptions = {}): LocalApi {
  const clock = options.clock ?? systemClock;
  const store = new Store(options.historyLimit ?? 10_000);
  const catalogue = new Catalogue(store);
  let made = 0;
  const objects = new ObjectApi({
    store,
    catalogue,
    deletion: new Deletion(store, catalogue, clock),
    clock,
    createNamespaces: options.createNamespaces ?? false,
    uid: (kind, namespace, name) =>
      options.uid?.(kind, namespace, name) ?? uuidV5(`${kind}/${namespace}/${name}/${++made}`),
  });
  const faults = new Faults();
  const trace: TraceEntry[] = [];
  let tokens = options.tokens;
  const admission = new Admission(store, options.webhookService);
  const local = new LocalObjects(store, catalogue, objects, admission);
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    local.ensureNamespace(name);
  return {
    store: local,
    faults,
    trace,
    compact: () => store.compact(),
    setTokens: (next) => {
      tokens = next;
    },
    token: () => tokens?.[0],
    onChange: (listener) => store.subscribe(listener),
    context: {
      store,
      catalogue,
      objects,
      admission,
      faults,
      clock,
      bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
      tokens: () => tokens,
      record: (entry) => {
        trace.push(entry);
        if (trace.length > longestTrace * 2) trace.splice(0, longestTrace);
      },
    },
  };
}

/** Starts a server for a new API; resolves when it listens. */
export async function startKubeSimulator(options: KubeSimulatorOptions = {}): Promise<KubeSimulator> {
  const { context, token, ...api } = localApi(options);
  const server = createApiServer(context);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...api,
    url,
    kubeconfig: () => kubeconfigText({ url, token: token(), namespace: 'default' }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const longestTrace = 50_000;
