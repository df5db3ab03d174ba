import type { Snapshot } from '../core/domain/snapshot.ts';
import type { Memory } from './memory.ts';

/** While lists of the cluster are incomplete, deletes wait; no change of an object will wake us when they are whole. */
export const incompleteRetryMs = 15_000;

/** Whether the lists are whole whose gaps could read as "nobody wants this any more" (DESIGN §4.6). */
export function isWhole({ complete }: Snapshot): boolean {
  return (['Ingress', 'IngressClass', 'IngressClassParams', 'Service'] as const).every((kind) =>
    complete.has(kind),
  );
}

/**
 * Whether all is known that says which nodes and pods must be reachable. A cluster whose nodes are all gone at once is
 * rather one whose nodes were lost from the API: somebody runs what is in it.
 */
export function isNetworkWhole(snapshot: Snapshot, memory: Pick<Memory, 'bindings'>): boolean {
  const { complete, nodes } = snapshot;
  const usesNodes = [...memory.bindings()].some(({ intent }) => intent.targetType === 'instance');
  return (
    isWhole(snapshot) &&
    (['TargetGroupBinding', 'EndpointSlice', 'Node'] as const).every((kind) => complete.has(kind)) &&
    (nodes.size > 0 || !usesNodes)
  );
}
