// The settings that a group's load balancer has, in the words of claims.

import type { NamespacedName } from '../domain/ids.ts';
import {
  noClassicWaf,
  type ObservedGroup,
  type ObservedListener,
  type ObservedLoadBalancer,
  type ObservedSecurityGroup,
  retiredTag,
} from '../domain/observed-group.ts';
import { ownerOf } from '../domain/owned-by.ts';
import type { Claim } from './claim.ts';

type Setting = readonly [slot: string, value: string | undefined];

/**
 * By slot of a claim. None of what was not read, of what AWS does not tell (names that an ARN or an id stands for), and while
 * the group has two load balancers. `ids` are those of the members.
 */
export function presentSettings(
  observed: ObservedGroup,
  ids: readonly NamespacedName[],
): ReadonlyMap<string, string> {
  const present = observed.loadBalancers.filter(
    ({ tags, isCandidate }) => tags[retiredTag] === undefined && isCandidate !== true,
  );
  const [found, ...others] = present.filter(({ type }) => type === 'application');
  if (found === undefined || others.length > 0) return new Map();
  const front = present.find(({ type }) => type === 'network');
  const all: readonly Setting[] = [
    ...ofLoadBalancer(found),
    ...found.listeners.flatMap((listener) => ofListener(listener, observed, ids)),
    ...observed.securityGroups.flatMap(ofSecurityGroup),
    ['enable-frontend-nlb', String(front !== undefined)],
    ['frontend-nlb-scheme', front?.scheme],
  ];
  return new Map(all.flatMap(([slot, value]) => (value === undefined ? [] : [[slot, value] as const])));
}

/** A claim's value in the same words; undefined where it has names, or addresses that the load balancer may not be open to. */
export function settingOf({ slot, value }: Claim): string | undefined {
  if (slot === 'subnets') return sortedIds(value.replace(/^[A-Za-z]+: /, '').split(', '), 'subnet-');
  if (slot === 'security-groups') return sortedIds(value.split(','), 'sg-');
  // Only a dualstack load balancer is opened to IPv6 clients.
  return slot.endsWith(' inbound-cidrs') && value.includes(':') ? undefined : value;
}

const sortedIds = (entries: readonly string[], prefix: string): string | undefined =>
  entries.every((entry) => entry.startsWith(prefix)) ? entries.toSorted().join() : undefined;

function ofLoadBalancer(found: ObservedLoadBalancer): readonly Setting[] {
  const { name, scheme, ipAddressType, subnets, securityGroups, ipamPoolId, capacityUnits } = found;
  const { webAclArn, classicWebAclId, shieldProtection, attributes = {}, tags } = found;
  const redirect = found.listeners
    .filter(({ protocol }) => protocol === 'HTTP')
    .flatMap(({ defaultActions }) => defaultActions.flatMap((one) => (one.kind === 'redirect' ? [one] : [])))
    .find(({ protocol }) => protocol === 'HTTPS');
  return [
    ['load-balancer-name', name],
    ['scheme', scheme],
    ['ip-address-type', ipAddressType],
    ['subnets', subnets.toSorted().join()],
    ['security-groups', securityGroups.toSorted().join()],
    ['ipam-ipv4-pool-id', ipamPoolId],
    ['minimum-load-balancer-capacity', capacityUnits === undefined ? undefined : String(capacityUnits)],
    ['wafv2-acl-arn', webAclArn === '' ? 'none' : webAclArn],
    ['waf-acl-id', classicWebAclId === '' || classicWebAclId === noClassicWaf ? 'none' : classicWebAclId],
    ['shield-advanced-protection', shieldProtection && String(shieldProtection !== 'none')],
    ['ssl-redirect', redirect?.port],
    ...Object.entries(attributes).map(([key, value]): Setting => [`attribute ${key}`, value]),
    ...Object.entries(tags).map(([key, value]): Setting => [`tag ${key}`, value]),
  ];
}

function ofListener(
  { port, protocol, sslPolicy, attributes = {}, defaultActions }: ObservedListener,
  { targetGroups }: ObservedGroup,
  ids: readonly NamespacedName[],
): readonly Setting[] {
  const [answering] = defaultActions.flatMap((action) =>
    action.kind === 'forward' ? action.targetGroups.map(({ targetGroup }) => targetGroup) : [],
  );
  const resource = targetGroups.find(({ arn }) => arn === answering)?.tags['ingress.k8s.aws/resource'];
  return [
    [`port ${port} listen-ports`, protocol],
    [`port ${port} ssl-policy`, sslPolicy],
    [`port ${port} default backend`, ownerOf(resource ?? '', ids)],
    ...Object.entries(attributes).map(([key, value]): Setting => [`port ${port} attribute ${key}`, value]),
  ];
}

/** A group has one of its own, if any. */
function ofSecurityGroup({ ingress }: ObservedSecurityGroup): readonly Setting[] {
  const ports = [...new Set(ingress.map(({ fromPort }) => fromPort))];
  return ports.flatMap((port): readonly Setting[] => {
    const sources = ingress.filter(({ fromPort }) => fromPort === port).map(({ source }) => source);
    const cidrs = sources.flatMap((source) => (source.kind === 'ipv4' ? [source.cidr] : []));
    const lists = sources.flatMap((source) => (source.kind === 'prefixList' ? [source.id] : []));
    return [
      [`port ${port} inbound-cidrs`, cidrs.toSorted().join()],
      [`port ${port} security-group-prefix-lists`, lists.toSorted().join()],
    ];
  });
}
