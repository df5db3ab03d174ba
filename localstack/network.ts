// The network of a small cluster, as eksctl makes it: a VPC with an internet gateway, and in each of three zones a public
// and a private subnet with the role tags by which load balancers find theirs.

import * as ec2 from '@aws-sdk/client-ec2';

export type Network = {
  readonly vpcId: string;
  readonly publicSubnets: Subnets;
  readonly privateSubnets: Subnets;
};
/** Ids in the order of the zones. */
type Subnets = readonly string[];

type Kind = 'public' | 'private';

const roleTags = { public: 'kubernetes.io/role/elb', private: 'kubernetes.io/role/internal-elb' } as const;

export const tagged = (
  ResourceType: ec2.ResourceType,
  tags: Readonly<Record<string, string>>,
): ec2.TagSpecification => ({
  ResourceType,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});

export async function createNetwork(client: ec2.EC2Client, clusterName: string): Promise<Network> {
  const { Vpc } = await client.send(
    new ec2.CreateVpcCommand({
      CidrBlock: '10.0.0.0/16',
      TagSpecifications: [tagged('vpc', { Name: clusterName })],
    }),
  );
  const vpcId = Vpc?.VpcId ?? missing('VPC');
  const { InternetGateway } = await client.send(new ec2.CreateInternetGatewayCommand({}));
  const gateway = InternetGateway?.InternetGatewayId ?? missing('internet gateway');
  await client.send(new ec2.AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: gateway }));
  const { AvailabilityZones = [] } = await client.send(new ec2.DescribeAvailabilityZonesCommand({}));
  const zones = AvailabilityZones.flatMap(({ ZoneName }) => ZoneName ?? [])
    .toSorted()
    .slice(0, 3);
  const subnetsOf = async (kind: Kind): Promise<Subnets> => {
    const table = await createRouteTable(client, vpcId, kind === 'public' ? gateway : undefined);
    const ids: string[] = [];
    for (const [index, zone] of zones.entries()) {
      const id = await createSubnet(client, { vpcId, zone, kind, index, clusterName });
      await client.send(new ec2.AssociateRouteTableCommand({ RouteTableId: table, SubnetId: id }));
      ids.push(id);
    }
    return ids;
  };
  return { vpcId, publicSubnets: await subnetsOf('public'), privateSubnets: await subnetsOf('private') };
}

async function createRouteTable(
  client: ec2.EC2Client,
  VpcId: string,
  GatewayId: string | undefined,
): Promise<string> {
  const { RouteTable } = await client.send(new ec2.CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId ?? missing('route table');
  if (GatewayId !== undefined) {
    await client.send(
      new ec2.CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }),
    );
  }
  return RouteTableId;
}

async function createSubnet(
  client: ec2.EC2Client,
  wanted: {
    readonly vpcId: string;
    readonly zone: string;
    readonly kind: Kind;
    readonly index: number;
    readonly clusterName: string;
  },
): Promise<string> {
  const { vpcId, zone, kind, index, clusterName } = wanted;
  const tags = {
    Name: `${kind}-${zone}`,
    [roleTags[kind]]: '1',
    [`kubernetes.io/cluster/${clusterName}`]: 'shared',
  };
  const { Subnet } = await client.send(
    new ec2.CreateSubnetCommand({
      VpcId: vpcId,
      AvailabilityZone: zone,
      CidrBlock: `10.0.${(kind === 'public' ? 0 : 96) + index * 32}.0/19`,
      TagSpecifications: [tagged('subnet', tags)],
    }),
  );
  return Subnet?.SubnetId ?? missing('subnet');
}

/** @throws always: an answer without what was asked for is no answer of an AWS. */
export function missing(what: string): never {
  throw new Error(`the answer to the creation of a ${what} does not name it`);
}
