import type { Node } from '../core/domain/cluster.ts';
import type { ClusterChange } from '../core/domain/snapshot.ts';
import { isLeaving } from '../core/targets/instances.ts';

/** Nodes change several at a time, and each is a target of every target group of type instance. */
const changesMs = 1000;
/** A large cluster grows over some time, and does not wait for one node among many. */
const joinsMs = 10_000;
const isLarge = 50;

/** How long a change of a node may wait for others, so that they are one call for each target group; undefined: it is gone, and cannot wait. */
export function nodeDelay({ before, after }: ClusterChange, nodeCount: number): number | undefined {
  if (after?.kind !== 'Node') return undefined;
  const joins = takesPart(after) && !(before?.kind === 'Node' && takesPart(before));
  return joins && nodeCount >= isLarge ? joinsMs : changesMs;
}

const takesPart = ({ ready, taints }: Node): boolean => ready === 'True' && !taints.some(isLeaving);
