import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import type { SecurityGroupFact } from '../../core/domain/facts.ts';
import type { SecurityGroupId } from '../../core/domain/ids.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { required } from '../wire/required.ts';
import { observedTags } from '../wire/tags.ts';

/** All security groups of the VPC, by id. */
export async function securityGroups(
  { calls, vpcId }: AwsContext,
  { signal }: Signalled,
): Promise<readonly SecurityGroupFact[]> {
  const found = await allPages(async (NextToken) => {
    const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
    const command = new DescribeSecurityGroupsCommand({ Filters, NextToken, MaxResults: 1000 });
    const { SecurityGroups: items, NextToken: next } = await calls.ec2(command, { signal });
    return { items, next };
  });
  const facts = found.map((group) => ({
    id: required(group.GroupId, 'GroupId') as SecurityGroupId,
    name: group.GroupName ?? '',
    tags: observedTags(group.Tags),
  }));
  return facts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
