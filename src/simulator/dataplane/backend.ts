import type { IncomingMessage, ServerResponse } from 'node:http';

/** What stands behind a target: a real HTTP server, or a program in this process that answers for a pod. */
export type Backend =
  | { readonly kind: 'address'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'handler';
      readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
    };

/** The pod that an echo answers for. */
export type EchoPod = { readonly namespace: string; readonly service: string; readonly pod: string };

/**
 * Answers every request with 200 and, as JSON, which pod got it and what the load balancer sent. An answer code can be
 * asked for with `?echo-status=503`. Every path is healthy.
 */
export function echo(pod: EchoPod): Backend {
  return {
    kind: 'handler',
    handle: (request, response) => {
      // Not by URL, which takes `//` for a host.
      const [path = '/', ...rest] = (request.url ?? '/').split('?');
      const query = rest.join('?');
      const status = Number(new URLSearchParams(query).get('echo-status') ?? 200);
      const body = JSON.stringify(
        {
          ...pod,
          method: request.method,
          path,
          query,
          host: request.headers.host,
          proto: `HTTP/${request.httpVersion}`,
          headers: request.headers,
        },
        null,
        2,
      );
      response.writeHead(status >= 200 && status <= 599 ? status : 200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body) + 1,
      });
      response.end(`${body}\n`);
    },
  };
}
