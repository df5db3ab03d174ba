import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type SecurityGroup,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import type { SecurityGroupId } from '../../core/domain/ids.ts';
import { sharedRuleDescription } from '../../core/domain/network.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';

/** Who still uses a security group that AWS does not delete: network interfaces, and rules of other groups, one text each. */
export async function usersOf(
  { calls }: AwsContext,
  securityGroup: SecurityGroupId,
  { signal }: Signalled,
): Promise<readonly string[]> {
  const [{ NetworkInterfaces = [] }, { SecurityGroups = [] }] = await Promise.all([
    calls.ec2(
      new DescribeNetworkInterfacesCommand({
        Filters: [{ Name: 'group-id', Values: [securityGroup] }],
        MaxResults: 5,
      }),
      { signal },
    ),
    calls.ec2(
      new DescribeSecurityGroupsCommand({
        Filters: [{ Name: 'ip-permission.group-id', Values: [securityGroup] }],
      }),
      { signal },
    ),
  ]);
  const referring = SecurityGroups.filter(({ GroupId }) => GroupId !== securityGroup);
  const rules = await rulesOf(calls, referring, { signal });
  return [
    ...NetworkInterfaces.map(
      ({ NetworkInterfaceId, Description }) => `${NetworkInterfaceId} (${Description})`,
    ),
    ...referring.flatMap((group) => {
      const own = rules.filter(
        ({ GroupId, ReferencedGroupInfo }) =>
          GroupId === group.GroupId && ReferencedGroupInfo?.GroupId === securityGroup,
      );
      return own.length === 0
        ? [`rules of ${group.GroupId} (${group.GroupName})`]
        : own.map((rule) => ruleOf(rule, group));
    }),
  ];
}

function ruleOf(
  { SecurityGroupRuleId, Description }: SecurityGroupRule,
  { GroupId, GroupName }: SecurityGroup,
): string {
  const whose = Description === sharedRuleDescription ? '' : ', not ours';
  return `rule ${SecurityGroupRuleId} of ${GroupId} (${GroupName})${whose}`;
}

/** Roles made for ALBC may not read rules by their ids; then the groups alone are told. */
async function rulesOf(
  calls: AwsContext['calls'],
  groups: readonly SecurityGroup[],
  { signal }: Signalled,
): Promise<readonly SecurityGroupRule[]> {
  if (groups.length === 0) return [];
  const Values = groups.map(({ GroupId = '' }) => GroupId);
  const command = new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values }] });
  try {
    return (await calls.ec2(command, { signal })).SecurityGroupRules ?? [];
  } catch (error) {
    if (isKind(error, 'denied')) return [];
    throw error;
  }
}
