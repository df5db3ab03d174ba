import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { ApiError, methodNotAllowed, noSuchResource, statusError, unauthorized } from '../api-error.ts';
import type { JsonObject } from '../json.ts';
import { discoveryContentType, discoveryDocument } from './discovery.ts';
import type { FaultAction, Verb } from './faults.ts';
import type { Answer, ApiRequest, HandlerContext } from './handler.ts';
import { accessReview, handleResource, verbOf } from './handler.ts';
import type { Route } from './route.ts';
import { routeOf } from './route.ts';

/** One answered request, for assertions and for deriving RBAC rules. */
export type TraceEntry = {
  readonly verb: Verb;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** 0 when a fault let the request go unanswered. */
  readonly status: number;
  readonly userAgent: string;
};

export type ServerContext = HandlerContext & {
  /** Bearer tokens that are let in; undefined = everybody. A function, because tokens expire. */
  readonly tokens: () => readonly string[] | undefined;
  readonly record: (entry: TraceEntry) => void;
};

type Call = { readonly route: Route; readonly verb: Verb; readonly fault: FaultAction | undefined };

/** The HTTP side: reads requests, applies faults, writes answers and watch streams. */
export function createApiServer(context: ServerContext): Server {
  return createServer((incoming, response) => {
    serve(context, incoming, response).catch((error: unknown) => {
      const known = error instanceof ApiError ? error : statusError({ code: 500, message: String(error) });
      if (response.headersSent) response.destroy();
      else
        send(response, { kind: 'body', status: known.code, body: known.toStatus() }, known.retryAfterSeconds);
    });
  });
}

async function serve(
  context: ServerContext,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming);
  checkToken(context, incoming.headers.authorization);
  const general = answerGeneral(context, request, response);
  if (general) return;
  const route = routeOf(request.path, context.catalogue);
  const verb = verbOf(request.method, route, request.query);
  if (!verb) throw methodNotAllowed();
  const fault = context.faults.take(subjectOf(route, verb, request));
  const trace = (status: number): void => context.record(traceEntry(route, verb, request, status));
  if (fault?.kind === 'delay') await context.clock.sleep(fault.ms);
  if (failedByFault(fault, verb, response, trace)) return;
  let answer: Answer;
  try {
    answer = await handleResource(context, request, { route, verb, fault } satisfies Call);
  } catch (error) {
    trace(error instanceof ApiError ? error.code : 500);
    throw error;
  }
  trace(answer.kind === 'body' ? answer.status : 200);
  if (answer.kind === 'watch') startWatch(response, answer);
  else if (fault?.kind === 'truncate') truncate(response, answer.body);
  else send(response, answer);
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname.replace(/(.)\/$/, '$1'),
    query: url.searchParams,
    accept: incoming.headers.accept ?? '*/*',
    contentType: incoming.headers['content-type'] ?? '',
    userAgent: incoming.headers['user-agent'] ?? '',
    body: Buffer.concat(chunks),
  };
}

function checkToken(context: ServerContext, authorization: string | undefined): void {
  const tokens = context.tokens();
  if (tokens && !tokens.some((token) => authorization === `Bearer ${token}`)) throw unauthorized();
}

/** Health, discovery and access reviews; false when the path is a resource. */
function answerGeneral(context: ServerContext, request: ApiRequest, response: ServerResponse): boolean {
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(request.path)) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    return true;
  }
  const review = accessReview(request);
  if (review?.kind === 'body') {
    send(response, review);
    return true;
  }
  if (request.method !== 'GET') return false;
  const document = discoveryDocument(request.path, request.accept, context.catalogue);
  if (document) {
    response.writeHead(200, { 'content-type': discoveryContentType(document) }).end(JSON.stringify(document));
    return true;
  }
  if (!/^\/apis?\//.test(request.path)) throw noSuchResource();
  return false;
}

/** What faults see of a request. */
export function subjectOf(
  route: Route,
  verb: Verb,
  request: Pick<ApiRequest, 'query'>,
): Parameters<HandlerContext['faults']['take']>[0] {
  return {
    verb,
    resource: route.resource.plural,
    namespace: route.namespace ?? '',
    name: route.name ?? '',
    continued: request.query.has('continue'),
  };
}

function traceEntry(route: Route, verb: Verb, request: ApiRequest, status: number): TraceEntry {
  return {
    verb,
    group: route.resource.group,
    resource: route.resource.plural,
    subresource: route.subresource,
    namespace: route.namespace ?? '',
    name: route.name ?? '',
    status,
    userAgent: request.userAgent,
  };
}

/** Carries out a fault that answers instead of the handler; throws the status it stands for, or returns true when it answered. */
function failedByFault(
  fault: FaultAction | undefined,
  verb: Verb,
  response: ServerResponse,
  trace: (status: number) => void,
): boolean {
  if (!fault || isForLater(fault, verb)) return false;
  if (fault.kind === 'status' || fault.kind === 'gone') {
    const status = fault.kind === 'status' ? fault : { code: 410 };
    trace(status.code);
    throw statusError(status);
  }
  trace(fault.kind === 'malformed' ? 200 : 0);
  if (fault.kind === 'malformed') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"');
  }
  if (fault.kind === 'reset') response.destroy();
  return true;
}

/** Faults of a body or of an open watch, which the handler or the stream carries out. */
export function isForLater(fault: FaultAction, verb: Verb): boolean {
  switch (fault.kind) {
    case 'delay':
    case 'truncate':
      return true;
    case 'status':
      return false;
    case 'gone':
      return verb === 'watch' && fault.inStream === true;
    case 'reset':
      return verb === 'watch' && fault.afterEvents !== undefined;
    case 'hang':
    case 'malformed':
      return verb === 'watch';
  }
}

function send(
  response: ServerResponse,
  answer: Extract<Answer, { kind: 'body' }>,
  retryAfterSeconds?: number,
): void {
  const headers: Record<string, string | string[]> = { 'content-type': 'application/json' };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  if (answer.warnings && answer.warnings.length > 0) {
    headers['warning'] = answer.warnings.map((text) => `299 - ${JSON.stringify(text)}`);
  }
  response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
}

/** Announces the whole body, sends half of it and cuts the connection. */
function truncate(response: ServerResponse, body: JsonObject): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.write(text.subarray(0, Math.floor(text.length / 2)), () => response.destroy());
}

function startWatch(response: ServerResponse, answer: Extract<Answer, { kind: 'watch' }>): void {
  const closed = new AbortController();
  response.on('close', () => closed.abort());
  response.writeHead(200, { 'content-type': 'application/json' });
  // Clients learn that the watch is open from the headers, which Node would otherwise hold back until the first event.
  response.flushHeaders();
  answer.start({
    write: (line) => void response.write(line),
    end: () => void response.end(),
    destroy: () => void response.destroy(),
    closed: closed.signal,
  });
}
