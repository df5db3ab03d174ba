import ipaddr from 'ipaddr.js';
import type { AwsState, Subnet } from '../state.ts';

/** AWS keeps the first four addresses and the last one of every subnet for itself. */
const reserved = 5;

const size = (cidr: string): number => 2 ** (32 - Number(cidr.split('/')[1]));

const used = (subnet: Subnet, state: AwsState): ReadonlySet<string> =>
  new Set(
    [...state.networkInterfaces.values()]
      .filter(({ subnetId }) => subnetId === subnet.id)
      .flatMap(({ privateIps }) => privateIps),
  );

/** How many IPv4 addresses of a subnet are free. */
export const freeAddresses = (subnet: Subnet, state: AwsState): number =>
  Math.max(0, size(subnet.cidr) - reserved - used(subnet, state).size);

/**
 * A free address, taken from the upper end of the subnet so that addresses which seeds and tests name (low ones) stay free;
 * undefined when the subnet is full.
 */
export function freeAddress(subnet: Subnet, state: AwsState): string | undefined {
  const taken = used(subnet, state);
  const first = number(subnet.cidr.split('/')[0] ?? '');
  for (let offset = size(subnet.cidr) - 2; offset >= 4; offset -= 1) {
    const address = dotted(first + offset);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

export function isInCidr(address: string, cidr: string): boolean {
  const [network, length] = ipaddr.parseCIDR(cidr);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === network.kind() && parsed.match(network, length);
}

const number = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
