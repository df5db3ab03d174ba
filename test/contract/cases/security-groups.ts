import assert from 'node:assert/strict';
import * as ec2 from '@aws-sdk/client-ec2';
import { type Account, refused } from '../account.ts';
import type { Case } from '../case.ts';

const from = (CidrIp: string, port = 80): ec2.IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp, Description: 'contract' }],
});

const authorize = (account: Account, GroupId: string, ...IpPermissions: ec2.IpPermission[]) =>
  account.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));

export const securityGroupCases: readonly Case[] = [
  {
    what: 'the name of another security group of the VPC is InvalidGroup.Duplicate',
    run: async (account) => {
      const name = account.name();
      await account.securityGroup(name);
      await refused(account.securityGroup(name), 'InvalidGroup.Duplicate');
    },
  },
  {
    what: 'a new security group lets everything out and nothing in',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      const { SecurityGroups: [found] = [] } = await account.ec2.send(
        new ec2.DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }),
      );
      assert.deepEqual(found?.IpPermissions ?? [], []);
      assert.deepEqual(
        found?.IpPermissionsEgress?.map(({ IpProtocol }) => IpProtocol),
        ['-1'],
      );
    },
  },
  {
    what: 'a rule that is there already is InvalidPermission.Duplicate',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      await authorize(account, GroupId, from('10.0.0.0/8'));
      await refused(authorize(account, GroupId, from('10.0.0.0/8')), 'InvalidPermission.Duplicate');
    },
  },
  {
    what: 'revoking a rule that is not there is InvalidPermission.NotFound',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      const IpPermissions = [from('10.0.0.0/8')];
      await refused(
        account.ec2.send(new ec2.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
        'InvalidPermission.NotFound',
      );
    },
  },
  {
    what: 'the answer to an authorisation names every rule that it made',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      const { SecurityGroupRules = [] } = await authorize(
        account,
        GroupId,
        from('10.0.0.0/8'),
        from('172.16.0.0/12', 443),
      );
      assert.deepEqual(
        new Set(SecurityGroupRules.map(({ CidrIpv4 }) => CidrIpv4)),
        new Set(['10.0.0.0/8', '172.16.0.0/12']),
      );
    },
  },
  {
    what: 'a rule can be revoked by its id',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      const { SecurityGroupRules: [rule] = [] } = await authorize(account, GroupId, from('10.0.0.0/8'));
      await account.ec2.send(
        new ec2.RevokeSecurityGroupIngressCommand({
          GroupId,
          SecurityGroupRuleIds: [rule?.SecurityGroupRuleId ?? ''],
        }),
      );
      const { SecurityGroups: [found] = [] } = await account.ec2.send(
        new ec2.DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }),
      );
      assert.deepEqual(found?.IpPermissions, []);
    },
  },
  {
    what: 'a rule that names another group is revoked by its permission, whatever its description',
    run: async (account) => {
      const [GroupId, source] = [await account.securityGroup(), await account.securityGroup()];
      const permission = (Description?: string): ec2.IpPermission => ({
        IpProtocol: 'tcp',
        FromPort: 80,
        ToPort: 80,
        UserIdGroupPairs: [{ GroupId: source, Description }],
      });
      await authorize(account, GroupId, permission('contract'));
      const IpPermissions = [permission()];
      await account.ec2.send(new ec2.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    },
  },
  {
    what: 'a rule that names another group keeps its description',
    run: async (account) => {
      const [GroupId, source] = [await account.securityGroup(), await account.securityGroup()];
      await authorize(account, GroupId, {
        IpProtocol: 'tcp',
        FromPort: 80,
        ToPort: 80,
        UserIdGroupPairs: [{ GroupId: source, Description: 'from the other' }],
      });
      const { SecurityGroupRules = [] } = await account.ec2.send(
        new ec2.DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
      );
      const rule = SecurityGroupRules.find(({ IsEgress }) => IsEgress !== true);
      assert.deepEqual([rule?.ReferencedGroupInfo?.GroupId, rule?.Description], [source, 'from the other']);
    },
  },
  {
    what: 'a group that another one names is DependencyViolation',
    run: async (account) => {
      const [source, GroupId] = [await account.securityGroup(), await account.securityGroup()];
      const UserIdGroupPairs = [{ GroupId: source }];
      await authorize(account, GroupId, { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs });
      await refused(
        account.ec2.send(new ec2.DeleteSecurityGroupCommand({ GroupId: source })),
        'DependencyViolation',
      );
    },
  },
  {
    what: 'a group of a load balancer is DependencyViolation',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      await account.loadBalancer({ SecurityGroups: [GroupId] });
      await refused(account.ec2.send(new ec2.DeleteSecurityGroupCommand({ GroupId })), 'DependencyViolation');
    },
  },
  {
    what: 'an unknown group is InvalidGroup.NotFound',
    run: (account) =>
      refused(
        account.ec2.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: ['sg-0123456789abcdef0'] })),
        'InvalidGroup.NotFound',
      ),
  },
  {
    what: 'a port range that runs backwards is refused',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      await refused(
        authorize(account, GroupId, { ...from('10.0.0.0/8'), FromPort: 90, ToPort: 80 }),
        'InvalidParameterValue',
      );
    },
  },
  {
    what: 'the groups of a filter by tag are those with the tag',
    run: async (account) => {
      const GroupId = await account.securityGroup();
      const tag = { Key: account.name(), Value: 'yes' };
      await account.ec2.send(new ec2.CreateTagsCommand({ Resources: [GroupId], Tags: [tag] }));
      const { SecurityGroups = [] } = await account.ec2.send(
        new ec2.DescribeSecurityGroupsCommand({
          Filters: [{ Name: `tag:${tag.Key}`, Values: [tag.Value] }],
        }),
      );
      assert.deepEqual(
        SecurityGroups.map((group) => group.GroupId),
        [GroupId],
      );
    },
  },
];
