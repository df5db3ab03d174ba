import type { DesiredGroup, DesiredLoadBalancer } from '../domain/desired-group.ts';

/**
 * What AWS bills by the hour for a group, traffic aside: load balancers, the public IPv4 addresses that they have at least (one
 * for each subnet), and reserved capacity. No prices: they differ by region and contract. Undefined: nothing.
 */
export function paidByTheHour({ key, loadBalancer, frontendNlb }: DesiredGroup): string | undefined {
  if (loadBalancer === undefined) return undefined;
  const front = frontendNlb === undefined ? [] : [frontendNlb.loadBalancer];
  const all = [loadBalancer, ...front];
  const addresses = all.reduce((sum, one) => sum + publicAddresses(one), 0);
  const units = loadBalancer.capacityUnits ?? 0;
  const parts = [
    '1 application load balancer',
    ...front.map(() => '1 network load balancer'),
    ...(addresses === 0 ? [] : [`${addresses} public IPv4 ${addresses === 1 ? 'address' : 'addresses'}`]),
    ...(units === 0 ? [] : [`${units} reserved capacity units`]),
  ];
  return `Group ${key}: ${parts.join(', ')}`;
}

const publicAddresses = ({ scheme, ipAddressType, subnets }: DesiredLoadBalancer): number =>
  scheme === 'internal' || ipAddressType === 'dualstack-without-public-ipv4' ? 0 : subnets.length;
