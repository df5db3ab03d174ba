import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paginateDescribeSubnets } from '@aws-sdk/client-ec2';
import { assertRefused, withAws } from '../support.ts';

test('the seeded network is found by filter, id and page, with free addresses and IPv6', () =>
  withAws(
    async ({ ec2, id }) => {
      const subnets = [];
      for await (const { Subnets = [] } of paginateDescribeSubnets(
        { client: ec2 },
        { Filters: [{ Name: 'tag-key', Values: ['kubernetes.io/role/*elb'] }] },
      )) {
        assert.ok(Subnets.length <= 4);
        subnets.push(...Subnets);
      }
      assert.deepEqual(subnets.map(({ AvailabilityZone }) => AvailabilityZone?.slice(-1)).join(''), 'abcabc');
      const [own] = (await ec2.describeSubnets({ SubnetIds: [id('subnet/private-b')] })).Subnets ?? [];
      assert.partialDeepStrictEqual(own, {
        VpcId: id('vpc'),
        CidrBlock: '10.0.128.0/19',
        AvailabilityZoneId: 'usw2-az2',
        AvailableIpAddressCount: 8192 - 5 - 231,
      });
      assert.match(own?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '', /04::\/64$/);
      const vpcs = await ec2.describeVpcs({ VpcIds: [id('vpc')] });
      assert.match(vpcs.Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '', /\/56$/);
      const attribute = await ec2.describeVpcAttribute({ VpcId: id('vpc'), Attribute: 'enableDnsHostnames' });
      assert.equal(attribute.EnableDnsHostnames?.Value, true);
      const zones = await ec2.describeAvailabilityZones({ ZoneNames: ['us-west-2b'] });
      assert.deepEqual(
        zones.AvailabilityZones?.map(({ ZoneId }) => ZoneId),
        ['usw2-az2'],
      );
      const tables = await ec2.describeRouteTables({
        Filters: [{ Name: 'association.subnet-id', Values: [id('subnet/public-a')] }],
      });
      assert.deepEqual(
        tables.RouteTables?.[0]?.Routes?.map(({ GatewayId }) => GatewayId),
        ['local', id('igw')],
      );
      const main = await ec2.describeRouteTables({
        Filters: [{ Name: 'association.main', Values: ['true'] }],
      });
      assert.deepEqual(
        main.RouteTables?.map(({ RouteTableId }) => RouteTableId),
        [id('main')],
      );
    },
    { pageSize: { ec2: 4 } },
  ));

test('nodes have instances and interfaces that hold the addresses of their pods', () =>
  withAws(async ({ ec2, id }) => {
    const found = await ec2.describeInstances({ InstanceIds: [id('instance/node-a')] });
    const [instance] = found.Reservations?.[0]?.Instances ?? [];
    assert.partialDeepStrictEqual(instance, {
      State: { Name: 'running' },
      PrivateIpAddress: '10.0.96.10',
      Placement: { AvailabilityZone: 'us-west-2a' },
      SecurityGroups: [{ GroupId: id('sg/nodes'), GroupName: 'nodes' }],
    });
    const interfaces = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'addresses.private-ip-address', Values: ['10.0.128.42'] }],
    });
    assert.deepEqual(
      interfaces.NetworkInterfaces?.map(({ NetworkInterfaceId }) => NetworkInterfaceId),
      [id('eni/node-b')],
    );
    const assigned = await ec2.assignPrivateIpAddresses({
      NetworkInterfaceId: id('eni/node-a'),
      PrivateIpAddresses: ['10.0.100.1'],
      SecondaryPrivateIpAddressCount: 1,
    });
    assert.equal(assigned.AssignedPrivateIpAddresses?.length, 2);
    await ec2.modifyNetworkInterfaceAttribute({
      NetworkInterfaceId: id('eni/node-a'),
      Groups: [id('sg/nodes')],
    });
    await ec2.terminateInstances({ InstanceIds: [id('instance/node-a')] });
    const gone = await ec2.describeInstances({
      Filters: [{ Name: 'instance-state-name', Values: ['terminated'] }],
    });
    assert.equal(gone.Reservations?.length, 1);
  }));

test('a network can be built from nothing', () =>
  withAws(async ({ ec2, aws }) => {
    const vpc = await ec2.createVpc({ CidrBlock: '10.50.0.0/16', AmazonProvidedIpv6CidrBlock: true });
    const VpcId = vpc.Vpc?.VpcId ?? '';
    const gateway = await ec2.createInternetGateway({});
    const GatewayId = gateway.InternetGateway?.InternetGatewayId ?? '';
    await ec2.attachInternetGateway({ InternetGatewayId: GatewayId, VpcId });
    const table = await ec2.createRouteTable({ VpcId });
    const RouteTableId = table.RouteTable?.RouteTableId ?? '';
    await ec2.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId });
    const subnet = await ec2.createSubnet({
      VpcId,
      CidrBlock: '10.50.1.0/24',
      AvailabilityZone: 'us-west-2c',
    });
    const SubnetId = subnet.Subnet?.SubnetId ?? '';
    await ec2.associateRouteTable({ RouteTableId, SubnetId });
    const run = await ec2.runInstances({ SubnetId, MinCount: 2, MaxCount: 2 });
    await ec2.allocateAddress({});
    assert.equal(run.Instances?.length, 2);
    assert.equal(aws.state.subnets.get(SubnetId)?.zoneId, 'usw2-az3');
    await ec2.createTags({
      Resources: [SubnetId],
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await ec2.deleteTags({ Resources: [SubnetId], Tags: [{ Key: 'a' }, { Key: 'b', Value: 'other' }] });
    const described = await ec2.describeSubnets({ SubnetIds: [SubnetId] });
    assert.deepEqual(described.Subnets?.[0]?.Tags, [{ Key: 'b', Value: '2' }]);
    await assertRefused(ec2, [
      ['VPC too large', 'InvalidVpc.Range', () => ec2.createVpc({ CidrBlock: '10.0.0.0/8' })],
      ['subnet outside', 'InvalidSubnet.Range', () => ec2.createSubnet({ VpcId, CidrBlock: '10.60.1.0/24' })],
      [
        'subnet overlaps',
        'InvalidSubnet.Conflict',
        () => ec2.createSubnet({ VpcId, CidrBlock: '10.50.0.0/20' }),
      ],
      ['unknown subnet', 'InvalidSubnetID.NotFound', () => ec2.describeSubnets({ SubnetIds: ['subnet-1'] })],
      ['unknown VPC', 'InvalidVpcID.NotFound', () => ec2.describeVpcs({ VpcIds: ['vpc-1'] })],
      [
        'unknown instance',
        'InvalidInstanceID.NotFound',
        () => ec2.describeInstances({ InstanceIds: ['i-1'] }),
      ],
      [
        'unknown zone',
        'InvalidParameterValue',
        () => ec2.describeAvailabilityZones({ ZoneNames: ['mars-1a'] }),
      ],
      [
        'tag on nothing',
        'InvalidID',
        () => ec2.createTags({ Resources: ['x'], Tags: [{ Key: 'a', Value: '' }] }),
      ],
      [
        'tag too many',
        'TagLimitExceeded',
        () =>
          ec2.createTags({
            Resources: [SubnetId],
            Tags: Array.from({ length: 50 }, (_, number) => ({ Key: `k${number}`, Value: '' })),
          }),
      ],
    ]);
  }));

test('interfaces without an instance, IPv6 ranges of subnets and routes come and go', () =>
  withAws(async ({ ec2, id }) => {
    const SubnetId = id('subnet/private-a');
    const [before] = (await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets ?? [];
    const { NetworkInterface: made } = await ec2.createNetworkInterface({
      SubnetId,
      PrivateIpAddress: '10.0.100.200',
      SecondaryPrivateIpAddressCount: 2,
      Groups: [id('sg/nodes')],
    });
    const Filters = [{ Name: 'addresses.private-ip-address', Values: ['10.0.100.200'] }];
    const [found] = (await ec2.describeNetworkInterfaces({ Filters })).NetworkInterfaces ?? [];
    assert.equal(found?.NetworkInterfaceId, made?.NetworkInterfaceId);
    assert.equal(found?.PrivateIpAddresses?.length, 3);
    const [after] = (await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets ?? [];
    assert.equal(Number(before?.AvailableIpAddressCount) - Number(after?.AvailableIpAddressCount), 3);
    const create = (PrivateIpAddress: string) => () =>
      ec2.createNetworkInterface({ SubnetId, PrivateIpAddress });
    await assertRefused(ec2, [
      ['address in use', 'InvalidIPAddress.InUse', create('10.0.100.200')],
      ['address outside', 'InvalidParameterValue', create('10.1.0.1')],
      ['subnet in use', 'DependencyViolation', () => ec2.deleteSubnet({ SubnetId })],
    ]);
    await ec2.deleteNetworkInterface({ NetworkInterfaceId: made?.NetworkInterfaceId });
    assert.deepEqual((await ec2.describeNetworkInterfaces({ Filters })).NetworkInterfaces, []);

    const association = after?.Ipv6CidrBlockAssociationSet?.[0];
    await ec2.disassociateSubnetCidrBlock({ AssociationId: association?.AssociationId });
    const ipv6 = async () =>
      (await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets?.[0]?.Ipv6CidrBlockAssociationSet;
    assert.deepEqual(await ipv6(), []);
    await ec2.associateSubnetCidrBlock({ SubnetId, Ipv6CidrBlock: association?.Ipv6CidrBlock });
    assert.deepEqual(await ipv6(), [association]);

    const byGateway = { Filters: [{ Name: 'route.gateway-id', Values: [id('igw')] }] };
    const [table] = (await ec2.describeRouteTables(byGateway)).RouteTables ?? [];
    const RouteTableId = table?.RouteTableId;
    await ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' });
    assert.deepEqual((await ec2.describeRouteTables(byGateway)).RouteTables, []);
    const [first] = table?.Associations ?? [];
    const AssociationId = first?.RouteTableAssociationId;
    const moved = await ec2.replaceRouteTableAssociation({ AssociationId, RouteTableId: id('main') });
    await ec2.disassociateRouteTable({ AssociationId: moved.NewAssociationId });
    const bySubnet = { Filters: [{ Name: 'association.subnet-id', Values: [first?.SubnetId ?? ''] }] };
    assert.deepEqual((await ec2.describeRouteTables(bySubnet)).RouteTables, []);
    await ec2.deleteSubnet({ SubnetId: id('subnet/public-a') });
    assert.equal((await ec2.describeSubnets({})).Subnets?.length, 5);
  }));
