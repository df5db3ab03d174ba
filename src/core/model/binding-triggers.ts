// Which bindings a change in the cluster may concern.

import { isEqual } from '../../lib/canonical.ts';
import type { TargetGroupBinding } from '../domain/cluster.ts';
import type { Policy } from '../domain/config.ts';
import { type GroupKey, type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { ClusterChange, Snapshot } from '../domain/snapshot.ts';
import { bindingKey, groupOfBinding, hasCheckpoint, isWrittenByUser } from './binding.ts';

/**
 * Keys of the bindings that a change may concern, and of the groups that ALBC kept changed bindings for. `snapshot` is the
 * one after the change. ALBC looks at a binding to pods when their endpoints change, not when their Service goes.
 */
export function bindingKeysForChange(
  { before, after }: ClusterChange,
  { targetGroupBindings }: Snapshot,
  policy: Policy,
): readonly GroupKey[] {
  const all = [...targetGroupBindings.values()];
  const isGone = after === undefined;
  const toPods = ({ targetType }: TargetGroupBinding): boolean => targetType === 'ip';
  const byEndpoints = policy.compatibility === 'albc';
  const keys = [before, after].flatMap((object) => {
    if (object?.kind === 'Service') {
      if (isEqual(serviceMeaning(before), serviceMeaning(after))) return [];
      const id = namespacedName(object.meta.namespace, object.meta.name);
      return all
        .filter((binding) => isOfService(binding, id) && !(isGone && byEndpoints && toPods(binding)))
        .map(({ meta }) => bindingKey(meta));
    }
    if (object?.kind === 'EndpointSlice') {
      if (!isGone || !byEndpoints) return [];
      const id = namespacedName(object.meta.namespace, object.serviceName);
      return all
        .filter((binding) => isOfService(binding, id) && toPods(binding))
        .map(({ meta }) => bindingKey(meta));
    }
    if (object?.kind !== 'TargetGroupBinding' || isEqual(meaning(before), meaning(after))) return [];
    return keysOf(object, all);
  });
  return [...new Set(keys)].toSorted();
}

function meaning(object: ClusterChange['after']): unknown {
  if (object?.kind !== 'TargetGroupBinding') return undefined;
  const { meta, observedGeneration: _status, ...spec } = object;
  const { uid, labels, finalizers, deletionTimestamp } = meta;
  const isDeleted = deletionTimestamp !== undefined;
  return { ...spec, uid, labels, finalizers, isDeleted, hasCheckpoint: hasCheckpoint(object) };
}

function serviceMeaning(object: ClusterChange['after']): unknown {
  return object?.kind === 'Service' ? [object.meta.uid, object.type, object.ports] : undefined;
}

function isOfService(binding: TargetGroupBinding, service: NamespacedName): boolean {
  const { meta, service: wanted } = binding;
  return isWrittenByUser(binding) && namespacedName(meta.namespace, wanted.name) === service;
}

/** Itself, and those that want the same target group: one of them may get its turn now. */
function keysOf(object: TargetGroupBinding, all: readonly TargetGroupBinding[]): readonly GroupKey[] {
  if (!isWrittenByUser(object)) {
    const group = groupOfBinding(object);
    return group === undefined ? [] : [group];
  }
  const rivals = all.filter((other) => isWrittenByUser(other) && mayShare(other, object));
  return [bindingKey(object.meta), ...rivals.map(({ meta }) => bindingKey(meta))];
}

/** One may name by ARN what the other calls by its name. */
function mayShare(one: TargetGroupBinding, other: TargetGroupBinding): boolean {
  const [a, b] = [one, other].map(({ targetGroupArn, targetGroupName }) => [
    targetGroupArn,
    targetGroupName ?? targetGroupArn?.split('/')[1],
  ]);
  return a?.some((name) => name !== undefined && b?.includes(name)) === true;
}
