import { DescribeSecurityGroupsCommand, type SecurityGroup } from '@aws-sdk/client-ec2';
import type { SecurityGroupId } from '../../core/domain/ids.ts';
import type { ObservedSecurityGroup } from '../../core/domain/observed-group.ts';
import { chunks } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { observedRules } from '../wire/security-group-rules.ts';
import { required } from '../wire/required.ts';
import { observedTags } from '../wire/tags.ts';

/** Values of one filter (EC2 API). */
export const filterSize = 200;

/** Those that exist, by name. Asked by a filter, which leaves out unknown ids where a list of ids refuses them. */
export async function observeSecurityGroups(
  context: AwsContext,
  ids: readonly SecurityGroupId[],
  { signal }: Signalled,
): Promise<readonly ObservedSecurityGroup[]> {
  const found =
    context.handover.takeSecurityGroups(ids) ?? (await securityGroupsById(context, ids, { signal }));
  return found.map(observedSecurityGroup).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export async function securityGroupsById(
  { calls }: AwsContext,
  ids: readonly string[],
  { signal }: Signalled,
): Promise<readonly SecurityGroup[]> {
  const found = chunks(ids, filterSize).map(async (Values) => {
    const command = new DescribeSecurityGroupsCommand({
      Filters: [{ Name: 'group-id', Values: [...Values] }],
    });
    const { SecurityGroups = [] } = await calls.ec2(command, { signal });
    return SecurityGroups;
  });
  return (await Promise.all(found)).flat();
}

export function observedSecurityGroup(group: SecurityGroup): ObservedSecurityGroup {
  return {
    id: required(group.GroupId, 'GroupId') as SecurityGroupId,
    name: required(group.GroupName, 'GroupName'),
    description: group.Description ?? '',
    tags: observedTags(group.Tags),
    ingress: observedRules(group.IpPermissions),
  };
}
