// Health of targets → the conditions of the pods that wait for it (albc-behaviour §7.8).

import type { Pod, PodCondition } from '../domain/cluster.ts';
import type { Policy } from '../domain/config.ts';
import type { NamespacedName } from '../domain/ids.ts';
import { gateFor, type PodConditionPatch } from '../domain/readiness-gate.ts';
import { type DesiredTarget, isDraining, type ObservedTarget, targetKey } from '../domain/target.ts';

type Input = {
  /** The target group by its name, or the binding `namespace/name`. */
  readonly key: string;
  readonly desired: readonly DesiredTarget[];
  readonly observed: readonly ObservedTarget[];
  readonly pods: ReadonlyMap<NamespacedName, Pod>;
  /** How many targets fit into the target group. */
  readonly limit: number;
  readonly policy: Policy;
};

export type ReadinessPlan = {
  readonly patches: readonly PodConditionPatch[];
  /** `10.0.0.1 8080 initial`: the targets that pods still wait for; only those need another look. */
  readonly waiting: readonly string[];
};

/**
 * The conditions that the pods of a target group should have and have not. As ALBC: True for a healthy target, False for
 * every other state, with AWS's reason and description.
 *
 * Without compatibility a pod never waits for what cannot come: the gate opens, with the reason, for a target that the load
 * balancer does not use or does not check, and for one that the full target group has no place for. And a gate that is open
 * stays open while the target is only being registered again.
 */
export function readinessPlan(input: Input): ReadinessPlan {
  const observed = new Map(input.observed.map((target) => [targetKey(target), target]));
  const present = input.observed.filter(({ state }) => !isDraining(state)).length;
  const gated = input.desired.flatMap((target) => {
    const pod = gatedPod(target, input);
    return pod === undefined ? [] : [{ target, pod, found: observed.get(targetKey(target)) }];
  });
  const type = gateFor(input.key);
  const wanted = gated.map((each) => {
    const before = each.pod.conditions.find((condition) => condition.type === type);
    const health = healthOf(each.found);
    const isFull = health === registering && each.found === undefined && present >= input.limit;
    const isAlbc = input.policy.compatibility === 'albc';
    const after = isAlbc ? albcCondition(type, health) : condition(type, { health, before, isFull });
    return { ...each, before, after };
  });
  return {
    patches: wanted.flatMap(({ pod, before, after }) => patchOf(pod, before, after)),
    waiting: wanted
      .filter(({ after }) => after.status !== 'True')
      .map(({ target, found }) => `${targetKey(target)} ${found?.state ?? ''}`),
  };
}

/** The patches that open the gate of a target group which is served no more, on every pod that still waits for it. */
export function releasedPods(
  key: string,
  { pods, namespace }: { readonly pods: ReadonlyMap<NamespacedName, Pod>; readonly namespace: string },
): readonly PodConditionPatch[] {
  const type = gateFor(key);
  const message = 'Target Group Binding is deleted';
  return [...pods.values()]
    .filter((pod) => pod.meta.namespace === namespace && pod.readinessGates.includes(type))
    .flatMap((pod) => {
      const before = pod.conditions.find((condition) => condition.type === type);
      return patchOf(pod, before, { type, status: 'True', reason: '', message });
    });
}

type Health = Pick<ObservedTarget, 'state' | 'reason' | 'description'>;

/** What AWS says of a target that it has just been given. */
const registering: Health = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};

/** What is not there, or drains, is about to be registered. */
function healthOf(found: ObservedTarget | undefined): Health {
  return found === undefined || isDraining(found.state) ? registering : found;
}

/** A slice may still name a pod that was deleted and made anew under the same name: the uid tells. */
function gatedPod({ object }: DesiredTarget, { key, pods }: Input): Pod | undefined {
  const pod = object.kind === 'Pod' ? pods.get(object.id) : undefined;
  if (pod === undefined || !pod.readinessGates.includes(gateFor(key))) return undefined;
  return object.uid === '' || object.uid === pod.meta.uid ? pod : undefined;
}

function albcCondition(type: string, { state, reason, description }: Health): PodCondition {
  return { type, status: state === 'healthy' ? 'True' : 'False', reason, message: description };
}

/** Reasons for which no health will ever come (API_TargetHealth). */
const hopeless = ['Target.NotInUse', 'Target.HealthCheckDisabled'];

function condition(
  type: string,
  {
    health,
    before,
    isFull,
  }: { readonly health: Health; readonly before: PodCondition | undefined; readonly isFull: boolean },
): PodCondition {
  if (isFull) {
    const message = 'The target group is full, so this pod gets no requests from the load balancer';
    return { type, status: 'True', reason: 'TargetGroupFull', message };
  }
  const plain = albcCondition(type, health);
  if (hopeless.includes(health.reason)) return { ...plain, status: 'True' };
  return health.state === 'initial' && before?.status === 'True' ? before : plain;
}

function patchOf(
  { meta }: Pod,
  before: PodCondition | undefined,
  condition: PodCondition,
): readonly PodConditionPatch[] {
  const isSame =
    before?.status === condition.status &&
    before.reason === condition.reason &&
    before.message === condition.message;
  if (isSame) return [];
  const { namespace, name, uid } = meta;
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
  return [{ pod, condition, changesStatus: before?.status !== condition.status }];
}
