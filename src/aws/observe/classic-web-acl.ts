import type { LoadBalancerArn } from '../../core/domain/ids.ts';
import { noClassicWaf } from '../../core/domain/observed-group.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import { GetWebACLForResourceCommand } from '../waf-classic.ts';

/** Id of the associated web ACL of WAF Classic; '' for none. Newer regions do not have that service, nor its host name. */
export async function classicWebAcl(
  { calls }: AwsContext,
  arn: LoadBalancerArn,
  { signal }: Signalled,
): Promise<string> {
  try {
    const command = new GetWebACLForResourceCommand({ ResourceArn: arn });
    const { WebACLSummary } = await calls.classicWaf(command, { signal });
    return WebACLSummary?.WebACLId ?? '';
  } catch (error) {
    if (isKind(error, 'unavailable') && error.code === 'ENOTFOUND') return noClassicWaf;
    throw error;
  }
}
