// The cluster as it would be if everything that the controller serves were being deleted: what a tear-down plans with.

import type { Ingress } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import { type GroupKey, type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { identityOf } from './identity.ts';

/**
 * The snapshot with every Ingress and TargetGroupBinding on its way out, and one Ingress more for each of `orphans`: groups
 * that AWS has and no Ingress stands for.
 */
export function drained(snapshot: Snapshot, orphans: readonly GroupKey[], config: CoreConfig): Snapshot {
  const deletionTimestamp = '1970-01-01T00:00:00Z';
  const leaving = <Item extends { readonly meta: Ingress['meta'] }>(
    items: ReadonlyMap<NamespacedName, Item>,
  ): ReadonlyMap<NamespacedName, Item> =>
    new Map([...items].map(([id, item]) => [id, { ...item, meta: { deletionTimestamp, ...item.meta } }]));
  const standIns = orphans.map((key) => standIn(key, config));
  return {
    ...snapshot,
    ingresses: leaving(
      new Map([
        ...standIns.map(
          (ingress) => [namespacedName(ingress.meta.namespace, ingress.meta.name), ingress] as const,
        ),
        ...snapshot.ingresses,
      ]),
    ),
    targetGroupBindings: leaving(snapshot.targetGroupBindings),
  };
}

/** Nobody has such an Ingress: what is written to it goes nowhere. */
function standIn(key: GroupKey, { policy: { finalizer } }: CoreConfig): Ingress {
  const identity = identityOf(key);
  const isImplicit = identity.kind === 'implicit';
  return {
    kind: 'Ingress',
    meta: {
      namespace: isImplicit ? identity.namespace : 'kube-system',
      name: isImplicit ? identity.name : `albatross-orphan-${identity.name}`,
      uid: '',
      resourceVersion: '',
      generation: 0,
      annotations: {},
      labels: {},
      finalizers: [isImplicit ? finalizer.implicit : `${finalizer.explicitPrefix}${identity.name}`],
      creationTimestamp: '',
    },
    className: undefined,
    defaultBackend: undefined,
    rules: [],
    tls: [],
    status: [],
  };
}
