import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import type { Calls } from '../ports.ts';

/** What a TargetGroupBinding needs to know of its target group. */
export type BoundTargetGroup = {
  readonly arn: string;
  /** `lambda` and `alb` too. */
  readonly targetType: string;
  readonly protocol: string;
  readonly ipAddressType: string;
  readonly vpcId: string;
};

/** Somebody else's target group by its ARN or, without one, its name; undefined when there is none. Throws `AwsError`. */
export async function boundTargetGroup(
  calls: Pick<Calls, 'elbv2'>,
  { arn, name }: { readonly arn: string | undefined; readonly name: string | undefined },
  { signal }: Signalled,
): Promise<BoundTargetGroup | undefined> {
  const which = arn === undefined ? { Names: [name ?? ''] } : { TargetGroupArns: [arn] };
  try {
    const { TargetGroups = [] } = await calls.elbv2(new DescribeTargetGroupsCommand(which), { signal });
    const [found] = TargetGroups;
    if (found === undefined) return undefined;
    return {
      arn: found.TargetGroupArn ?? '',
      targetType: found.TargetType ?? '',
      protocol: found.Protocol ?? '',
      ipAddressType: found.IpAddressType ?? 'ipv4',
      vpcId: found.VpcId ?? '',
    };
  } catch (error) {
    if (isKind(error, 'notFound')) return undefined;
    throw error;
  }
}
