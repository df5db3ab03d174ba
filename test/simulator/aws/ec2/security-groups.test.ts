import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpPermission } from '@aws-sdk/client-ec2';
import { assertRefused, type Bench, publicSubnets, withAws } from '../support.ts';

async function makeGroup({ ec2, id }: Bench, GroupName = 'front'): Promise<string> {
  const { GroupId = '' } = await ec2.createSecurityGroup({
    GroupName,
    Description: GroupName,
    VpcId: id('vpc'),
    TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'owner', Value: 'me' }] }],
  });
  return GroupId;
}

const web = (port: number, ...CidrIps: string[]): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: CidrIps.map((CidrIp) => ({ CidrIp })),
});

test('a group lets everything out, and shows rules by protocol and port with their descriptions', () =>
  withAws(async (bench) => {
    const { ec2, id } = bench;
    const GroupId = await makeGroup(bench);
    const authorized = await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [
        { ...web(80, '0.0.0.0/0', '10.0.0.7/8'), Ipv6Ranges: [{ CidrIpv6: '::/0', Description: 'six' }] },
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: id('sg/nodes'), Description: 'nodes' }] },
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: 'pl-1' }] },
      ],
    });
    assert.equal(authorized.SecurityGroupRules?.length, 5);
    const [group] =
      (
        await ec2.describeSecurityGroups({
          Filters: [
            { Name: 'tag:owner', Values: ['m*'] },
            { Name: 'vpc-id', Values: [id('vpc')] },
          ],
        })
      ).SecurityGroups ?? [];
    assert.equal(group?.GroupId, GroupId);
    assert.deepEqual(
      group?.IpPermissionsEgress?.map(({ IpProtocol, IpRanges }) => [IpProtocol, IpRanges]),
      [['-1', [{ CidrIp: '0.0.0.0/0' }]]],
    );
    assert.deepEqual(group?.IpPermissions?.[0], {
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 80,
      IpRanges: [{ CidrIp: '0.0.0.0/0' }, { CidrIp: '10.0.0.0/8' }],
      Ipv6Ranges: [{ CidrIpv6: '::/0', Description: 'six' }],
      UserIdGroupPairs: [],
      PrefixListIds: [],
    });
    assert.deepEqual(group?.IpPermissions?.[1]?.UserIdGroupPairs, [
      { GroupId: id('sg/nodes'), UserId: '123456789012', Description: 'nodes' },
    ]);
    const rules = await ec2.describeSecurityGroupRules({
      Filters: [{ Name: 'group-id', Values: [GroupId] }],
    });
    assert.deepEqual(
      rules.SecurityGroupRules?.filter(({ IsEgress }) => IsEgress === false).map(
        ({ CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo }) =>
          CidrIpv4 ?? CidrIpv6 ?? PrefixListId ?? ReferencedGroupInfo?.GroupId,
      ),
      ['0.0.0.0/0', '10.0.0.0/8', '::/0', id('sg/nodes'), 'pl-1'],
    );
    await ec2.revokeSecurityGroupIngress({
      GroupId,
      SecurityGroupRuleIds: [authorized.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? ''],
    });
    await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [web(80, '10.0.0.0/8')] });
    const [left] = (await ec2.describeSecurityGroups({ GroupIds: [GroupId] })).SecurityGroups ?? [];
    assert.deepEqual(left?.IpPermissions?.[0]?.IpRanges, []);
  }));

test('what a group or rule cannot be is refused, and refused rules leave nothing behind', () =>
  withAws(
    async (bench) => {
      const { ec2, id } = bench;
      const GroupId = await makeGroup(bench);
      const authorize = (...IpPermissions: IpPermission[]) =>
        ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
      const create = (settings: object) =>
        ec2.createSecurityGroup({ GroupName: 'x', Description: 'x', VpcId: id('vpc'), ...settings });
      const list = await ec2.createManagedPrefixList({
        PrefixListName: 'cdn',
        MaxEntries: 2,
        AddressFamily: 'IPv4',
      });
      const PrefixListIds = [{ PrefixListId: list.PrefixList?.PrefixListId }];
      await authorize(web(80, '10.0.0.0/8'));
      await assertRefused(authorize, [
        [
          'the same rule again',
          'InvalidPermission.Duplicate',
          () => authorize(web(81, '10.0.0.0/8'), web(80, '10.1.0.0/8')),
        ],
        [
          'revoke what is not there',
          'InvalidPermission.NotFound',
          () => ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [web(81, '10.0.0.0/8')] }),
        ],
        [
          'revoke an unknown id',
          'InvalidSecurityGroupRuleId.NotFound',
          () => ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds: ['sgr-1'] }),
        ],
        [
          'four IPv4 rules',
          'RulesPerSecurityGroupLimitExceeded',
          () => authorize(web(1, '10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8')),
        ],
        [
          'prefix list counts its entries',
          'RulesPerSecurityGroupLimitExceeded',
          () => authorize({ ...web(1, '10.0.0.0/8'), PrefixListIds }),
        ],
        ['CIDR', 'InvalidParameterValue', () => authorize(web(1, '10.0.0.0/33'))],
        [
          'ports the wrong way round',
          'InvalidParameterValue',
          () => authorize({ ...web(1, '10.0.0.0/8'), FromPort: 2 }),
        ],
        [
          'unknown source group',
          'InvalidGroup.NotFound',
          () => authorize({ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-1' }] }),
        ],
        [
          'rule description',
          'InvalidParameterValue',
          () => authorize({ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'a|b' }] }),
        ],
        ['no permissions', 'MissingParameter', () => authorize()],
        ['same name', 'InvalidGroup.Duplicate', () => create({ GroupName: 'front' })],
        ['name like an id', 'InvalidParameterValue', () => create({ GroupName: 'sg-x' })],
        ['unknown VPC', 'InvalidVpcID.NotFound', () => create({ VpcId: 'vpc-1' })],
        [
          'bad tag',
          'InvalidParameterValue',
          () =>
            create({
              TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'aws:x', Value: '' }] }],
            }),
        ],
        ['unknown group', 'InvalidGroup.NotFound', () => ec2.deleteSecurityGroup({ GroupId: 'sg-1' })],
        [
          'unknown filter',
          'InvalidParameterValue',
          () => ec2.describeSecurityGroups({ Filters: [{ Name: 'colour', Values: ['red'] }] }),
        ],
        ['too many groups', 'SecurityGroupLimitExceeded', () => create({ GroupName: 'one-more' })],
      ]);
      const rules = await ec2.describeSecurityGroupRules({
        Filters: [{ Name: 'group-id', Values: [GroupId] }],
      });
      assert.equal(rules.SecurityGroupRules?.filter(({ IsEgress }) => IsEgress === false).length, 1);
      await authorize({
        IpProtocol: 'tcp',
        FromPort: 1,
        ToPort: 1,
        Ipv6Ranges: [{ CidrIpv6: '::/0' }, { CidrIpv6: '2001::/16' }],
        PrefixListIds: [],
      });
    },
    { quotas: { 'rules-per-security-group': 3, 'security-groups': 3 } },
  ));

test('a group cannot go while a load balancer, or its interfaces after it, or a rule of another group needs it', () =>
  withAws(async (bench) => {
    const { ec2, elb, id, clock } = bench;
    const [GroupId, other] = [await makeGroup(bench), await makeGroup(bench, 'other')];
    const reference = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }];
    await ec2.authorizeSecurityGroupIngress({ GroupId: other, IpPermissions: reference });
    const made = await elb.createLoadBalancer({
      Name: 'shop',
      Subnets: publicSubnets(bench),
      SecurityGroups: [GroupId],
    });
    const inUse = (title: string) =>
      assertRefused(bench, [[title, 'DependencyViolation', () => ec2.deleteSecurityGroup({ GroupId })]]);
    await inUse('used by a load balancer');
    const interfaces = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'group-id', Values: [GroupId] }],
    });
    assert.deepEqual(
      interfaces.NetworkInterfaces?.map(({ Description }) => Description?.slice(0, 13)),
      Array.from({ length: 3 }, () => 'ELB app/shop/'),
    );
    await elb.deleteLoadBalancer({ LoadBalancerArn: made.LoadBalancers?.[0]?.LoadBalancerArn });
    await ec2.revokeSecurityGroupIngress({ GroupId: other, IpPermissions: reference });
    await clock.advance(59_999);
    await inUse('its interfaces linger');
    await clock.advance(1);
    await ec2.authorizeSecurityGroupIngress({ GroupId: other, IpPermissions: reference });
    await inUse('named by a rule');
    await ec2.deleteSecurityGroup({ GroupId: other });
    await ec2.deleteSecurityGroup({ GroupId });
    assert.deepEqual(
      (await ec2.describeSecurityGroups({ GroupNames: ['front', 'other'] })).SecurityGroups,
      [],
    );
    await assertRefused(bench, [
      [
        'default group',
        'CannotDelete',
        () =>
          ec2.deleteSecurityGroup({ GroupId: bench.aws.state.vpcs.get(id('vpc'))?.defaultSecurityGroupId }),
      ],
    ]);
  }));

test('egress rules are kept apart from ingress rules', () =>
  withAws(async (bench) => {
    const { ec2 } = bench;
    const GroupId = await makeGroup(bench);
    const all = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await assertRefused(bench, [
      [
        'there by default',
        'InvalidPermission.Duplicate',
        () => ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions: all }),
      ],
      [
        'not among ingress',
        'InvalidPermission.NotFound',
        () => ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: all }),
      ],
    ]);
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: all });
    await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: all });
    const [group] = (await ec2.describeSecurityGroups({ GroupIds: [GroupId] })).SecurityGroups ?? [];
    assert.deepEqual([group?.IpPermissions?.length, group?.IpPermissionsEgress?.length], [1, 0]);
  }));
