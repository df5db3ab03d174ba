import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from './metrics.ts';

export type Address = { readonly host: string; readonly port: number } | 'off';

export type TelemetryOptions = {
  readonly metrics: Metrics;
  readonly metricsAddress: Address;
  readonly healthAddress: Address;
  /** Undefined: ready. Otherwise one clause that says what is missing. */
  readonly unready: () => string | undefined;
};

export type TelemetryServers = {
  /** The ports in use, for an address that asked for port 0; undefined when off. */
  readonly metricsPort: number | undefined;
  readonly healthPort: number | undefined;
  readonly close: () => Promise<void>;
};

/** An address that cannot be listened on; the message names it. */
export class ListenError extends Error {
  constructor(address: string, cause: Error) {
    super(`cannot listen on ${address}: ${cause.message}`, { cause });
    this.name = 'ListenError';
  }
}

type Answer = { readonly status: number; readonly contentType?: string; readonly body: string };
type Routes = Readonly<Record<string, () => Answer | Promise<Answer>>>;

/** Serves /metrics, and /healthz with /readyz, each on its address. Rejects when an address cannot be bound. */
export async function serveTelemetry(options: TelemetryOptions): Promise<TelemetryServers> {
  const metrics = await serve(options.metricsAddress, {
    '/metrics': async () => ({ status: 200, ...(await options.metrics.render()) }),
  });
  const health = await serve(options.healthAddress, {
    '/healthz': () => ({ status: 200, body: 'ok\n' }),
    '/readyz': () => {
      const why = options.unready();
      return why === undefined ? { status: 200, body: 'ok\n' } : { status: 503, body: `not ready: ${why}\n` };
    },
  });
  return {
    metricsPort: portOf(metrics),
    healthPort: portOf(health),
    close: async () => {
      await Promise.all([metrics, health].map(close));
    },
  };
}

async function serve(address: Address, routes: Routes): Promise<Server | undefined> {
  if (address === 'off') return undefined;
  const server = createServer((request, response) => {
    // Not by URL, which throws for some of what anybody may send.
    const [path = ''] = (request.url ?? '').split('?');
    void answer(response, Object.hasOwn(routes, path) ? routes[path] : undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError(`${address.host}:${address.port}`, error)));
    server.listen(address.port, address.host === '' ? undefined : address.host, resolve);
  });
  return server;
}

async function answer(
  response: ServerResponse,
  route: (() => Answer | Promise<Answer>) | undefined,
): Promise<void> {
  const { status, contentType, body } = await answerOf(route).catch((error: unknown) => ({
    status: 500,
    contentType: undefined,
    body: `${error instanceof Error ? error.message : String(error)}\n`,
  }));
  response.writeHead(status, { 'content-type': contentType ?? 'text/plain; charset=utf-8' }).end(body);
}

async function answerOf(route: (() => Answer | Promise<Answer>) | undefined): Promise<Answer> {
  return route === undefined ? { status: 404, body: 'not found\n' } : route();
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

async function close(server: Server | undefined): Promise<void> {
  if (server === undefined) return;
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
