import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { AwsError } from '../errors.ts';

/** Counts everybody's security groups in the region, a call for each thousand. Where AWS does not answer, nothing is counted. */
export async function countSecurityGroups(
  { calls, regionCount }: Pick<AwsContext, 'calls' | 'regionCount'>,
  { signal }: Signalled,
): Promise<void> {
  try {
    const all = await allPages(async (NextToken) => {
      const command = new DescribeSecurityGroupsCommand({ NextToken, MaxResults: 1000 });
      const { SecurityGroups: items, NextToken: next } = await calls.ec2(command, { signal });
      return { items, next };
    });
    regionCount.securityGroups(all.length);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}
