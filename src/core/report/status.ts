import type { Ingress, LoadBalancerStatus } from '../domain/cluster.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { ObjectRef } from '../domain/problem.ts';

export type StatusPatch = {
  readonly object: ObjectRef;
  readonly loadBalancers: readonly LoadBalancerStatus[];
};

/**
 * The status of every valid member: the load balancer's DNS name in lower case and all its ports (albc-behaviour §9.6),
 * where that differs from what the member has. Nothing while there is no load balancer with a listener; never cleared:
 * a name that may still answer is better than none.
 */
export function statusPatches(
  model: GroupModel,
  observed: ObservedGroup,
  ingresses: ReadonlyMap<NamespacedName, Ingress>,
): readonly StatusPatch[] {
  const wanted = statusOf(model, observed);
  if (wanted === undefined) return [];
  return model.members.flatMap((member) => {
    const present = ingresses.get(member.id);
    const same = present === undefined || isSame(present.status, wanted);
    return same ? [] : [{ object: member.ref, loadBalancers: [wanted] }];
  });
}

function statusOf(model: GroupModel, observed: ObservedGroup): LoadBalancerStatus | undefined {
  const serving = observed.loadBalancers.filter(({ listeners }) => listeners.length > 0);
  const found = serving.find(({ scheme }) => scheme === model.loadBalancer.scheme) ?? serving[0];
  if (found === undefined) return undefined;
  const ports = found.listeners.map(({ port }) => port).toSorted((a, b) => a - b);
  return { hostname: found.dnsName.toLowerCase(), ports };
}

function isSame(present: readonly LoadBalancerStatus[], wanted: LoadBalancerStatus): boolean {
  const [first] = present;
  if (present.length !== 1 || first === undefined || first.hostname !== wanted.hostname) return false;
  return String(first.ports.toSorted((a, b) => a - b)) === String(wanted.ports);
}
