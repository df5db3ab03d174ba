import ipaddr from 'ipaddr.js';
import type { AwsState, NetworkInterface, SecurityGroupRule } from '../aws/state.ts';

/**
 * Whether the security groups on a target's network interface let its load balancer in. An address without a known
 * interface (outside the VPC) counts as open. A packet that is not let in is dropped, so the load balancer answers 504.
 */
export function isLetIn(
  state: AwsState,
  loadBalancerArn: string,
  target: { readonly id: string; readonly port: number },
): boolean {
  const to = interfaceOf(state, target.id);
  if (to === undefined) return true;
  const from = [...state.networkInterfaces.values()].filter(
    (candidate) => candidate.loadBalancerArn === loadBalancerArn,
  );
  const sourceGroups = new Set(state.loadBalancers.get(loadBalancerArn)?.securityGroupIds ?? []);
  const sourceAddresses = from.flatMap((candidate) => candidate.privateIps);
  return to.groupIds
    .flatMap((id) => [...(state.securityGroups.get(id)?.rules.values() ?? [])])
    .some(
      (rule) =>
        !rule.egress && coversPort(rule, target.port) && coversSource(rule, sourceGroups, sourceAddresses),
    );
}

function interfaceOf(state: AwsState, id: string): NetworkInterface | undefined {
  const instance = state.instances.get(id);
  if (instance !== undefined) return state.networkInterfaces.get(instance.networkInterfaceIds[0] ?? '');
  return [...state.networkInterfaces.values()].find(
    (candidate) => candidate.privateIps.includes(id) || candidate.ipv6Addresses.includes(id),
  );
}

function coversPort({ protocol, fromPort, toPort }: SecurityGroupRule, port: number): boolean {
  return protocol === '-1' || (protocol === 'tcp' && fromPort <= port && port <= toPort);
}

function coversSource(
  { source }: SecurityGroupRule,
  groups: ReadonlySet<string>,
  addresses: readonly string[],
): boolean {
  switch (source.kind) {
    case 'group':
      return groups.has(source.groupId);
    case 'ipv4':
    case 'ipv6':
      return addresses.some((address) => isInside(address, source.cidr));
    case 'prefix-list':
      return true;
  }
}

function isInside(address: string, cidr: string): boolean {
  const parsed = ipaddr.parse(address);
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}
