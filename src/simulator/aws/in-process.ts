import { Readable } from 'node:stream';
import { awsAnswer } from './answer.ts';
import type { ControlPlane } from './control-plane.ts';

type SdkRequest = {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
};
type SdkResponse = {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Record<string, string>;
    readonly body: Readable;
  };
};

/**
 * A `requestHandler` for SDK clients that answers without a socket: the same bytes, but with nothing but promises between call
 * and answer. So a test on a virtual clock stays deterministic, and thousands of runs stay quick.
 */
export const inProcessHandler = (
  controlPlane: ControlPlane,
): {
  readonly handle: (request: SdkRequest) => Promise<SdkResponse>;
  readonly updateHttpClientConfig: () => void;
  readonly httpHandlerConfigs: () => Record<string, never>;
} => ({
  handle: async ({ method, path, query, headers, body }) => {
    const lower = Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
    );
    // Not by Buffer.from: the SDK's JSON bodies are bytes that complain when they are asked for a primitive value.
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array | undefined);
    const answer = await awsAnswer(controlPlane, {
      method,
      path: `${path}${search(query)}`,
      headers: lower,
      body: text,
    });
    if (answer === undefined) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    return {
      response: {
        statusCode: answer.status,
        headers: answer.headers,
        body: Readable.from([Buffer.from(answer.body)]),
      },
    };
  },
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
});

function search(query: SdkRequest['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
    [value ?? ''].flat().map((one): [string, string] => [key, one]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}
