import type { Node } from '../domain/cluster.ts';
import { instanceId } from './instances.ts';

/** EC2 instances among the nodes, that of the node named `first` before the others. */
export function clusterInstances(nodes: Iterable<Node>, first: string | undefined): readonly string[] {
  return [...nodes]
    .toSorted((a, b) => Number(b.meta.name === first) - Number(a.meta.name === first))
    .flatMap((node) => instanceId(node) ?? []);
}
