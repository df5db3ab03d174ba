import {
  DescribeTargetHealthCommand,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroupArn } from '../../core/domain/ids.ts';
import type { AssumedRole, ObservedTarget } from '../../core/domain/target.ts';
import { callsAs, type AwsContext, type Signalled } from '../context.ts';

/** All registered targets of a target group in AWS's order; DescribeTargetHealth has no pages. Throws `notFound` when it is gone. */
export async function observeTargets(
  { calls }: Pick<AwsContext, 'calls'>,
  arn: TargetGroupArn,
  { signal, role }: Signalled & { readonly role?: AssumedRole | undefined },
): Promise<readonly ObservedTarget[]> {
  const { TargetHealthDescriptions = [] } = await callsAs(calls, role)(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
    { signal },
  );
  return TargetHealthDescriptions.map(observedTarget);
}

function observedTarget({ Target, TargetHealth }: TargetHealthDescription): ObservedTarget {
  return {
    id: Target?.Id ?? '',
    port: Target?.Port ?? 0,
    // AWS fills in the zone of an address inside the VPC; only `all` was written by us.
    availabilityZone: Target?.AvailabilityZone === 'all' ? 'all' : undefined,
    state: TargetHealth?.State ?? 'unavailable',
    reason: TargetHealth?.Reason ?? '',
    description: TargetHealth?.Description ?? '',
  };
}
