import { homedir } from 'node:os';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../lib/clock.ts';
import { fileTrouble } from '../lib/file-trouble.ts';
import { KubeError } from './kube-error.ts';

export type TlsMaterial = {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
};
export type Credentials = { readonly headers: Readonly<Record<string, string>>; readonly tls: TlsMaterial };

/** Which API server we talk to, and how we prove who we are. */
export type KubeAccess = {
  /** URL without a trailing slash. */
  readonly server: string;
  readonly context: string;
  /** Namespace of the context: our own one inside a cluster. */
  readonly namespace: string;
  /**
   * Headers and TLS material, read anew at most every 30 s and by one reader at a time (a credential plug-in is a
   * process). `refused` are credentials that the server did not take: they are read anew at once, from the file on.
   *
   * @throws KubeError `unauthorized` when they cannot be had.
   */
  readonly credentials: (refused?: Credentials) => Promise<Credentials>;
};

const freshForMs = 30_000;

/**
 * Finds the API server: the given kubeconfig file, else $KUBECONFIG, else ~/.kube/config, else the ServiceAccount of the
 * Pod we run in. This file is the only one that loads client-node: importing it takes 0.4 s and 85 MB.
 *
 * @throws KubeError `invalid` when there is no usable configuration; the message says where it looked.
 */
export async function loadKubeConfig(options: {
  readonly kubeconfig?: string | undefined;
  readonly clock: Clock;
}): Promise<KubeAccess> {
  const first = await load(options.kubeconfig);
  const cluster = first.getCurrentCluster();
  const context = first.getContextObject(first.getCurrentContext());
  if (cluster === null || context === null) throw noContext(first, options.kubeconfig);
  let config: KubeConfig | undefined = first;
  const read = async (): Promise<Credentials> => {
    config ??= await load(options.kubeconfig);
    return readCredentials(config);
  };
  return {
    server: cluster.server.replace(/\/+$/, ''),
    context: context.name,
    namespace: context.namespace ?? 'default',
    credentials: cached(options.clock, read, () => {
      config = undefined;
    }),
  };
}

/** Access without a kubeconfig: for servers that ask for no credentials, or for the given headers. */
export function plainAccess(server: string, headers: Readonly<Record<string, string>> = {}): KubeAccess {
  const credentials: Credentials = { headers, tls: {} };
  return {
    server: server.replace(/\/+$/, ''),
    context: '',
    namespace: 'default',
    credentials: () => Promise.resolve(credentials),
  };
}

function cached(
  clock: Clock,
  read: () => Promise<Credentials>,
  forget: () => void,
): (refused?: Credentials) => Promise<Credentials> {
  let current: { readonly credentials: Credentials; readonly readAt: number } | undefined;
  let reading: Promise<Credentials> | undefined;
  const readOnce = async (): Promise<Credentials> => {
    try {
      const credentials = await read();
      current = { credentials, readAt: clock.now() };
      return credentials;
    } finally {
      reading = undefined;
    }
  };
  return (refused) => {
    if (reading !== undefined) return reading;
    const fresh = current !== undefined && clock.now() - current.readAt < freshForMs;
    // Somebody else may have replaced the refused ones already.
    if (fresh && current !== undefined && current.credentials !== refused)
      return Promise.resolve(current.credentials);
    if (refused !== undefined) forget();
    reading = readOnce();
    return reading;
  };
}

async function load(kubeconfig: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import('./client-node.ts');
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    const why = fileTrouble(error);
    throw unusable(
      `the kubeconfig ${kubeconfig ?? process.env['KUBECONFIG'] ?? ''} cannot be read: ${why}`,
      error,
    );
  }
  // client-node's last resort is http://localhost:8080, which would only fail later and say less.
  if (config.getCurrentContext() === 'loaded-context') throw unusable(nothingFound());
  // It refuses plain HTTP unless told not to verify TLS, of which there is none.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http://') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

function nothingFound(): string {
  return (
    `no kubeconfig: --kubeconfig and KUBECONFIG are not set, ${homedir()}/.kube/config does not exist, and this is not ` +
    'a Pod with a ServiceAccount token; give --kubeconfig=FILE'
  );
}

function noContext(config: KubeConfig, kubeconfig: string | undefined): KubeError {
  const contexts = config.getContexts().map((context) => context.name);
  const current = config.getCurrentContext() || '(none)';
  return unusable(
    `the current context ${current} of the kubeconfig ${kubeconfig ?? ''} does not lead to a cluster; it has the ` +
      `contexts ${contexts.join(', ') || '(none)'}; choose one with \`kubectl config use-context\``,
  );
}

function unusable(message: string, cause?: unknown): KubeError {
  return new KubeError({ kind: 'invalid', operation: 'read the kubeconfig', message, cause });
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const proxy = config.getCurrentCluster()?.proxyUrl;
  if (proxy !== undefined)
    throw unusable(`proxy-url (${proxy}) is not supported; remove it from the cluster`);
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const message = `cannot get credentials: ${error instanceof Error ? error.message : String(error)}`;
    throw new KubeError({ kind: 'unauthorized', operation: 'read the credentials', message, cause: error });
  }
  const headers = headersOf(options.headers);
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return { headers, tls: tlsOf(options) };
}

function headersOf(found: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(typeof found === 'object' && found !== null ? found : {})) {
    // Token files end in a line break as often as not.
    if (typeof value === 'string') headers[name.toLowerCase()] = value.trim();
  }
  return headers;
}

function tlsOf(options: Parameters<KubeConfig['applyToHTTPSOptions']>[0]): TlsMaterial {
  const bytes = (value: unknown): string | Buffer | undefined =>
    typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined;
  const ca = bytes(options.ca);
  const cert = bytes(options.cert);
  const key = bytes(options.key);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
  };
}
