// `albatross drift` against a cluster and its AWS account: reads only.

import type { Aws } from '../aws/aws.ts';
import type { Config } from '../config/load.ts';
import { allGroupKeys } from '../core/model/membership.ts';
import { systemClock } from '../lib/clock.ts';
import { type ClusterGroups, withClusterGroups } from './cluster-groups.ts';
import { UserError } from './user-error.ts';
import { type Difference, type DriftFindings, withKnowledge } from './drift-output.ts';

/** Whatever is not as the Ingresses ask for; `who`: CloudTrail is asked. */
export function driftOfCluster(
  config: Config,
  {
    group,
    who,
    signal,
  }: { readonly group: string | undefined; readonly who: boolean; readonly signal: AbortSignal },
): Promise<DriftFindings> {
  return withClusterGroups(config, { group, settled: 'everything', signal }, async (found) => {
    if (group !== undefined && found.groups.length === 0) throw noSuchGroup(group, found);
    const all = found.groups.flatMap(({ planned: { plan } }) =>
      (plan.drift ?? []).map((drift) => withKnowledge(plan.key, drift, found.kept.drift[plan.key] ?? [])),
    );
    return {
      differences: who ? await withAuthors(all, found.aws, signal) : all,
      foreign: found.groups.flatMap(({ planned: { plan } }) =>
        plan.foreign.map((what) => ({ group: plan.key, what })),
      ),
      groups: found.groups.length,
    };
  });
}

/** CloudTrail is asked for so long back where nobody knows when a field changed. */
const lookBackMs = 24 * 60 * 60_000;

async function withAuthors(
  all: readonly Difference[],
  { authors }: Pick<Aws, 'authors'>,
  signal: AbortSignal,
): Promise<readonly Difference[]> {
  const now = systemClock.now();
  const from = Math.min(now, ...all.map(({ lastRight }) => lastRight ?? now - lookBackMs));
  const found = await authors(all, { from, to: now }, { signal });
  return all.map((one) => {
    const by = found.get(one.path);
    return by === undefined ? one : { ...one, by };
  });
}

function noSuchGroup(group: string, { snapshot, config }: ClusterGroups): UserError {
  const known = allGroupKeys(snapshot, config);
  const there = known.length === 0 ? 'the cluster has none of ours' : `there are ${known.join(', ')}`;
  return new UserError(`there is no group “${group}”; ${there}`, 2);
}
