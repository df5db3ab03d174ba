// The Kubernetes edge: everything that talks to the API server is in this folder. Requests go through KubeTransport
// (connections, credentials, errors), objects come in through Reflector and decode/, and go out through write.ts.

import { Agent, type Dispatcher, request } from 'undici';
import type { Credentials, KubeAccess, TlsMaterial } from './kube-config.ts';
import { errorOfAnswer, errorOfConnection, KubeError } from './kube-error.ts';

export type KubeRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api` or `/apis` on, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the body; `application/json` unless said otherwise (patches). */
  readonly contentType?: string;
  /** For messages: "list Ingresses". */
  readonly operation: string;
  readonly signal?: AbortSignal;
};

/** How the Kubernetes edge calls the API server; the one implementation is HTTP, tests may pass another. */
export type KubeTransport = {
  readonly server: string;
  /** Sends a request and returns the parsed answer. @throws KubeError; the signal's reason when aborted. */
  readonly call: (request: KubeRequest) => Promise<unknown>;
  /** Opens a watch; the bytes come as they arrive, for as long as the server pleases. @throws as `call`, also in mid-stream. */
  readonly stream: (request: KubeRequest) => Promise<AsyncIterable<Uint8Array>>;
  /** Ends every connection. */
  readonly close: () => Promise<void>;
};

/** Of one short call, from connecting to the last byte; generous for a page of 500 large objects. */
const callTimeoutMs = 30_000;
const connectTimeoutMs = 10_000;
/** Of an unused connection; API servers keep theirs for longer than this. */
const keepAliveMs = 30_000;
/** A watch's answer starts at once; its body may be silent, and the reflector's watchdog looks after that. */
const watchHeadersTimeoutMs = 30_000;

type Agents = { readonly tls: TlsMaterial; readonly calls: Agent; readonly watches: Agent };

/**
 * HTTP/1.1 on purpose: one lost HTTP/2 session would end all watches together. The connections are made anew when the
 * certificates change.
 */
export function kubeTransport(access: KubeAccess): KubeTransport {
  const { server } = access;
  let agents: Agents | undefined;

  const agentsFor = ({ tls }: Credentials): Agents => {
    if (agents !== undefined && sameTls(agents.tls, tls)) return agents;
    // Open watches go on over the old connections until they end by themselves.
    for (const old of agents === undefined ? [] : [agents.calls, agents.watches]) void old.close();
    const connect = { ...tls, timeout: connectTimeoutMs };
    agents = {
      tls,
      calls: new Agent({
        connect,
        allowH2: false,
        connections: 8,
        keepAliveTimeout: keepAliveMs,
        headersTimeout: callTimeoutMs,
        bodyTimeout: callTimeoutMs,
      }),
      watches: new Agent({ connect, allowH2: false, headersTimeout: watchHeadersTimeoutMs, bodyTimeout: 0 }),
    };
    return agents;
  };

  const send = async (
    wanted: KubeRequest,
    pool: 'calls' | 'watches',
    refused?: Credentials,
  ): Promise<Dispatcher.ResponseData> => {
    const credentials = await access.credentials(refused);
    const answer = await request(urlOf(server, wanted), {
      dispatcher: agentsFor(credentials)[pool],
      method: wanted.method,
      headers: { ...credentials.headers, ...headersOf(wanted) },
      body: wanted.body === undefined ? null : JSON.stringify(wanted.body),
      signal: wanted.signal ?? null,
    });
    if (answer.statusCode !== 401 || refused !== undefined) return answer;
    await answer.body.dump();
    return send(wanted, pool, credentials);
  };

  /** Gives every failure of a connection its name; an abort stays what it was. */
  const guarded = async <T>(wanted: KubeRequest, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (wanted.signal?.aborted === true) throw wanted.signal.reason;
      throw error instanceof KubeError ? error : errorOfConnection(wanted.operation, server, error);
    }
  };

  const refusal = async (wanted: KubeRequest, answer: Dispatcher.ResponseData): Promise<KubeError> =>
    errorOfAnswer({
      operation: wanted.operation,
      server,
      status: answer.statusCode,
      body: parsedOrText(await answer.body.text()),
      retryAfterMs: retryAfterMs(answer.headers['retry-after']),
    });

  async function* chunks(wanted: KubeRequest, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      if (wanted.signal?.aborted === true) throw wanted.signal.reason;
      throw errorOfConnection(wanted.operation, server, error);
    }
  }

  return {
    server,
    call: (wanted) =>
      guarded(wanted, async () => {
        const answer = await send(wanted, 'calls');
        if (answer.statusCode >= 300) throw await refusal(wanted, answer);
        return parsed(wanted, server, await answer.body.text());
      }),
    stream: (wanted) =>
      guarded(wanted, async () => {
        const answer = await send(wanted, 'watches');
        if (answer.statusCode >= 300) throw await refusal(wanted, answer);
        return chunks(wanted, answer.body);
      }),
    close: async () => {
      const open = agents;
      agents = undefined;
      await Promise.all([open?.calls.destroy(), open?.watches.destroy()]);
    },
  };
}

function urlOf(server: string, { path, query = {} }: KubeRequest): string {
  const search = new URLSearchParams(query).toString();
  return `${server}${path}${search === '' ? '' : `?${search}`}`;
}

function headersOf({ body, contentType = 'application/json' }: KubeRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'albatross' };
  if (body !== undefined) headers['content-type'] = contentType;
  return headers;
}

function parsed({ operation }: KubeRequest, server: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    const message = `the server at ${server} answered with something that is not JSON; is it a Kubernetes API server?`;
    throw new KubeError({ kind: 'unavailable', operation, message, cause });
  }
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : (header ?? Number.NaN));
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function sameTls(a: TlsMaterial, b: TlsMaterial): boolean {
  const bytes = (value: string | Buffer | undefined): string => value?.toString() ?? '';
  return (
    bytes(a.ca) === bytes(b.ca) &&
    bytes(a.cert) === bytes(b.cert) &&
    bytes(a.key) === bytes(b.key) &&
    a.servername === b.servername &&
    a.rejectUnauthorized === b.rejectUnauthorized
  );
}
