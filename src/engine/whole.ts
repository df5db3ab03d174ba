import type { Snapshot } from '../core/domain/snapshot.ts';

/** While lists of the cluster are incomplete, deletes wait; no change of an object will wake us when they are whole. */
export const incompleteRetryMs = 15_000;

/** Whether the lists are whole whose gaps could read as "nobody wants this any more" (DESIGN §4.6). */
export function isWhole({ complete }: Snapshot): boolean {
  return (['Ingress', 'IngressClass', 'IngressClassParams', 'Service'] as const).every((kind) =>
    complete.has(kind),
  );
}
