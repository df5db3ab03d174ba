import {
  DescribeTargetGroupsCommand,
  DescribeTrustStoresCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroupArn } from '../../core/domain/ids.ts';
import { describeKnown } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';

/** As ALBC keeps them (albc-internals §C.6). A name that is not found is asked again the next time. */
const ttlMs = 20 * 60_000;
const batchSize = 20;

type Named = readonly [name: string, arn: string];
type Lookup<Arn extends string> = (
  names: readonly string[],
  options: Signalled,
) => Promise<ReadonlyMap<string, Arn>>;

/** ARNs of target groups that users name in actions; unknown names are missing. */
export const targetGroupsByName = ({ calls, clock }: AwsContext): Lookup<TargetGroupArn> =>
  byName(clock, async (names, { signal }) => {
    const { TargetGroups = [] } = await calls.elbv2(new DescribeTargetGroupsCommand({ Names: [...names] }), {
      signal,
    });
    return TargetGroups.map(({ TargetGroupName = '', TargetGroupArn = '' }) => [
      TargetGroupName,
      TargetGroupArn,
    ]);
  });

/** ARNs of trust stores that users name; unknown names are missing. */
export const trustStoresByName = ({ calls, clock }: AwsContext): Lookup<string> =>
  byName(clock, async (names, { signal }) => {
    const { TrustStores = [] } = await calls.elbv2(new DescribeTrustStoresCommand({ Names: [...names] }), {
      signal,
    });
    return TrustStores.map(({ Name = '', TrustStoreArn = '' }) => [Name, TrustStoreArn]);
  });

function byName<Arn extends string>(
  clock: AwsContext['clock'],
  describe: (names: readonly string[], options: Signalled) => Promise<readonly Named[]>,
): Lookup<Arn> {
  const kept = new Map<string, { readonly arn: Arn; readonly at: number }>();
  return async (names, { signal }) => {
    const oldest = clock.now() - ttlMs;
    const unknown = names.filter((name) => (kept.get(name)?.at ?? Number.NEGATIVE_INFINITY) < oldest);
    for (const name of unknown) kept.delete(name);
    for (const [name, arn] of await describeKnown(unknown, batchSize, (batch) =>
      describe(batch, { signal }),
    )) {
      kept.set(name, { arn: arn as Arn, at: clock.now() });
    }
    return new Map(
      names.flatMap((name) => {
        const known = kept.get(name);
        return known === undefined ? [] : [[name, known.arn] as const];
      }),
    );
  };
}
