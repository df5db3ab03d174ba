import { DescribeProtectionCommand } from '@aws-sdk/client-shield';
import { GetWebACLForResourceCommand } from '@aws-sdk/client-wafv2';
import type { LoadBalancerArn } from '../../core/domain/ids.ts';
import type { ObservedLoadBalancer } from '../../core/domain/observed-group.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';

/** ARN of the associated web ACL; '' for none. WAF takes one such request a second, so ask only where it matters. */
export async function associatedWebAcl(
  { calls }: AwsContext,
  arn: LoadBalancerArn,
  { signal }: Signalled,
): Promise<string> {
  const { WebACL } = await calls.wafv2(new GetWebACLForResourceCommand({ ResourceArn: arn }), { signal });
  return WebACL?.ARN ?? '';
}

/** The protection by Shield Advanced; without a subscription there is none, and nobody to ask. */
export async function shieldProtection(
  { calls, shieldSubscription }: AwsContext,
  arn: LoadBalancerArn,
  { signal }: Signalled,
): Promise<NonNullable<ObservedLoadBalancer['shieldProtection']>> {
  if (!(await shieldSubscription({ signal }))) return 'none';
  try {
    const { Protection } = await calls.shield(new DescribeProtectionCommand({ ResourceArn: arn }), {
      signal,
    });
    return { id: Protection?.Id ?? '', name: Protection?.Name ?? '' };
  } catch (error) {
    if (isKind(error, 'notFound')) return 'none';
    throw error;
  }
}
