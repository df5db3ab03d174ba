// Which security groups stand in front of a node or a pod: those of the network interface that carries its address.

import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  type Filter,
  type InstanceNetworkInterface,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import ipaddr from 'ipaddr.js';
import { allPages, chunks } from '../batches.ts';
import type { NetworkQuery } from '../../core/domain/network.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { filterSize } from './security-groups.ts';

/** As ALBC keeps them (albc-internals §C.6, there 10 minutes): groups of an interface hardly ever change. */
const ttlMs = 5 * 60_000;
/** How often all nodes are read for addresses that nothing else explains; outside the VPC they stay unexplained. */
const nodesEveryMs = 60_000;
/** A thousand interfaces in one answer block the process for 175 ms (dependencies §4.1). */
const pageSize = 100;

type Interface = {
  readonly groupIds: readonly string[];
  readonly addresses: readonly string[];
  /** Delegated prefixes, from which pods get addresses that are listed nowhere. */
  readonly prefixes: readonly string[];
};
type Known = { readonly groupIds: readonly string[]; readonly at: number };

/** Resolves instances and addresses to security groups, and remembers what it learnt on the way. */
export class Interfaces {
  readonly #context: Pick<AwsContext, 'calls' | 'clock' | 'vpcId' | 'clusterName'>;
  readonly #instances = new Map<string, Known>();
  readonly #addresses = new Map<string, Known>();
  /** By `network/length`, and the lengths that occur: /28 and /80 in practice. */
  readonly #prefixes = new Map<string, Known>();
  readonly #lengths = new Set<number>();
  #nodesReadAt = Number.NEGATIVE_INFINITY;

  constructor(context: Pick<AwsContext, 'calls' | 'clock' | 'vpcId' | 'clusterName'>) {
    this.#context = context;
  }

  /**
   * Security group ids by instance id (its primary interface) and by pod address. Asks AWS only for what is not known:
   * the instances first, whose interfaces usually carry the pods' addresses, then the addresses that are left, then the
   * interfaces of nodes that are no instances, and at last all nodes of the cluster, since no filter finds the prefix that an
   * address belongs to.
   * What AWS does not find is missing in the answer.
   */
  async groupsOf(
    { instanceIds, podAddresses, nodeAddresses = [] }: NetworkQuery,
    { signal }: Signalled,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    this.#forgetOld();
    const unknownInstances = instanceIds.filter((id) => !this.#instances.has(id));
    for (const ids of chunks(unknownInstances, filterSize)) {
      await this.#readInstances({ Name: 'instance-id', Values: [...ids] }, { signal });
    }
    const unknown = (): readonly string[] =>
      podAddresses.filter((address) => this.#groupsOfAddress(address) === undefined);
    await this.#readAddresses(unknown(), { signal });
    if (unknown().length > 0) {
      const unread = nodeAddresses.filter((address) => !this.#addresses.has(address));
      await this.#readAddresses(unread, { signal });
    }
    if (unknown().length > 0) await this.#readNodes({ signal });
    return new Map([
      ...instanceIds.flatMap((id) => entry(id, this.#instances.get(id)?.groupIds)),
      ...podAddresses.flatMap((address) => entry(address, this.#groupsOfAddress(address))),
    ]);
  }

  #forgetOld(): void {
    const oldest = this.#context.clock.now() - ttlMs;
    for (const known of [this.#instances, this.#addresses, this.#prefixes]) {
      for (const [key, { at }] of known) if (at < oldest) known.delete(key);
    }
  }

  #groupsOfAddress(address: string): readonly string[] | undefined {
    const listed = this.#addresses.get(address);
    if (listed !== undefined || !ipaddr.isValid(address)) return listed?.groupIds;
    const networks = [...this.#lengths].map((length) => networkOf(address, length));
    return networks.map((network) => this.#prefixes.get(network)).find((known) => known !== undefined)
      ?.groupIds;
  }

  async #readNodes({ signal }: Signalled): Promise<void> {
    const { clock, clusterName } = this.#context;
    if (clock.now() - this.#nodesReadAt < nodesEveryMs) return;
    await this.#readInstances(
      { Name: 'tag-key', Values: [`kubernetes.io/cluster/${clusterName}`] },
      { signal },
    );
    this.#nodesReadAt = clock.now();
  }

  /** A filter leaves out instances that are gone, where a list of ids refuses them. */
  async #readInstances(filter: Filter, { signal }: Signalled): Promise<void> {
    const reservations = await allPages(async (NextToken) => {
      const command = new DescribeInstancesCommand({
        Filters: [{ Name: 'vpc-id', Values: [this.#context.vpcId] }, filter],
        MaxResults: pageSize,
        NextToken,
      });
      const { Reservations: items, NextToken: next } = await this.#context.calls.ec2(command, { signal });
      return { items, next };
    });
    for (const { InstanceId = '', NetworkInterfaces = [] } of reservations.flatMap(
      (one) => one.Instances ?? [],
    )) {
      for (const found of NetworkInterfaces) {
        this.#learn(interfaceOf(found));
        if (found.Attachment?.DeviceIndex === 0)
          this.#instances.set(InstanceId, this.#known(interfaceOf(found)));
      }
    }
  }

  async #readAddresses(addresses: readonly string[], { signal }: Signalled): Promise<void> {
    const byKind = Map.groupBy(addresses, (address) =>
      address.includes(':') ? 'ipv6-addresses.ipv6-address' : 'addresses.private-ip-address',
    );
    for (const [filter, all] of byKind) {
      for (const Values of chunks(all, filterSize - 1)) {
        for (const found of await this.#describe([{ Name: filter, Values: [...Values] }], { signal })) {
          this.#learn(interfaceOf(found));
          this.#learnInstance(found);
        }
      }
    }
  }

  #describe(filters: readonly Filter[], { signal }: Signalled): Promise<readonly NetworkInterface[]> {
    return allPages(async (NextToken) => {
      const command = new DescribeNetworkInterfacesCommand({
        Filters: [{ Name: 'vpc-id', Values: [this.#context.vpcId] }, ...filters],
        MaxResults: pageSize,
        NextToken,
      });
      const { NetworkInterfaces: items, NextToken: next } = await this.#context.calls.ec2(command, {
        signal,
      });
      return { items, next };
    });
  }

  #learn(found: Interface): void {
    const known = this.#known(found);
    for (const address of found.addresses) this.#addresses.set(address, known);
    for (const prefix of found.prefixes) {
      const [address = '', length] = prefix.split('/');
      this.#lengths.add(Number(length));
      this.#prefixes.set(networkOf(address, Number(length)), known);
    }
  }

  #learnInstance(found: NetworkInterface): void {
    const { InstanceId, DeviceIndex } = found.Attachment ?? {};
    if (InstanceId !== undefined && DeviceIndex === 0)
      this.#instances.set(InstanceId, this.#known(interfaceOf(found)));
  }

  #known({ groupIds }: Interface): Known {
    return { groupIds, at: this.#context.clock.now() };
  }
}

/** `10.0.0.16/28` for 10.0.0.19 and 28. A length that the address has not, of the other family, leads to nothing known. */
function networkOf(address: string, length: number): string {
  if (!address.includes(':')) {
    return length > 32 ? '' : `${ipaddr.IPv4.networkAddressFromCIDR(`${address}/${length}`)}/${length}`;
  }
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${length}`)}/${length}`;
}

function entry(
  id: string,
  groupIds: readonly string[] | undefined,
): readonly (readonly [string, readonly string[]])[] {
  return groupIds === undefined ? [] : [[id, groupIds]];
}

function interfaceOf(found: InstanceNetworkInterface | NetworkInterface): Interface {
  return {
    groupIds: (found.Groups ?? []).map(({ GroupId = '' }) => GroupId),
    addresses: [
      ...(found.PrivateIpAddresses ?? []).map(({ PrivateIpAddress = '' }) => PrivateIpAddress),
      ...(found.Ipv6Addresses ?? []).map(({ Ipv6Address = '' }) => Ipv6Address),
    ],
    prefixes: [
      ...(found.Ipv4Prefixes ?? []).map(({ Ipv4Prefix = '' }) => Ipv4Prefix),
      ...(found.Ipv6Prefixes ?? []).map(({ Ipv6Prefix = '' }) => Ipv6Prefix),
    ],
  };
}
