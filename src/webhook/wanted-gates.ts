// Which target groups a new pod will be a target of: the readiness gates that it is born with (albc-behaviour §7.8).

import type { Service, TargetGroupBinding } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { TargetGroupIntent } from '../core/domain/group-model.ts';
import { type GroupKey, type NamespacedName, namespacedName } from '../core/domain/ids.ts';
import { gateOf } from '../core/domain/readiness-gate.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { targetGroupName } from '../core/desired/names.ts';
import { isLeftToAlbc, isWrittenByUser } from '../core/model/binding.ts';
import { groupModel } from '../core/model/group.ts';
import { keyOf } from '../core/model/identity.ts';
import { membership } from '../core/model/membership.ts';
import { namesService } from '../core/model/service-names.ts';

export type NewPod = {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type WantedGates = {
  readonly types: readonly string[];
  /** Why Ingresses that send to the pod gate it not; empty with ALBC's preset. */
  readonly without: readonly string[];
};

export type FindGates = (pod: NewPod, snapshot: Snapshot) => WantedGates;

/**
 * Condition types for every target group with pod addresses that gets the pod, sorted. A gate that nobody opens would keep the
 * pod out of every Service, so that only Ingresses count which have a load balancer and no mistake, and only bindings of users
 * that were served before; ALBC's preset counts every binding.
 *
 * Pods come in crowds, so what a group has is kept until an object changes that it follows from.
 */
export function gateFinder(config: CoreConfig): FindGates {
  const known = new Map<GroupKey, readonly Gated[]>();
  let seen: Snapshot | undefined;
  return (pod, snapshot) => {
    if (seen === undefined || !sameObjects(seen, snapshot)) known.clear();
    seen = snapshot;
    const services = [...snapshot.services.values()].filter((service) => selects(service, pod));
    if (services.length === 0) return { types: [], without: [] };
    const ids = new Set(services.map(({ meta }) => namespacedName(meta.namespace, meta.name)));
    const groups = [...groupsOf(services, snapshot, config)];
    const found = groups.flatMap(([key, members]): readonly Omit<Gated, 'service'>[] => {
      const gated = known.get(key) ?? gatedBy(key, snapshot, config);
      known.set(key, gated);
      const mine = gated.filter(({ service }) => ids.has(service));
      return mine.length > 0 ? mine : members.map((id) => ({ gate: undefined, why: held(id) }));
    });
    const gates = found.flatMap(({ gate }) => gate ?? []);
    const without = config.policy.compatibility === 'albc' ? [] : found.flatMap(({ why }) => why ?? []);
    return {
      types: [...new Set([...gates, ...gatesOfBindings(ids, snapshot, config)])].toSorted(),
      without: [...new Set(without)].toSorted(),
    };
  };
}

function gatesOfBindings(
  services: ReadonlySet<NamespacedName>,
  { targetGroupBindings }: Snapshot,
  { policy }: CoreConfig,
): readonly string[] {
  const isGated = (binding: TargetGroupBinding): boolean =>
    isWrittenByUser(binding) &&
    !isLeftToAlbc(binding, policy) &&
    binding.targetType === 'ip' &&
    binding.meta.deletionTimestamp === undefined &&
    services.has(namespacedName(binding.meta.namespace, binding.service.name)) &&
    (policy.compatibility === 'albc' || binding.observedGeneration > 0);
  return [...targetGroupBindings.values()].filter(isGated).map(({ meta }) => gateOf(meta.name));
}

type Gated = {
  readonly service: NamespacedName;
  readonly gate: string | undefined;
  /** Why there is none. */
  readonly why: string | undefined;
};

const held = (id: NamespacedName): string => `Ingress ${id} is not served as it stands: see its events`;

function gatedBy(key: GroupKey, snapshot: Snapshot, config: CoreConfig): readonly Gated[] {
  return groupModel(snapshot, key, config).targetGroups.map((intent) => {
    const why = ungated(intent, snapshot);
    return {
      service: namespacedName(intent.service.namespace, intent.service.name),
      gate: why === undefined ? gateOf(targetGroupName(config.clusterName, key, intent)) : undefined,
      why,
    };
  });
}

function ungated(
  { targetType, member, overflow }: TargetGroupIntent,
  snapshot: Snapshot,
): string | undefined {
  const ingress = `Ingress ${member.namespace}/${member.name}`;
  if (targetType !== 'ip') return `${ingress} sends to node ports (target-type instance)`;
  // Its pods may stop being targets, and which it is now only AWS knows.
  if (overflow?.kind === 'node-port')
    return `${ingress} may send to node ports (albatross.dev/target-overflow: node-port)`;
  return isServed(member, snapshot) ? undefined : `${ingress} has no load balancer yet`;
}

/** What a group's model is made of; a snapshot keeps the map of a kind while none of its objects changes. */
function sameObjects(a: Snapshot, b: Snapshot): boolean {
  return (
    a.ingresses === b.ingresses &&
    a.services === b.services &&
    a.ingressClasses === b.ingressClasses &&
    a.ingressClassParams === b.ingressClassParams &&
    a.namespaces === b.namespaces &&
    a.secrets === b.secrets &&
    [...a.complete].toSorted().join() === [...b.complete].toSorted().join()
  );
}

function selects({ meta, selector = {} }: Service, pod: NewPod): boolean {
  const labels = Object.entries(selector);
  return (
    meta.namespace === pod.namespace &&
    labels.length > 0 &&
    labels.every(([key, value]) => pod.labels[key] === value)
  );
}

/** Groups with Ingresses that name one of the Services, and those Ingresses. */
function groupsOf(
  services: readonly Service[],
  snapshot: Snapshot,
  config: CoreConfig,
): ReadonlyMap<GroupKey, readonly NamespacedName[]> {
  const named = [...snapshot.ingresses.values()].filter((ingress) =>
    services.some((service) => namesService(ingress, service)),
  );
  const groups = new Map<GroupKey, readonly NamespacedName[]>();
  for (const ingress of named) {
    const { current } = membership(ingress, snapshot, config);
    if (current === undefined) continue;
    const id = namespacedName(ingress.meta.namespace, ingress.meta.name);
    groups.set(keyOf(current), [...(groups.get(keyOf(current)) ?? []), id]);
  }
  return groups;
}

function isServed(
  member: { readonly namespace: string; readonly name: string },
  { ingresses }: Snapshot,
): boolean {
  const ingress = ingresses.get(namespacedName(member.namespace, member.name));
  return ingress !== undefined && ingress.status.length > 0;
}
