// The local Kubernetes API without sockets: the same handlers and faults, but with nothing but promises and the
// virtual clock between request and answer, so that a run is the same each time.

import { errorOfAnswer, errorOfConnection, type KubeError } from '../../src/kube/kube-error.ts';
import type { KubeRequest, KubeTransport } from '../../src/kube/transport.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { ApiError, statusError } from '../../src/simulator/kube/api-error.ts';
import type { FaultAction } from '../../src/simulator/kube/http/faults.ts';
import {
  type Answer,
  type ApiRequest,
  handleResource,
  verbOf,
} from '../../src/simulator/kube/http/handler.ts';
import { routeOf } from '../../src/simulator/kube/http/route.ts';
import { isForLater, type ServerContext, subjectOf } from '../../src/simulator/kube/http/server.ts';
import type { WatchSink } from '../../src/simulator/kube/http/watch.ts';

const server = 'https://cluster.test';
const callTimeoutMs = 30_000;
const latencyMs = 3;

/** `onFault` is told of every disturbance that met a request; `isCut` is true while nothing gets through. */
export function inProcessTransport(
  context: ServerContext,
  options: {
    readonly clock: Clock;
    readonly onFault: (kind: string) => void;
    readonly isCut: () => boolean;
  },
): KubeTransport {
  const { clock } = options;
  const reset = (wanted: KubeRequest): KubeError =>
    errorOfConnection(wanted.operation, server, Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  const hang = async (wanted: KubeRequest): Promise<never> => {
    await clock.sleep(callTimeoutMs, wanted.signal === undefined ? {} : { signal: wanted.signal });
    throw errorOfConnection(wanted.operation, server, new Error('no answer in time'));
  };
  const answered = async (
    wanted: KubeRequest,
  ): Promise<{ readonly answer: Answer; readonly fault: FaultAction | undefined }> => {
    await clock.sleep(latencyMs, wanted.signal === undefined ? {} : { signal: wanted.signal });
    if (options.isCut()) return hang(wanted);
    const request = requestOf(wanted);
    const route = routeOf(request.path, context.catalogue);
    const verb = verbOf(request.method, route, request.query);
    if (verb === undefined) throw statusError({ code: 405 });
    const fault = context.faults.take(subjectOf(route, verb, request));
    if (fault !== undefined) options.onFault(fault.kind === 'status' ? `status ${fault.code}` : fault.kind);
    if (fault?.kind === 'delay') await clock.sleep(fault.ms);
    if (fault !== undefined && !isForLater(fault, verb)) {
      if (fault.kind === 'status') throw statusError(fault);
      if (fault.kind === 'gone') throw statusError({ code: 410 });
      if (fault.kind === 'hang') return hang(wanted);
      throw reset(wanted);
    }
    const answer = await handleResource(context, request, { route, verb, fault });
    if (fault?.kind === 'truncate') throw reset(wanted);
    return { answer, fault };
  };
  const translated = async <T>(wanted: KubeRequest, work: () => Promise<T>): Promise<T> => {
    // As the real transport: credentials are read anew once.
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (wanted.signal?.aborted === true) throw wanted.signal.reason;
        if (!(error instanceof ApiError)) throw error;
        if (error.code === 401 && tries === 1) continue;
        const retryAfterMs =
          error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000;
        const { operation } = wanted;
        throw errorOfAnswer({ operation, server, status: error.code, body: error.toStatus(), retryAfterMs });
      }
    }
  };
  return {
    server,
    call: (wanted) =>
      translated(wanted, async () => {
        const { answer } = await answered(wanted);
        if (answer.kind !== 'body') throw new Error('a watch where a body was wanted');
        // Bytes in between, so that nobody shares an object with the store.
        return JSON.parse(JSON.stringify(answer.body)) as unknown;
      }),
    stream: (wanted) =>
      translated(wanted, async () => {
        const { answer } = await answered(wanted);
        if (answer.kind !== 'watch') throw new Error('a body where a watch was wanted');
        return streamOf(answer.start, { broken: () => reset(wanted), signal: wanted.signal, ...options });
      }),
    close: async () => undefined,
  };
}

function requestOf(wanted: KubeRequest): ApiRequest {
  return {
    method: wanted.method,
    path: wanted.path,
    query: new URLSearchParams(wanted.query),
    accept: 'application/json',
    contentType: wanted.contentType ?? 'application/json',
    userAgent: 'albatross',
    body: Buffer.from(wanted.body === undefined ? '' : JSON.stringify(wanted.body)),
  };
}

type End = { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: unknown };

/** The lines of a watch as a client reads them; what was written before an end is read first. */
async function* streamOf(
  start: (sink: WatchSink) => void,
  options: {
    readonly signal: AbortSignal | undefined;
    readonly broken: () => KubeError;
    readonly isCut: () => boolean;
  },
): AsyncGenerator<Uint8Array> {
  const lines: string[] = [];
  const closed = new AbortController();
  let end: End | undefined;
  let wake: () => void = () => undefined;
  const finish = (how: End): void => {
    end ??= how;
    wake();
  };
  options.signal?.addEventListener('abort', () => finish({ kind: 'error', error: options.signal?.reason }), {
    once: true,
  });
  start({
    write: (line) => {
      if (options.isCut()) return;
      lines.push(line);
      wake();
    },
    end: () => finish({ kind: 'end' }),
    destroy: () => finish({ kind: 'error', error: options.broken() }),
    closed: closed.signal,
  });
  const encoder = new TextEncoder();
  try {
    for (;;) {
      const next = lines.shift();
      if (next !== undefined) yield encoder.encode(next);
      else if (end?.kind === 'error') throw end.error;
      else if (end !== undefined) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    closed.abort();
  }
}
