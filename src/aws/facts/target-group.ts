import {
  DescribeTargetGroupsCommand,
  type DescribeTargetGroupsCommandInput,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroupFact, TargetGroupQuery } from '../../core/domain/facts.ts';
import type { TargetGroupArn } from '../../core/domain/ids.ts';
import { callsAs, type AwsContext, type Signalled } from '../context.ts';
import { isKind } from '../errors.ts';

/** Somebody else's target group, by ARN or name; undefined when there is none. Throws `AwsError`. */
export async function targetGroup(
  context: Pick<AwsContext, 'calls'>,
  { arn, name, role }: TargetGroupQuery,
  { signal }: Signalled,
): Promise<TargetGroupFact | undefined> {
  const which: DescribeTargetGroupsCommandInput =
    arn === undefined ? { Names: [name ?? ''] } : { TargetGroupArns: [arn] };
  try {
    const { TargetGroups = [] } = await callsAs(context.calls, role)(new DescribeTargetGroupsCommand(which), {
      signal,
    });
    return TargetGroups.map(factOf)[0];
  } catch (error) {
    if (isKind(error, 'notFound')) return undefined;
    throw error;
  }
}

function factOf(found: TargetGroup): TargetGroupFact {
  return {
    arn: (found.TargetGroupArn ?? '') as TargetGroupArn,
    name: found.TargetGroupName ?? '',
    targetType: found.TargetType ?? 'instance',
    protocol: found.Protocol ?? '',
    ipAddressType: found.IpAddressType === 'ipv6' ? 'ipv6' : 'ipv4',
    vpcId: found.VpcId ?? '',
  };
}
