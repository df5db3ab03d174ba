// Nodes for the test cluster, as an EC2 cloud provider would have registered them.

export type NodeSpec = {
  readonly name: string;
  /** `aws:///<zone>/<instance id>`. */
  readonly providerID: string;
  readonly internalIp: string;
  /** Range of the addresses of this node's pods: kwok hands them out from its second address on. */
  readonly podCidr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly effect: string; readonly value?: string }[];
};

/** A YAML (JSON) document that creates the node; kwok then makes it Ready and gives it its address. */
export function nodeManifest(node: NodeSpec): string {
  const zone = /^aws:\/\/\/([^/]+)\//.exec(node.providerID)?.[1];
  const manifest = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      annotations: { 'test.albatross.dev/internal-ip': node.internalIp },
      labels: {
        'kubernetes.io/hostname': node.name,
        ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
        ...node.labels,
      },
    },
    spec: {
      providerID: node.providerID,
      podCIDR: node.podCidr,
      podCIDRs: [node.podCidr],
      ...(node.taints === undefined ? {} : { taints: node.taints }),
    },
  };
  return `${JSON.stringify(manifest)}\n`;
}
