// An API server's two answers, list and watch, in the hands of a test: every watch is opened, fed and broken by hand.

import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { KubeRequest, KubeTransport } from '../../../src/kube/transport.ts';

export type FakeWatch = {
  readonly query: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Sends one event of a Namespace with that name and resource version. */
  readonly send: (type: string, name: string, resourceVersion: string, rest?: object) => void;
  readonly sendText: (text: string) => void;
  readonly close: () => void;
  readonly fail: (error: Error) => void;
};

const namespaceObject = (name: string, resourceVersion: string, rest: object = {}): object => ({
  metadata: { name, resourceVersion },
  ...rest,
});

export class FakeApi implements KubeTransport {
  readonly server = 'http://fake';
  /** What a list answers, page by page; an error is thrown. The last page is the answer to all further lists. */
  lists: (object | Error)[] = [];
  /** Errors that the next watches are refused with; then watches open. */
  refusals: Error[] = [];
  readonly watches: FakeWatch[] = [];
  /** `list`, `list (continue X)`, `watch from 5`. */
  readonly log: string[] = [];

  call = async ({ query = {}, signal }: KubeRequest): Promise<unknown> => {
    await setImmediate();
    signal?.throwIfAborted();
    const token = query['continue'];
    this.log.push(token === undefined ? 'list' : `list (continue ${token})`);
    const answer = this.lists.length > 1 ? this.lists.shift() : this.lists[0];
    if (answer instanceof Error) throw answer;
    return answer;
  };

  stream = async ({ query = {}, signal }: KubeRequest): Promise<AsyncIterable<Uint8Array>> => {
    this.log.push(`watch from ${query['resourceVersion']}`);
    await setImmediate();
    signal?.throwIfAborted();
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    const body = new PassThrough();
    const abort = (): void =>
      void body.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal?.addEventListener('abort', abort);
    const sendText = (text: string): void => void body.write(text);
    this.watches.push({
      query,
      signal,
      sendText,
      send: (type, name, resourceVersion, rest) =>
        sendText(`${JSON.stringify({ type, object: namespaceObject(name, resourceVersion, rest) })}\n`),
      close: () => void body.end(),
      fail: (error) => void body.destroy(error),
    });
    return body;
  };

  close = (): Promise<void> => Promise.resolve();

  /** The watch that was opened last. */
  get watch(): FakeWatch {
    const last = this.watches.at(-1);
    if (last === undefined) throw new Error('no watch was opened');
    return last;
  }

  /** One page of Namespaces, given as `name@version`. */
  page(resourceVersion: string, names: readonly string[], next?: string): object {
    return {
      metadata: { resourceVersion, ...(next === undefined ? {} : { continue: next }) },
      items: names.map((item) => {
        const [name = '', version = '1'] = item.split('@');
        return namespaceObject(name, version);
      }),
    };
  }
}

/** Lets everything run that waits for nothing but its turn. Streams take several turns for one chunk. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}
