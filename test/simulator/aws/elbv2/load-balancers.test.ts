import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing-v2';
import { assertRefused, type Bench, makeLoadBalancer, publicSubnets, withAws } from '../support.ts';

const describe = async ({ elb }: Bench, arn: string) =>
  (await elb.describeLoadBalancers({ LoadBalancerArns: [arn] })).LoadBalancers?.[0];

test('a load balancer is provisioning for two minutes, then active', () =>
  withAws(async (bench) => {
    const arn = await makeLoadBalancer(bench);
    assert.equal((await describe(bench, arn))?.State?.Code, 'provisioning');
    await bench.clock.advance(119_999);
    assert.equal((await describe(bench, arn))?.State?.Code, 'provisioning');
    await bench.clock.advance(1);
    assert.equal((await describe(bench, arn))?.State?.Code, 'active');
  }));

test('a new load balancer without groups has the default group of the VPC, and scheme shows in its DNS name', () =>
  withAws(async (bench) => {
    const [made] =
      (await bench.elb.createLoadBalancer({ Name: 'in', Scheme: 'internal', Subnets: publicSubnets(bench) }))
        .LoadBalancers ?? [];
    assert.match(made?.DNSName ?? '', /^internal-in-\d+\.us-west-2\.elb\.amazonaws\.com$/);
    const vpc = bench.aws.state.vpcs.get(bench.id('vpc'));
    assert.deepEqual(made?.SecurityGroups, [vpc?.defaultSecurityGroupId]);
    assert.deepEqual(
      made?.AvailabilityZones?.map(({ ZoneName }) => ZoneName),
      ['us-west-2a', 'us-west-2b', 'us-west-2c'],
    );
    assert.equal(made?.IpAddressType, 'ipv4');
  }));

test('creating the same load balancer again answers the first; other settings are a duplicate', () =>
  withAws(async (bench) => {
    const arn = await makeLoadBalancer(bench);
    assert.equal(await makeLoadBalancer(bench), arn);
    assert.equal(bench.aws.state.loadBalancers.size, 1);
    await assertRefused(bench, [
      [
        'another scheme',
        'DuplicateLoadBalancerName',
        ({ elb }) =>
          elb.createLoadBalancer({ Name: 'shop', Scheme: 'internal', Subnets: publicSubnets(bench) }),
      ],
      [
        'fewer subnets',
        'DuplicateLoadBalancerName',
        ({ elb }) => elb.createLoadBalancer({ Name: 'shop', Subnets: publicSubnets(bench).slice(1) }),
      ],
      [
        'other tags',
        'DuplicateLoadBalancerName',
        ({ elb }) =>
          elb.createLoadBalancer({
            Name: 'shop',
            Subnets: publicSubnets(bench),
            Tags: [{ Key: 'a', Value: 'b' }],
          }),
      ],
    ]);
  }));

test('subnets, groups, address type, IPAM pool and capacity are replaced', () =>
  withAws(
    async (bench) => {
      const { elb, id, aws } = bench;
      const LoadBalancerArn = await makeLoadBalancer(bench);
      const Subnets = ['subnet/private-a', 'subnet/private-b'].map(id);
      const subnets = await elb.setSubnets({ LoadBalancerArn, Subnets });
      assert.deepEqual(
        subnets.AvailabilityZones?.map(({ SubnetId }) => SubnetId),
        Subnets,
      );
      const groups = await elb.setSecurityGroups({ LoadBalancerArn, SecurityGroups: [id('sg/nodes')] });
      assert.deepEqual(groups.SecurityGroupIds, [id('sg/nodes')]);
      await elb.setIpAddressType({ LoadBalancerArn, IpAddressType: 'dualstack' });
      const pools = await elb.modifyIpPools({
        LoadBalancerArn,
        IpamPools: { Ipv4IpamPoolId: 'ipam-pool-1' },
      });
      assert.equal(pools.IpamPools?.Ipv4IpamPoolId, 'ipam-pool-1');
      await elb.modifyIpPools({ LoadBalancerArn, RemoveIpamPools: ['ipv4'] });
      await elb.modifyCapacityReservation({
        LoadBalancerArn,
        MinimumLoadBalancerCapacity: { CapacityUnits: 200 },
      });
      const capacity = await elb.describeCapacityReservation({ LoadBalancerArn });
      assert.equal(capacity.MinimumLoadBalancerCapacity?.CapacityUnits, 200);
      const read = await describe(bench, LoadBalancerArn);
      assert.equal(read?.IpAddressType, 'dualstack');
      assert.equal(read?.IpamPools, undefined);
      const interfaces = [...aws.state.networkInterfaces.values()].filter(
        (item) => item.loadBalancerArn === LoadBalancerArn && item.releaseAt === undefined,
      );
      assert.deepEqual(
        interfaces.map(({ subnetId }) => subnetId),
        Subnets,
      );
      assert.deepEqual(
        interfaces.flatMap(({ groupIds }) => groupIds),
        [id('sg/nodes'), id('sg/nodes')],
      );
    },
    { quotas: { 'reserved-capacity-units-per-region': 250 } },
  ));

test('attributes have their defaults, and a call with one bad value changes none of them', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const LoadBalancerArn = await makeLoadBalancer(bench);
    const read = async () => {
      const { Attributes = [] } = await elb.describeLoadBalancerAttributes({ LoadBalancerArn });
      return new Map(Attributes.map(({ Key, Value }) => [Key, Value]));
    };
    assert.equal((await read()).get('idle_timeout.timeout_seconds'), '60');
    assert.equal((await read()).get('routing.http2.enabled'), 'true');
    const set = (...pairs: [string, string][]) =>
      elb.modifyLoadBalancerAttributes({
        LoadBalancerArn,
        Attributes: pairs.map(([Key, Value]) => ({ Key, Value })),
      });
    await set(['idle_timeout.timeout_seconds', '4000']);
    await assertRefused(set, [
      [
        'out of range',
        'ValidationError',
        () => set(['routing.http2.enabled', 'false'], ['idle_timeout.timeout_seconds', '4001']),
      ],
      ['unknown key', 'ValidationError', () => set(['tcp.idle_timeout.seconds', '5'])],
      [
        'more than 20',
        'ValidationError',
        () => set(...Array.from({ length: 21 }, (): [string, string] => ['routing.http2.enabled', 'true'])),
      ],
      ['logs without a bucket', 'InvalidConfigurationRequest', () => set(['access_logs.s3.enabled', 'true'])],
    ]);
    assert.equal((await read()).get('idle_timeout.timeout_seconds'), '4000');
    assert.equal((await read()).get('routing.http2.enabled'), 'true');
  }));

test('deletion protection holds; deleting takes listeners along; an unknown load balancer counts as deleted', () =>
  withAws(async (bench) => {
    const { elb, aws } = bench;
    const LoadBalancerArn = await makeLoadBalancer(bench);
    await elb.createListener({
      LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    const protect = (Value: string) =>
      elb.modifyLoadBalancerAttributes({
        LoadBalancerArn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value }],
      });
    await protect('true');
    await assertRefused(bench, [
      ['protected', 'OperationNotPermitted', () => elb.deleteLoadBalancer({ LoadBalancerArn })],
    ]);
    await protect('false');
    await elb.deleteLoadBalancer({ LoadBalancerArn });
    await elb.deleteLoadBalancer({ LoadBalancerArn });
    assert.equal(aws.state.listeners.size + aws.state.rules.size, 0);
    await assertRefused(bench, [['gone', 'LoadBalancerNotFound', () => describe(bench, LoadBalancerArn)]]);
  }));

test('what a load balancer cannot be is refused with the code of AWS', () =>
  withAws(
    async (bench) => {
      const create = (settings: object) =>
        bench.elb.createLoadBalancer({ Name: 'x', Subnets: publicSubnets(bench), ...settings });
      const other = (await bench.aws.call('ec2', 'CreateVpc', { CidrBlock: '10.9.0.0/16' })) as {
        Vpc: { VpcId: string };
      };
      const foreign = (await bench.aws.call('ec2', 'CreateSecurityGroup', {
        GroupName: 'f',
        Description: 'f',
        VpcId: other.Vpc.VpcId,
      })) as { GroupId: string };
      await makeLoadBalancer(bench);
      await assertRefused(create, [
        ['name too long', 'ValidationError', (make) => make({ Name: 'n'.repeat(33) })],
        ['name with an underscore', 'ValidationError', (make) => make({ Name: 'a_b' })],
        ['name ending with a hyphen', 'ValidationError', (make) => make({ Name: 'ab-' })],
        ['reserved name', 'ValidationError', (make) => make({ Name: 'internal-x' })],
        ['unknown scheme', 'InvalidScheme', (make) => make({ Scheme: 'public' })],
        ['unknown address type', 'ValidationError', (make) => make({ IpAddressType: 'ipv6' })],
        ['one zone', 'ValidationError', (make) => make({ Subnets: publicSubnets(bench).slice(0, 1) })],
        [
          'two subnets in a zone',
          'InvalidConfigurationRequest',
          (make) => make({ Subnets: ['subnet/public-a', 'subnet/private-a'].map(bench.id) }),
        ],
        [
          'unknown subnet',
          'SubnetNotFound',
          (make) => make({ Subnets: ['subnet-1', bench.id('subnet/public-b')] }),
        ],
        ['subnets and mappings', 'ValidationError', (make) => make({ SubnetMappings: [{ SubnetId: 'x' }] })],
        [
          'elastic IP',
          'ValidationError',
          (make) =>
            make({ Subnets: undefined, SubnetMappings: [{ SubnetId: 'x', AllocationId: 'eipalloc-1' }] }),
        ],
        ['unknown group', 'InvalidSecurityGroup', (make) => make({ SecurityGroups: ['sg-1'] })],
        [
          'group of another VPC',
          'InvalidSecurityGroup',
          (make) => make({ SecurityGroups: [foreign.GroupId] }),
        ],
        [
          'too many groups',
          'InvalidConfigurationRequest',
          (make) =>
            make({
              SecurityGroups: [...bench.aws.state.securityGroups.values()]
                .filter(({ vpcId }) => vpcId === bench.id('vpc'))
                .map(({ id }) => id),
            }),
        ],
        ['too many load balancers', 'TooManyLoadBalancers', (make) => make({})],
        ['reserved tag', 'ValidationError', (make) => make({ Tags: [{ Key: 'aws:x', Value: '' }] })],
        [
          'capacity beyond the quota',
          'CapacityUnitsLimitExceeded',
          async () =>
            bench.elb.modifyCapacityReservation({
              LoadBalancerArn: await makeLoadBalancer(bench),
              MinimumLoadBalancerCapacity: { CapacityUnits: 100 },
            }),
        ],
        [
          '21 ARNs',
          'ValidationError',
          () => bench.elb.describeLoadBalancers({ LoadBalancerArns: Array.from({ length: 21 }, () => 'x') }),
        ],
        [
          'unknown name',
          'LoadBalancerNotFound',
          () => bench.elb.describeLoadBalancers({ Names: ['nobody'] }),
        ],
      ]);
    },
    { quotas: { 'application-load-balancers': 1, 'security-groups-per-interface': 1 } },
  ));

test('a full subnet refuses a load balancer', () =>
  withAws(async (bench) => {
    const { aws, id } = bench;
    const made = (await aws.call('ec2', 'CreateSubnet', {
      VpcId: id('vpc'),
      CidrBlock: '10.0.250.0/28',
      AvailabilityZone: 'us-west-2d',
    })) as { Subnet: { SubnetId: string } };
    const Subnets = [made.Subnet.SubnetId, id('subnet/public-a')];
    for (let number = 0; number < 11; number += 1)
      await bench.elb.createLoadBalancer({ Name: `lb-${number}`, Subnets });
    const described = await bench.ec2.describeSubnets({ SubnetIds: Subnets.slice(0, 1) });
    assert.equal(described.Subnets?.[0]?.AvailableIpAddressCount, 0);
    await assertRefused(bench, [
      ['full', 'InvalidSubnet', ({ elb }) => elb.createLoadBalancer({ Name: 'one-more', Subnets })],
    ]);
  }));

test('load balancers come in pages', () =>
  withAws(
    async (bench) => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) await makeLoadBalancer(bench, name);
      const pages: string[][] = [];
      for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers(
        { client: bench.elb },
        { PageSize: 2 },
      )) {
        pages.push(LoadBalancers.map(({ LoadBalancerName = '' }) => LoadBalancerName));
      }
      assert.deepEqual(pages, [['a', 'b'], ['c', 'd'], ['e']]);
      const first = await bench.elb.describeLoadBalancers({});
      assert.equal(first.LoadBalancers?.length, 3);
      await assertRefused(bench, [
        ['page too large', 'ValidationError', ({ elb }) => elb.describeLoadBalancers({ PageSize: 401 })],
        ['made-up marker', 'ValidationError', ({ elb }) => elb.describeLoadBalancers({ Marker: 'x' })],
      ]);
    },
    { pageSize: { elbv2: 3 } },
  ));
