import type { PodEnding } from '../core/domain/draining.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import { decodePodEnding } from './decode/pod-ending.ts';
import { listPath } from './kinds.ts';
import { listPages } from './list-pages.ts';
import type { KubeTransport } from './transport.ts';

/** How a Pod ends, read now, as a list of one: that is allowed anyway. Undefined when it is gone. @throws KubeError, DecodeError */
export async function readPodEnding(
  transport: KubeTransport,
  pod: NamespacedName,
  { signal }: { readonly signal: AbortSignal },
): Promise<PodEnding | undefined> {
  const [namespace = '', name = ''] = pod.split('/');
  const found: unknown[] = [];
  await listPages(
    transport,
    {
      path: listPath('Pod', namespace),
      operation: `read Pod ${pod}`,
      signal,
      selection: { fieldSelector: `metadata.name=${name}` },
    },
    (raw) => found.push(raw),
  );
  return found.length === 0 ? undefined : decodePodEnding(found[0]);
}
