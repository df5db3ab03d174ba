// Three instances that stand for the nodes of the cluster, one in each private subnet, with addresses for pods.

import * as ec2 from '@aws-sdk/client-ec2';
import { missing, tagged } from './network.ts';

const podsPerNode = 10;

export async function createNodes(
  client: ec2.EC2Client,
  {
    clusterName,
    vpcId,
    subnets,
  }: { readonly clusterName: string; readonly vpcId: string; readonly subnets: readonly string[] },
): Promise<void> {
  const clusterTag = { [`kubernetes.io/cluster/${clusterName}`]: 'owned' };
  const { GroupId = missing('security group') } = await client.send(
    new ec2.CreateSecurityGroupCommand({
      GroupName: `${clusterName}-nodes`,
      Description: 'Nodes',
      VpcId: vpcId,
      TagSpecifications: [tagged('security-group', clusterTag)],
    }),
  );
  const { Images = [] } = await client.send(new ec2.DescribeImagesCommand({ MaxResults: 5 }));
  for (const [index, SubnetId] of subnets.entries()) {
    const { Instances: [made] = [] } = await client.send(
      new ec2.RunInstancesCommand({
        ImageId: Images[0]?.ImageId ?? 'ami-00000000',
        InstanceType: 't3.medium',
        MinCount: 1,
        MaxCount: 1,
        SubnetId,
        SecurityGroupIds: [GroupId],
        TagSpecifications: [tagged('instance', { Name: `node-${index + 1}`, ...clusterTag })],
      }),
    );
    const NetworkInterfaceId = made?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? missing('instance');
    await client.send(
      new ec2.AssignPrivateIpAddressesCommand({
        NetworkInterfaceId,
        SecondaryPrivateIpAddressCount: podsPerNode,
      }),
    );
  }
}
