// What another AWS has for a local cluster to stand on.

import {
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  type EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import type { LocalNode } from './local-cluster.ts';

/** The VPC with the cluster's name; undefined when there is none. */
export async function findVpc(client: EC2Client, clusterName: string): Promise<string | undefined> {
  const { Vpcs = [] } = await client.send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: [clusterName] }] }),
  );
  return Vpcs[0]?.VpcId;
}

/** The running instances of a VPC that are tagged as the cluster's, by name. */
export async function findNodes(
  client: EC2Client,
  { clusterName, vpcId }: { readonly clusterName: string; readonly vpcId: string },
): Promise<readonly LocalNode[]> {
  const { Reservations = [] } = await client.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'tag-key', Values: [`kubernetes.io/cluster/${clusterName}`] },
        { Name: 'instance-state-name', Values: ['running'] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances)
    .map(nodeOf)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function nodeOf(instance: Instance): LocalNode {
  const { InstanceId: instanceId = '', PrivateIpAddress: ip = '', Tags = [] } = instance;
  const addresses = (instance.NetworkInterfaces ?? []).flatMap(({ PrivateIpAddresses = [] }) =>
    PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
  );
  return {
    name: Tags.find(({ Key }) => Key === 'Name')?.Value ?? instanceId,
    instanceId,
    zone: instance.Placement?.AvailabilityZone ?? '',
    ip,
    podIps: addresses.filter((address) => address !== ip),
  };
}
