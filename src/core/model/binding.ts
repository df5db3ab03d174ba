// Who a TargetGroupBinding belongs to, and by which names and marks it is known (albc-behaviour §7).

import type { TargetGroupBinding } from '../domain/cluster.ts';
import type { Policy } from '../domain/config.ts';
import { type GroupKey, groupKey, type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** ALBC's; both controllers keep a binding until its targets are out. */
export const bindingFinalizer = 'elbv2.k8s.aws/resources';

const keyStart = '(binding) ';

/** Key of a binding beside the keys of groups; parentheses cannot occur in a group's name. */
export function bindingKey({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): GroupKey {
  return groupKey(`${keyStart}${namespacedName(namespace, name)}`);
}

/** The binding that a key stands for; undefined for the key of a group. */
export function bindingIdOf(key: GroupKey): NamespacedName | undefined {
  return key.startsWith(keyStart) ? (key.slice(keyStart.length) as NamespacedName) : undefined;
}

/** Labels by which ALBC finds the objects that it keeps for Ingresses, Services and Gateways (albc-behaviour §5.4). */
const stackLabel = /^(?:ingress|service|gateway)\.k8s\.aws[^/]*\/stack/;

/** Whether a user wrote it. The others are ALBC's own bookkeeping, and serve nobody else. */
export function isWrittenByUser({ meta }: TargetGroupBinding): boolean {
  return !Object.keys(meta.labels).some((label) => stackLabel.test(label));
}

/** Where ALBC writes down what it has last brought about for a binding (albc-behaviour §7.6). */
export const checkpoints = ['elbv2.k8s.aws/checkpoint', 'elbv2.k8s.aws/checkpoint-timestamp'] as const;

/** Whether ALBC has served it. */
export const hasCheckpoint = ({ meta }: TargetGroupBinding): boolean =>
  checkpoints.some((name) => name in meta.annotations);

/** Whether ALBC serves it beside us: two controllers would take each other's targets out. */
export const isLeftToAlbc = (binding: TargetGroupBinding, { bindingsOfAlbc }: Policy): boolean =>
  bindingsOfAlbc === 'leave' && hasCheckpoint(binding);

/** The group of Ingresses that ALBC keeps this object for. */
export function groupOfBinding({ meta: { labels } }: TargetGroupBinding): GroupKey | undefined {
  const group = labels['ingress.k8s.aws/stack'];
  const [namespace, name] = [labels['ingress.k8s.aws/stack-namespace'], labels['ingress.k8s.aws/stack-name']];
  if (group !== undefined) return groupKey(group);
  return namespace === undefined || name === undefined ? undefined : groupKey(`${namespace}/${name}`);
}

/** Keys of the bindings that users wrote. */
export function bindingKeys({ targetGroupBindings }: Snapshot): readonly GroupKey[] {
  return [...targetGroupBindings.values()]
    .filter(isWrittenByUser)
    .map(({ meta }) => bindingKey(meta))
    .toSorted();
}

/** The object that its problems and events are told on. */
export function bindingRef({ meta }: TargetGroupBinding): ObjectRef {
  const { namespace, name, uid } = meta;
  return { apiVersion: 'elbv2.k8s.aws/v1beta1', kind: 'TargetGroupBinding', namespace, name, uid };
}

/** Whether ALBC keeps nothing in the cluster: neither objects that it made for itself, nor bindings that it serves beside us. */
export function isAlone({ complete, targetGroupBindings }: Snapshot, policy: Policy): boolean {
  return (
    complete.has('TargetGroupBinding') &&
    [...targetGroupBindings.values()].every(
      (binding) => isWrittenByUser(binding) && !isLeftToAlbc(binding, policy),
    )
  );
}
