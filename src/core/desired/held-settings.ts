// What a held member said about the load balancer and its listeners is not read while it is held, and what nobody says has a
// default. AWS still has the member's word: it stays until the member is put right, or somebody else says otherwise. Else one
// mistake would change the addresses, the TLS policy or the scheme under everybody (DESIGN §4.3).

import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup } from '../domain/desired-group.ts';
import type { GroupModel, ListenerIntent, LoadBalancerIntent } from '../domain/group-model.ts';
import type { ObservedGroup, ObservedLoadBalancer } from '../domain/observed-group.ts';
import { presentLoadBalancer } from './present.ts';

/** Whether somebody is held who has settings to keep. */
export const holdsServed = ({ held }: GroupModel): boolean => held.some(({ isServed }) => isServed === true);

type Present = {
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
  /** What was last applied; absent: not known. */
  readonly previous?: DesiredGroup | undefined;
};

/**
 * The model in which settings that have their default are as AWS has them, and tags that were written stay, while a member that
 * was served is held. Who was never served has no word there. Attributes, web ACLs, Shield and capacity need nothing: those that
 * nobody names are left alone.
 */
export function withHeldSettings(model: GroupModel, { observed, config, previous }: Present): GroupModel {
  if (!holdsServed(model) || model.members.length === 0 || config.policy.memberErrors !== 'quarantine')
    return model;
  const present = presentFor(model.loadBalancer, observed, config);
  if (present === undefined) return model;
  const { loadBalancer, listeners } = model;
  const before = previous?.model;
  return {
    ...model,
    loadBalancer: {
      ...loadBalancer,
      tags: { ...before?.loadBalancer.tags, ...loadBalancer.tags },
      scheme: present.scheme,
      ipAddressType: addressType(loadBalancer, present),
      ipamPoolId: loadBalancer.ipamPoolId ?? present.ipamPoolId,
    },
    listeners: listeners.map((listener) => {
      const tags = before?.listeners.find(({ port }) => port === listener.port)?.tags;
      return withPresentPolicy({ ...listener, tags: { ...tags, ...listener.tags } }, present, config);
    }),
  };
}

/** One of another scheme only where nobody is known to ask for this one. */
function presentFor(
  { scheme }: LoadBalancerIntent,
  observed: ObservedGroup,
  { defaultLoadBalancerScheme }: CoreConfig,
): ObservedLoadBalancer | undefined {
  const same = presentLoadBalancer(observed, scheme);
  if (same !== undefined || scheme !== defaultLoadBalancerScheme) return same;
  return presentLoadBalancer(observed, scheme === 'internal' ? 'internet-facing' : 'internal');
}

const addressTypes: readonly LoadBalancerIntent['ipAddressType'][] = [
  'ipv4',
  'dualstack',
  'dualstack-without-public-ipv4',
];

function addressType(
  { ipAddressType }: LoadBalancerIntent,
  present: ObservedLoadBalancer,
): LoadBalancerIntent['ipAddressType'] {
  if (ipAddressType !== 'ipv4') return ipAddressType;
  return addressTypes.find((known) => known === present.ipAddressType) ?? ipAddressType;
}

function withPresentPolicy(
  listener: ListenerIntent,
  { listeners }: ObservedLoadBalancer,
  { defaultSslPolicy }: CoreConfig,
): ListenerIntent {
  if (listener.sslPolicy !== defaultSslPolicy) return listener;
  const found = listeners.find(({ port, protocol }) => port === listener.port && protocol === 'HTTPS');
  return { ...listener, sslPolicy: found?.sslPolicy ?? listener.sslPolicy };
}
