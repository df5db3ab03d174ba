import { isEqual } from '../../lib/canonical.ts';
import type { Ingress, LoadBalancerStatus } from '../domain/cluster.ts';
import type { Scheme } from '../domain/config.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup, ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { ObjectRef } from '../domain/problem.ts';

export type StatusPatch = {
  readonly object: ObjectRef;
  readonly loadBalancers: readonly LoadBalancerStatus[];
};

/**
 * The status of every valid member: the load balancer's DNS name in lower case and all its ports (albc-behaviour §9.6),
 * then the name of the network load balancer in front of it, if there is one; where that differs from what the member
 * has. Nothing while there is no load balancer with a listener; never cleared: a name that may still answer is better than none.
 * Nothing either for guests, and for members on their way from another group (`arriving`). The network load balancer that
 * members name stays named while it is there, for only a plan knows when another one leads anywhere (`movesFrontend`).
 */
export function statusPatches(
  model: GroupModel,
  observed: ObservedGroup,
  {
    ingresses,
    arriving = new Set(),
    movesFrontend = false,
  }: {
    readonly ingresses: ReadonlyMap<NamespacedName, Ingress>;
    readonly arriving?: ReadonlySet<NamespacedName> | undefined;
    readonly movesFrontend?: boolean;
  },
): readonly StatusPatch[] {
  const present = model.members.flatMap(({ id }) => ingresses.get(id)?.status ?? []);
  const named = new Set(movesFrontend ? [] : present.map(({ hostname }) => hostname));
  const wanted = statusOf(model, observed, named);
  if (wanted.length === 0) return [];
  return model.members.flatMap((member) => {
    if (model.guests?.has(member.id) === true || arriving.has(member.id)) return [];
    const present = ingresses.get(member.id);
    const same = present === undefined || isSame(present.status, wanted);
    return same ? [] : [{ object: member.ref, loadBalancers: wanted }];
  });
}

function statusOf(
  model: GroupModel,
  observed: ObservedGroup,
  named: ReadonlySet<string | undefined>,
): readonly LoadBalancerStatus[] {
  const serving = observed.loadBalancers.filter(({ listeners }) => listeners.length > 0);
  const own = serving.filter(({ type }) => type !== 'network');
  const found = ofScheme(own, model.loadBalancer.scheme);
  if (found === undefined) return [];
  const ports = found.listeners.map(({ port }) => port).toSorted((a, b) => a - b);
  // While a member is held, it may be the one that asks for it.
  const isFronted = model.frontendNlb !== undefined || model.held.length > 0;
  const networks = !isFronted ? [] : serving.filter(({ type }) => type === 'network');
  const known = networks.filter(({ dnsName }) => named.has(dnsName.toLowerCase()));
  const front = ofScheme(known.length > 0 ? known : networks, model.frontendNlb?.scheme);
  return [
    { hostname: found.dnsName.toLowerCase(), ports },
    ...(front === undefined ? [] : [{ hostname: front.dnsName.toLowerCase(), ports: [] }]),
  ];
}

/** The one of the wanted scheme; while that cannot be had, the one that there is. */
const ofScheme = (
  all: readonly ObservedLoadBalancer[],
  wanted: Scheme | undefined,
): ObservedLoadBalancer | undefined => all.find(({ scheme }) => scheme === wanted) ?? all[0];

function isSame(present: readonly LoadBalancerStatus[], wanted: readonly LoadBalancerStatus[]): boolean {
  return isEqual(present.map(comparable), wanted.map(comparable));
}

const comparable = ({ hostname, ports }: LoadBalancerStatus) => ({
  hostname: hostname ?? '',
  ports: ports.toSorted((a, b) => a - b),
});
