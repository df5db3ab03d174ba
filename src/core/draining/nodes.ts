import type { Node } from '../domain/cluster.ts';
import { drainedAnnotation, type NodeAnnotation } from '../domain/draining.ts';
import type { ObservedTarget } from '../domain/target.ts';
import { instanceId, isLeaving } from '../targets/instances.ts';

/**
 * What the annotation of nodes should say and does not: that a node which an autoscaler is about to remove is registered
 * nowhere and has drained, and nothing on nodes that stay. `targets` are those of all target groups with nodes in them;
 * undefined: not all are known, so nothing is claimed.
 */
export function nodeAnnotations(
  nodes: Iterable<Node>,
  targets: readonly ObservedTarget[] | undefined,
): readonly NodeAnnotation[] {
  const present = new Set(targets?.map(({ id }) => id));
  return [...nodes].flatMap((node): readonly NodeAnnotation[] => {
    const instance = instanceId(node);
    const before = node.meta.annotations[drainedAnnotation];
    const goes = node.taints.some(isLeaving);
    const isDrained = targets !== undefined && instance !== undefined && !present.has(instance);
    if (goes && isDrained && before === undefined) return [{ node, drained: true }];
    const isWrong = !goes || (targets !== undefined && !isDrained);
    return isWrong && before !== undefined ? [{ node, drained: false }] : [];
  });
}
