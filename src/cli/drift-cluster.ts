// `albatross drift` against a cluster and its AWS account: reads only.

import type { Aws } from '../aws/aws.ts';
import type { Config } from '../config/load.ts';
import type { Drift } from '../core/domain/drift.ts';
import type { Plan } from '../core/domain/plan.ts';
import { targetKey } from '../core/domain/target.ts';
import { address } from '../core/targets/by-hand.ts';
import { systemClock } from '../lib/clock.ts';
import { withClusterGroups } from './cluster-groups.ts';
import { planFound } from './plan-cluster.ts';
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
  const options = { group, settled: 'everything', targets: true, signal } as const;
  return withClusterGroups(config, options, async (found) => {
    const { groups, network } = await planFound(found, options);
    const all = [
      ...groups.flatMap(({ plan }) =>
        [...(plan.drift ?? []), ...unwantedTargets(plan)].map((drift) => ({ key: plan.key, drift })),
      ),
      ...network.drifted.flatMap(({ drift, groups: [key] }) => (key === undefined ? [] : [{ key, drift }])),
    ].map(({ key, drift }) => withKnowledge(key, drift, found.kept.drift[key] ?? []));
    return {
      differences: who ? await withAuthors(all, found.aws, signal) : all,
      foreign: groups.flatMap(({ plan }) => plan.foreign.map((what) => ({ group: plan.key, what }))),
      groups: groups.length,
    };
  });
}

/** Registered, and neither wanted nor known to be others'. */
function unwantedTargets({ operations }: Plan): readonly Drift[] {
  return operations.flatMap((operation) =>
    operation.kind !== 'deregisterTargets'
      ? []
      : operation.targets.map((target) => ({
          path: `${operation.subject} target ${address(targetKey(target))}`,
          field: 'targetGroup.targets',
          subject: operation.subject,
          resource: operation.targetGroup,
          what: `target ${address(targetKey(target))}`,
          wanted: '',
          found: 'registered',
          mode: 'repair',
        })),
  );
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
