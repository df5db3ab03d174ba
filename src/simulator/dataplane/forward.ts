import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import type { Backend } from './backend.ts';

/** The request as it leaves the load balancer: transforms applied, forwarding headers added. */
export type Outgoing = {
  readonly path: string;
  readonly host: string;
  readonly headers: OutgoingHttpHeaders;
};

/** Passes a request to a backend and its answer back; 502 when the backend refuses or breaks off (as ALB answers). */
export function forward(
  backend: Backend,
  incoming: IncomingMessage,
  response: ServerResponse,
  outgoing: Outgoing,
): void {
  if (backend.kind === 'handler') {
    // The handler reads the request that a real pod would see.
    incoming.url = outgoing.path;
    incoming.headers = Object.fromEntries(
      Object.entries({ ...outgoing.headers, host: outgoing.host }).map(([name, value]) => [
        name,
        String(value),
      ]),
    );
    backend.handle(incoming, response);
    return;
  }
  const upstream = httpRequest(
    {
      host: backend.host,
      port: backend.port,
      method: incoming.method,
      path: outgoing.path,
      headers: { ...outgoing.headers, host: outgoing.host },
    },
    (answer) => {
      const cookies = [response.getHeader('set-cookie') ?? [], answer.headers['set-cookie'] ?? []].flat();
      response.writeHead(answer.statusCode ?? 502, {
        ...answer.headers,
        ...(cookies.length > 0 && { 'set-cookie': cookies.map(String) }),
      });
      answer.pipe(response);
    },
  );
  upstream.on('error', () => {
    if (response.headersSent) response.destroy();
    else answerPlain(response, 502);
  });
  incoming.pipe(upstream);
}

const phrases: Readonly<Record<number, string>> = {
  401: 'Authorization Required',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** The page that ALB itself answers errors with. */
export function answerPlain(response: ServerResponse, status: number): void {
  const title = `${status} ${phrases[status] ?? ''}`.trim();
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  response.writeHead(status, {
    server: 'awselb/2.0',
    'content-type': 'text/html',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
