// What the network load balancer in front of a group takes of AWS's quotas, as names in sets (quota-usage.ts).

import type { DesiredGroup, Tags } from '../domain/desired-group.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup, ObservedLoadBalancer } from '../domain/observed-group.ts';
import { targetsOfRegistration } from '../domain/quotas.ts';
import type { Usage } from './quota-usage.ts';

/** Adds what one member asks of it: itself, where it switches it on, and its ports with their target groups. */
export function addFrontend(
  usage: Usage,
  id: NamespacedName,
  { frontendNlb, model }: DesiredGroup,
  { loadBalancers, targetGroups }: ObservedGroup,
): void {
  const intent = model.frontendNlb;
  if (frontendNlb === undefined || intent === undefined) return;
  const isThere = loadBalancers.some(({ type }) => type === 'network');
  if (!isThere && intent.enabledBy.includes(id)) usage.newNetworks.add(frontendNlb.loadBalancer.id);
  const asked = intent.listeners.filter(({ askedBy }) => askedBy.includes(id)).map(({ port }) => port);
  for (const { port, targetGroup } of frontendNlb.listeners.filter((listener) =>
    asked.includes(listener.port),
  )) {
    addPort(usage, port, frontendNlb.loadBalancer.attributes);
    if (!targetGroups.some(({ name }) => name === targetGroup.name))
      usage.newTargetGroups.add(targetGroup.id);
  }
}

/** Adds the ports that stay whatever the members want: those of others, and all while a member is held. */
export function addKeptFrontend(
  usage: Usage,
  { desired, observed }: { readonly desired: DesiredGroup; readonly observed: ObservedGroup },
  isTheirs: (listener: ObservedLoadBalancer['listeners'][number]) => boolean,
): void {
  const isHolding = desired.model.held.length > 0;
  for (const { type, listeners, attributes } of observed.loadBalancers)
    if (type === 'network')
      for (const listener of listeners.filter((one) => isHolding || isTheirs(one)))
        addPort(usage, listener.port, attributes);
}

function addPort(usage: Usage, port: number, attributes: Tags | undefined): void {
  usage.networkListeners.add(String(port));
  for (let i = 0; i < targetsOfRegistration(attributes); i += 1) usage.networkTargets.add(`${port} ${i}`);
}

/** Whether ports are asked for that it does not have. */
export function isMoreInFront(
  { networkListeners }: Usage,
  loadBalancers: readonly ObservedLoadBalancer[],
): boolean {
  const present = loadBalancers
    .filter(({ type }) => type === 'network')
    .flatMap(({ listeners }) => listeners.map(({ port }) => String(port)));
  return [...networkListeners].some((port) => !present.includes(port));
}
