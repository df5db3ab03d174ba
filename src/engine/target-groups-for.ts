// Which target groups have to be looked at when an object of the cluster changes.

import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject } from '../core/domain/cluster.ts';
import type { Policy } from '../core/domain/config.ts';
import { namespacedName } from '../core/domain/ids.ts';
import type { ClusterChange } from '../core/domain/snapshot.ts';
import type { Binding, Memory } from './memory.ts';

/** Names of the target groups that a changed object may concern. */
export function targetGroupsFor(
  { kind, before, after }: ClusterChange,
  memory: Memory,
  policy: Policy,
): readonly string[] {
  const objects = [before, after].filter((object) => object !== undefined);
  switch (kind) {
    case 'EndpointSlice':
      return objects.flatMap((object) =>
        object.kind === 'EndpointSlice'
          ? [...memory.bindingsOf(namespacedName(object.meta.namespace, object.serviceName))]
          : [],
      );
    case 'Service':
      // Pods are the business of their endpoints, to ALBC.
      return objects
        .flatMap(({ meta }) => [...memory.bindingsOf(namespacedName(meta.namespace, meta.name))])
        .filter((name) => policy.compatibility === 'none' || !isToPods(memory.binding(name)));
    case 'Node':
      if (isSameNode(before, after)) return [];
      return matching(memory, ({ intent }) => intent.targetType === 'instance');
    case 'Pod':
      return matching(
        memory,
        ({ intent }) =>
          intent.targetType === 'ip' &&
          objects.some(({ meta }) => meta.namespace === intent.service.namespace),
      );
    case 'Ingress':
    case 'IngressClass':
    case 'IngressClassParams':
    case 'Namespace':
    case 'Secret':
    case 'TargetGroupBinding':
      return [];
  }
}

const isToPods = (binding: Binding | undefined): boolean => binding?.intent.targetType === 'ip';

/** Kubelets report every few minutes that nothing changed, and every target group would look at every node for it. */
function isSameNode(before: ClusterObject | undefined, after: ClusterObject | undefined): boolean {
  if (before?.kind !== 'Node' || after?.kind !== 'Node') return false;
  const [one, other] = [before, after].map(({ meta, ready, providerId, taints }) => ({
    id: [meta.name, meta.uid, providerId, ready],
    labels: meta.labels,
    taints,
  }));
  return isDeepStrictEqual(one, other);
}

function matching(memory: Memory, test: (binding: Binding) => boolean): readonly string[] {
  return [...memory.bindings()].filter(test).map(({ name }) => name);
}
