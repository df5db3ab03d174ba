import type { TestContext } from 'node:test';
import type { JsonObject } from '../../../../src/simulator/kube/json.ts';
import { at } from '../../../../src/simulator/kube/json.ts';
import type { KubeSimulator, KubeSimulatorOptions } from '../../../../src/simulator/kube/simulator.ts';
import { startKubeSimulator } from '../../../../src/simulator/kube/simulator.ts';

export type Reply = { readonly status: number; readonly body: JsonObject; readonly headers: Headers };

export type CallOptions = { readonly body?: unknown; readonly headers?: Record<string, string> };

/** A bare HTTP client: what is tested is the wire, not a client library. */
export type Client = {
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
  put(path: string, body: unknown): Promise<Reply>;
  patch(path: string, type: string, body: unknown): Promise<Reply>;
  delete(path: string, body?: unknown): Promise<Reply>;
  watch(path: string, headers?: Record<string, string>): Promise<WatchReader>;
};

/** Starts a simulator that ends with the test, and a client for it. */
export async function start(
  test: TestContext,
  options: KubeSimulatorOptions = {},
): Promise<{ readonly simulator: KubeSimulator; readonly client: Client }> {
  const simulator = await startKubeSimulator({ createNamespaces: true, ...options });
  test.after(() => simulator.close());
  return { simulator, client: clientFor(simulator.url) };
}

function clientFor(url: string): Client {
  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Reply> => {
    const init: RequestInit = { method, headers: { 'content-type': 'application/json', ...options.headers } };
    if (options.body !== undefined) {
      init.body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    }
    const response = await fetch(url + path, init);
    return {
      status: response.status,
      body: (await response.json()) as JsonObject,
      headers: response.headers,
    };
  };
  return {
    call,
    get: (path, headers) => call('GET', path, headers ? { headers } : {}),
    post: (path, body) => call('POST', path, { body }),
    put: (path, body) => call('PUT', path, { body }),
    patch: (path, type, body) =>
      call('PATCH', path, {
        body,
        headers: { 'content-type': type.includes('/') ? type : `application/${type}-patch+json` },
      }),
    delete: (path, body) => call('DELETE', path, body === undefined ? {} : { body }),
    watch: async (path, headers = {}) => {
      const over = new AbortController();
      const response = await fetch(url + path, { signal: over.signal, headers });
      return new WatchReader(response, over);
    },
  };
}

/** Reads a watch line by line. */
export class WatchReader {
  readonly status: number;
  readonly #lines: AsyncIterator<string>;
  readonly #over: AbortController;

  constructor(response: Response, over: AbortController) {
    this.status = response.status;
    this.#lines = linesOf(response);
    this.#over = over;
  }

  /** The next line, or undefined at the end. */
  async line(): Promise<string | undefined> {
    const next = await this.#lines.next();
    return next.done ? undefined : next.value;
  }

  async next(): Promise<JsonObject | undefined> {
    const line = await this.line();
    return line === undefined ? undefined : (JSON.parse(line) as JsonObject);
  }

  /** The next events as `TYPE name`. */
  async events(count: number): Promise<readonly string[]> {
    const events: string[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (!event) break;
      events.push(
        `${event['type'] as string} ${String(at(event['object'], 'metadata', 'name') as string | undefined)}`,
      );
    }
    return events;
  }

  close(): void {
    this.#over.abort();
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
