import type { Node } from './cluster.ts';

/** How a pod ends, from its spec. */
export type PodEnding = {
  /** `namespace/name` */
  readonly pod: string;
  /** terminationGracePeriodSeconds; it includes the preStop hooks. */
  readonly graceSeconds: number;
  /** The longest sleep of a container's preStop hook; undefined: a hook that is no plain sleep. */
  readonly sleepSeconds: number | undefined;
};

/** RFC 3339: since when no target group of this cluster has the node. Termination tooling can wait for it. */
export const drainedAnnotation = 'albatross.dev/drained';

/** Whether the annotation is to be set, with the time of now, or to go. */
export type NodeAnnotation = { readonly node: Node; readonly drained: boolean };
