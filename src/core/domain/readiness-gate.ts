import type { Pod, PodCondition } from './cluster.ts';
import { namespacedName } from './ids.ts';
import type { ObjectRef } from './problem.ts';

/** ALBC's prefix of condition types, which pods carry in their specs (albc-behaviour §7.8). */
const prefix = 'target-health.elbv2.k8s.aws/';

/** The condition type of the gate that stands for a target group; `name` is that of ALBC's TargetGroupBinding. */
export const gateOf = (name: string): string => `${prefix}${name}`;

/** Whether a readiness gate is about the health of a target, of whichever controller. */
export const isTargetHealthGate = (conditionType: string): boolean => conditionType.startsWith(prefix);

/**
 * What a pod waits for, as the engine names it: a target group by its name, or a user's TargetGroupBinding in the pod's
 * namespace. A gate does not say which of the two it means.
 */
export const waitsFor = ({ meta, readinessGates }: Pod): readonly string[] =>
  readinessGates.filter(isTargetHealthGate).flatMap((type) => {
    const name = type.slice(prefix.length);
    return [name, namespacedName(meta.namespace, name)];
  });

/** The gate of a target group, or of the binding `namespace/name`. */
export const gateFor = (key: string): string => gateOf(key.slice(key.lastIndexOf('/') + 1));

/** One condition of one pod to be set; other conditions stay as they are. */
export type PodConditionPatch = {
  /** With its uid: another pod of the same name is never written to. */
  readonly pod: ObjectRef;
  readonly condition: PodCondition;
  /** The moment of the last change of `status` stays unless it changes. */
  readonly changesStatus: boolean;
};
