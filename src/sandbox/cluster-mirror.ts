import type { EndpointSlice, Node } from '../core/domain/cluster.ts';
import type { ClusterChange, Snapshot } from '../core/domain/snapshot.ts';
import type { AwsSimulator } from '../simulator/aws/server.ts';
import { setTags } from '../simulator/aws/tags.ts';

export type ClusterMirrorOptions = {
  readonly aws: AwsSimulator;
  readonly clusterName: string;
  readonly print: (line: string) => void;
};

const providerIdPattern = /^aws:\/\/\/(?<zone>[^/]*)\/(?<instance>i-[0-9a-f]+)$/;

/**
 * Gives the simulated AWS what a real cluster would stand on: an instance for each node, with the id that the node names,
 * and on its network interface the addresses of the node's pods. Addresses stay when their pods are gone, as the VPC CNI
 * keeps them.
 */
export class ClusterMirror {
  readonly #options: ClusterMirrorOptions;
  /** Instance id by node. */
  readonly #instances = new Map<string, string>();

  constructor(options: ClusterMirrorOptions) {
    this.#options = options;
  }

  /** Takes over a whole cluster. */
  takeAll({ nodes, endpointSlices }: Pick<Snapshot, 'nodes' | 'endpointSlices'>): void {
    for (const node of nodes.values()) this.#addNode(node);
    for (const slice of [...endpointSlices.values()].flat()) this.#addPods(slice);
  }

  take({ before, after }: ClusterChange): void {
    if (after?.kind === 'Node') this.#addNode(after);
    else if (after?.kind === 'EndpointSlice') this.#addPods(after);
    else if (before?.kind === 'Node' && after === undefined) this.#removeNode(before.meta.name);
  }

  #addNode({ meta, providerId, internalIps }: Node): void {
    const { aws, clusterName, print } = this.#options;
    const known = this.#instances.get(meta.name);
    if (known !== undefined) return this.#addAddresses(known, internalIps);
    const { zone, instance } = providerIdPattern.exec(providerId)?.groups ?? {};
    if (instance === undefined)
      print(
        `Node ${meta.name} has no providerID of AWS (aws:///ZONE/i-…): it can be no target of target-type instance`,
      );
    const id = instance ?? `i-0${Buffer.from(meta.name).toString('hex').padEnd(16, '0').slice(0, 16)}`;
    const subnetId = this.#subnetIn(zone ?? meta.labels['topology.kubernetes.io/zone']);
    const interfaceId = id.replace(/^i-/, 'eni-');
    aws.state.networkInterfaces.set(interfaceId, {
      id: interfaceId,
      subnetId,
      description: '',
      interfaceType: 'interface',
      instanceId: id,
      loadBalancerArn: undefined,
      groupIds: [aws.names.get('sg/nodes') ?? ''],
      privateIps: [],
      ipv6Addresses: [],
      releaseAt: undefined,
    });
    aws.state.instances.set(id, {
      id,
      subnetId,
      vpcId: aws.names.get('vpc') ?? '',
      instanceType: 'm5.large',
      launchedAt: aws.clock.now(),
      networkInterfaceIds: [interfaceId],
      state: 'running',
    });
    const tags = new Map([
      ['Name', meta.name],
      [`kubernetes.io/cluster/${clusterName}`, 'owned'],
    ]);
    setTags(aws.controlPlane.context(), id, tags);
    this.#instances.set(meta.name, id);
    this.#addAddresses(id, internalIps);
  }

  #removeNode(name: string): void {
    const { state } = this.#options.aws;
    const instance = state.instances.get(this.#instances.get(name) ?? '');
    if (instance === undefined) return;
    instance.state = 'terminated';
    for (const id of instance.networkInterfaceIds) state.networkInterfaces.delete(id);
    this.#instances.delete(name);
  }

  #addPods({ endpoints }: EndpointSlice): void {
    for (const { nodeName, addresses } of endpoints) {
      const instance = this.#instances.get(nodeName ?? '');
      if (instance !== undefined) this.#addAddresses(instance, addresses);
    }
  }

  /** The first interface of an instance gets the addresses that it has not yet. */
  #addAddresses(instanceId: string, addresses: readonly string[]): void {
    const { state } = this.#options.aws;
    const [interfaceId = ''] = state.instances.get(instanceId)?.networkInterfaceIds ?? [];
    const found = state.networkInterfaces.get(interfaceId);
    if (found === undefined) return;
    const isIpv6 = (address: string) => address.includes(':');
    found.privateIps = [
      ...new Set([...found.privateIps, ...addresses.filter((address) => !isIpv6(address))]),
    ];
    found.ipv6Addresses = [...new Set([...found.ipv6Addresses, ...addresses.filter(isIpv6)])];
  }

  /** A private subnet of the zone; of nodes in zones that the simulated region has not, each gets the next one. */
  #subnetIn(zone: string | undefined): string {
    const { state, names } = this.#options.aws;
    const subnets = [...names]
      .filter(([name]) => name.startsWith('subnet/private-'))
      .flatMap(([, id]) => state.subnets.get(id) ?? []);
    const next = subnets[this.#instances.size % Math.max(1, subnets.length)];
    return (subnets.find((subnet) => subnet.zone === zone) ?? next)?.id ?? '';
  }
}
