// Which target groups a new pod will be a target of: the readiness gates that it is born with (albc-behaviour §7.8).

import type { Service } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { type GroupKey, namespacedName } from '../core/domain/ids.ts';
import { gateOf } from '../core/domain/readiness-gate.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { targetGroupName } from '../core/desired/names.ts';
import { groupModel } from '../core/model/group.ts';
import { keyOf } from '../core/model/identity.ts';
import { membership } from '../core/model/membership.ts';
import { namesService } from '../core/model/service-names.ts';

export type NewPod = {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
};

/**
 * Condition types for every target group with pod addresses that gets the pod, sorted. A gate that nobody opens would keep the
 * pod out of every Service, so that only Ingresses count which have a load balancer and no mistake.
 */
export function wantedGates(pod: NewPod, snapshot: Snapshot, config: CoreConfig): readonly string[] {
  const services = [...snapshot.services.values()].filter((service) => selects(service, pod));
  if (services.length === 0) return [];
  const ids = new Set(services.map(({ meta }) => namespacedName(meta.namespace, meta.name)));
  const keys = groupsOf(services, snapshot, config);
  const names = [...keys].flatMap((key) =>
    groupModel(snapshot, key, config)
      .targetGroups.filter(
        ({ targetType, service, member }) =>
          targetType === 'ip' &&
          ids.has(namespacedName(service.namespace, service.name)) &&
          isServed(member, snapshot),
      )
      .map((intent) => targetGroupName(config.clusterName, key, intent)),
  );
  return [...new Set(names)].toSorted().map(gateOf);
}

function selects({ meta, selector = {} }: Service, pod: NewPod): boolean {
  const labels = Object.entries(selector);
  return (
    meta.namespace === pod.namespace &&
    labels.length > 0 &&
    labels.every(([key, value]) => pod.labels[key] === value)
  );
}

function groupsOf(
  services: readonly Service[],
  snapshot: Snapshot,
  config: CoreConfig,
): ReadonlySet<GroupKey> {
  const named = [...snapshot.ingresses.values()].filter((ingress) =>
    services.some((service) => namesService(ingress, service)),
  );
  const current = named.flatMap((ingress) => membership(ingress, snapshot, config).current ?? []);
  return new Set(current.map(keyOf));
}

function isServed(
  member: { readonly namespace: string; readonly name: string },
  { ingresses }: Snapshot,
): boolean {
  const ingress = ingresses.get(namespacedName(member.namespace, member.name));
  return ingress !== undefined && ingress.status.length > 0;
}
