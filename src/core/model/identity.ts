// What names a group: its key, its finalizer, and the way back from a finalizer to the key.

import type { Ingress } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { GroupIdentity } from '../domain/group-model.ts';
import { type GroupKey, groupKey } from '../domain/ids.ts';

/** The group's name, or `namespace/name` of the one Ingress; no group name contains a slash, so the two never meet. */
export function keyOf(identity: GroupIdentity): GroupKey {
  return groupKey(identity.kind === 'explicit' ? identity.name : `${identity.namespace}/${identity.name}`);
}

/** The key of the group that a shard is of; that of a group is its own. No group's name contains `_`. */
export function baseOf(key: GroupKey): GroupKey {
  const at = key.indexOf('_');
  return at < 0 ? key : groupKey(key.slice(0, at));
}

/** The identity that a key stands for. */
export function identityOf(key: GroupKey): GroupIdentity {
  const slash = key.indexOf('/');
  return slash < 0
    ? { kind: 'explicit', name: key }
    : { kind: 'implicit', namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Keys of the groups whose finalizers an Ingress holds, sorted. */
export function finalizerKeys(ingress: Ingress, config: CoreConfig): readonly GroupKey[] {
  const { implicit, explicitPrefix } = config.policy.finalizer;
  const keys = ingress.meta.finalizers.flatMap((finalizer) => {
    if (finalizer === implicit) return [keyOf(implicitIdentity(ingress))];
    return finalizer.startsWith(explicitPrefix) ? [groupKey(finalizer.slice(explicitPrefix.length))] : [];
  });
  return keys.length < 2 ? keys : [...new Set(keys)].toSorted();
}

/** The group of an Ingress that names none: itself. */
export function implicitIdentity(ingress: Ingress): GroupIdentity {
  return { kind: 'implicit', namespace: ingress.meta.namespace, name: ingress.meta.name };
}
