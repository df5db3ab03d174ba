import { ListWebACLsCommand } from '@aws-sdk/client-wafv2';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';

/** As ALBC keeps them (albc-internals §C.6). A name that is not found is asked again the next time. */
const ttlMs = 60 * 60_000;

/** ARNs of regional web ACLs by name; unknown names are missing. The account has at most 100 of them. */
export function webAclsByName({ calls, clock }: AwsContext) {
  let kept = { arns: new Map<string, string>(), at: Number.NEGATIVE_INFINITY };
  return async (names: readonly string[], { signal }: Signalled): Promise<ReadonlyMap<string, string>> => {
    const isOld = kept.at < clock.now() - ttlMs;
    if (names.length > 0 && (isOld || names.some((name) => !kept.arns.has(name)))) {
      const acls = await allPages(async (NextMarker) => {
        const command = new ListWebACLsCommand({ Scope: 'REGIONAL', Limit: 100, NextMarker });
        const { WebACLs: items, NextMarker: next } = await calls.wafv2(command, { signal });
        return { items, next };
      });
      kept = { arns: new Map(acls.map(({ Name = '', ARN = '' }) => [Name, ARN])), at: clock.now() };
    }
    return new Map(
      names.flatMap((name) => {
        const arn = kept.arns.get(name);
        return arn === undefined ? [] : [[name, arn] as const];
      }),
    );
  };
}
