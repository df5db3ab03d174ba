// `albatross plan` against a cluster and its AWS account: reads only, and says what the controller would do now.

import type { Config } from '../config/load.ts';
import { onlyQuotas, type TargetGroupFact } from '../core/domain/facts.ts';
import type { NetworkNeeds } from '../core/domain/desired-group.ts';
import type { ResourceId } from '../core/domain/ids.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import { isAlone } from '../core/model/binding.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { unknownNeeds } from '../core/desired/network-needs.ts';
import { type NetworkPlan, networkPlan, networkQuery } from '../core/plan/network.ts';
import { unreachableOnNodes } from '../core/plan/network-openings.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { planBindings } from './binding-plans.ts';
import {
  type ClusterGroups,
  type ClusterOptions,
  driftedIn,
  type PlannedGroup,
  withClusterGroups,
} from './cluster-groups.ts';
import type { Planned } from './plan-output.ts';
import { withTargetPlans } from './target-plans.ts';

type PlanOptions = ClusterOptions & { readonly targets?: boolean };
type PlannedCluster = Planned & { readonly snapshot: Snapshot; readonly network: NetworkPlan };

/** `targets`: what is registered is read, and what would be done about it is in the plans of the groups. */
export function planCluster(given: Config, options: PlanOptions): Promise<PlannedCluster> {
  return withClusterGroups(given, options, (found) => planFound(found, options));
}

/** The same of groups that were found. */
export async function planFound(
  { aws, config, snapshot, inventory, groups: found, kept }: ClusterGroups,
  { group, targets = false, settled, signal }: PlanOptions,
): Promise<PlannedCluster> {
  const groups = found.map(({ planned }) => planned);
  // Groups in AWS that are not ours to plan, such as ALBC's beside us, still need what they have.
  const others = [...inventory].flatMap(([key, resources]) =>
    resources.others === true || resources.loadBalancerArns.length === 0
      ? []
      : [[key, unknownNeeds] as const],
  );
  const ownerOf = ({ arn }: TargetGroupFact): ObjectRef | undefined =>
    found.find((one) => one.observed.targetGroups.some((group) => group.arn === arn))?.planned.model
      .members[0]?.ref;
  const bindings = group === undefined ? await planBindings({ aws, config, snapshot, ownerOf, signal }) : [];
  const needs = new Map([
    ...others,
    ...groups.map((planned) => [planned.desired.key, needsAfter(planned)] as const),
    ...bindings.map(({ plan, needs: own }) => [plan.key, own] as const),
  ]);
  const network = await aws.observeNetwork(networkQuery(needs), { signal });
  const { quotas, regionUse } = await aws.facts({ ...onlyQuotas, serviceQuotas: true }, { signal });
  const unreachable =
    config.policy.unreachableNodes === 'wait'
      ? unreachableOnNodes([...needs.values()], { observed: network, config })
      : new Set<ResourceId>();
  const filled: PlannedGroup[] = [];
  for (const one of targets ? found : [])
    filled.push(
      await withTargetPlans(one, {
        aws,
        config,
        snapshot,
        unreachable,
        settled: settled ?? driftedIn(kept, one.observed.key),
        signal,
      }),
    );
  const seen = targets ? filled : found;
  const observed = new Map(seen.map((one) => [one.observed.key, one.observed] as const));
  return {
    groups: seen.map(({ planned }) => planned),
    bindings,
    network: networkPlan({
      needs,
      observed: network,
      complete: group === undefined,
      config,
      alone: isAlone(snapshot, config.policy),
      drift: {
        settled: settled ?? new Set(groups.flatMap(({ plan: { key } }) => [...driftedIn(kept, key)])),
        restOf: () => undefined,
      },
    }),
    snapshot,
    seen: { groups: observed, network, quotas, regionUse },
    assumptions: [],
    complaints: [],
    notices: [],
  };
}

/** What stays as it is keeps what it has open. */
function needsAfter({ plan, desired }: GroupPlan): NetworkNeeds {
  const stays = plan.standstill !== undefined || plan.operations.some(({ kind }) => kind === 'release');
  return stays ? unknownNeeds : desired.network;
}
