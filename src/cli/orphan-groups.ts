// Groups in AWS that carry the tags of this cluster and that nothing in it stands for.

import type { GroupResources, Inventory } from '../core/domain/observation.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { type GroupKey, namespacedName } from '../core/domain/ids.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { fullKey } from '../core/annotations/table.ts';
import { allGroupKeys } from '../core/model/membership.ts';
import { orphansIn } from '../engine/inventory.ts';

export type Orphan = {
  readonly group: GroupKey;
  readonly resources: GroupResources;
  /**
   * `ours`: they carry the UID of this cluster, or of one whose place it took. `unclaimed`: only its name. `othersIngress`:
   * an Ingress of the cluster that another controller serves may stand for them.
   */
  readonly whose: 'ours' | 'unclaimed' | 'othersIngress';
};

export function orphanGroups(
  inventory: Inventory,
  snapshot: Snapshot,
  config: CoreConfig,
): readonly Orphan[] {
  return (
    orphansIn(inventory, allGroupKeys(snapshot, config))
      // A Service's load balancers, which ALBC keeps: no Ingress could stand for them.
      .filter((key) => !key.includes('='))
      .flatMap((group) => {
        const resources = inventory.get(group);
        if (resources === undefined) return [];
        const whose = resources.claimed ? 'ours' : isNamed(group, snapshot) ? 'othersIngress' : 'unclaimed';
        return [{ group, resources, whose } as const];
      })
  );
}

/** Whether some Ingress, whoever serves it, may be of the group. */
function isNamed(group: GroupKey, { ingresses }: Snapshot): boolean {
  return [...ingresses.values()].some(
    ({ meta }) =>
      namespacedName(meta.namespace, meta.name) === (group as string) ||
      meta.annotations[fullKey('group.name')] === group ||
      meta.finalizers.some((finalizer) => finalizer.endsWith(`/${group}`)),
  );
}

const words = {
  ours: 'with the UID of this cluster',
  unclaimed:
    'with the name of this cluster and no UID: of an older version, of ALBC, or of another cluster with the name',
  othersIngress: 'with the name of this cluster; an Ingress that another controller serves may stand for it',
} as const;

/** For people: a group and what it has, one line each. */
export function renderOrphans(orphans: readonly Orphan[]): string {
  return orphans
    .map(({ group, resources, whose }) =>
      [`Group ${group}, ${words[whose]}:`, ...linesOf(resources).map((line) => `  ${line}`), ''].join('\n'),
    )
    .join('\n');
}

function linesOf(resources: GroupResources): readonly string[] {
  return [
    ...resources.loadBalancerArns.map((arn) => `load balancer ${arn}`),
    ...resources.targetGroupArns.map((arn) => `target group ${arn}`),
    ...resources.securityGroupIds.map((id) => `security group ${id}`),
    ...resources.certificateArns.map((arn) => `certificate ${arn}`),
  ];
}
