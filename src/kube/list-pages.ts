import { KubeError } from './kube-error.ts';
import type { KubeTransport } from './transport.ts';

/** A page of 500 blocks the event loop for about 20 ms; smaller and larger ones were slower as a whole. */
const pageSize = '500';

/**
 * Every object under a path, page by page, still raw. Returns the resource version to watch from.
 *
 * @throws KubeError; `gone` also when the continue token expired in the middle. What was yielded until then is no list.
 */
export async function listPages(
  transport: KubeTransport,
  wanted: {
    readonly path: string;
    readonly operation: string;
    readonly signal: AbortSignal;
    readonly selection?: Readonly<Record<string, string>>;
  },
  onItem: (raw: unknown) => void,
): Promise<string> {
  const { selection, ...request } = wanted;
  let token: string | undefined;
  for (;;) {
    const page = await transport.call({
      ...request,
      method: 'GET',
      query: { ...selection, limit: pageSize, ...(token === undefined ? {} : { continue: token }) },
    });
    const { items, next, resourceVersion } = readPage(page, wanted.operation);
    for (const item of items) onItem(item);
    if (next === '') return resourceVersion;
    token = next;
  }
}

type Page = { readonly items: readonly unknown[]; readonly next: string; readonly resourceVersion: string };

function readPage(page: unknown, operation: string): Page {
  const list = record(page);
  const metadata = record(list['metadata']);
  const items = list['items'] ?? [];
  const resourceVersion = metadata['resourceVersion'];
  if (!Array.isArray(items) || typeof resourceVersion !== 'string') {
    throw new KubeError({
      kind: 'unavailable',
      operation,
      message: 'the API server answered with something that is not a list',
    });
  }
  const next = metadata['continue'];
  return { items, next: typeof next === 'string' ? next : '', resourceVersion };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
