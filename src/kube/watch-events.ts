import { errorOfAnswer, KubeError } from './kube-error.ts';

/** One line of a watch. `object` is still raw. */
export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
  readonly resourceVersion: string;
};

const eventTypes = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;

/** A line that cannot be read: an event is lost, so what the watch says from here on cannot be trusted. */
export class MalformedEventError extends Error {
  constructor(line: string) {
    // Not the line itself: it may be part of a Secret.
    super(`a watch sent a line of ${line.length} characters that is not an event`);
    this.name = 'MalformedEventError';
  }
}

/**
 * The events of a watch's byte stream. `onBytes` is told of every sign of life, events or not.
 *
 * @throws KubeError for an ERROR event and for a stream cut off inside a line; MalformedEventError for a broken line.
 */
export async function* watchEvents(
  stream: AsyncIterable<Uint8Array>,
  context: { readonly operation: string; readonly server: string; readonly onBytes: () => void },
): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    context.onBytes();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') yield eventOf(line, context);
    }
  }
  if (rest.trim() !== '') {
    const { operation } = context;
    throw new KubeError({
      kind: 'unreachable',
      operation,
      message: 'the watch was cut off in the middle of an event',
    });
  }
}

function eventOf(line: string, context: { readonly operation: string; readonly server: string }): WatchEvent {
  const { type: typeText, object } = parsedLine(line);
  const raw = record(object);
  if (raw === undefined) throw new MalformedEventError(line);
  if (typeText === 'ERROR') {
    const status = typeof raw['code'] === 'number' ? raw['code'] : 500;
    throw errorOfAnswer({ ...context, status, body: raw });
  }
  const type = eventTypes.find((known) => known === typeText);
  const resourceVersion = record(raw['metadata'])?.['resourceVersion'];
  if (type === undefined || typeof resourceVersion !== 'string') throw new MalformedEventError(line);
  return { type, object: raw, resourceVersion };
}

function parsedLine(line: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(line)) ?? {};
  } catch {
    throw new MalformedEventError(line);
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
