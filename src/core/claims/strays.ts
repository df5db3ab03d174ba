// A host of a spread group is on one load balancer. A member that begins to ask for one that another shard has is held; who
// had it first is seen in the rules that its own load balancer has.

import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { matchesRegex } from '../evaluate/patterns.ts';
import { baseOf } from '../model/identity.ts';
import { spreadGroups, strayProblem } from '../model/shards.ts';

/** Members to hold, each with what it is told. */
export function heldAsStrays({
  model,
  observed,
  snapshot,
  config,
}: {
  readonly model: GroupModel;
  readonly observed: ObservedGroup;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
}): ReadonlyMap<NamespacedName, readonly Problem[]> {
  const spread = spreadGroups(snapshot, config).get(baseOf(model.key));
  if (spread === undefined) return new Map();
  return new Map(
    model.members.flatMap(({ id }) => {
      const place = spread.places.get(id);
      const ingress = snapshot.ingresses.get(id);
      if (place?.home !== model.key || ingress === undefined) return [];
      const strays = place.strays.filter(({ host }) => !isServed(host, observed));
      return strays.length === 0 ? [] : [[id, [strayProblem(ingress, place.home, strays)]] as const];
    }),
  );
}

/** Whether a rule names the host. A wildcard is written as it is, or as the regular expression that stands for it. */
function isServed(host: string, { loadBalancers }: ObservedGroup): boolean {
  const rules = loadBalancers.flatMap(({ listeners }) => listeners.flatMap((listener) => listener.rules));
  const sample = host.replace('*', 'sample');
  return rules.some(({ conditions }) =>
    conditions.some(
      (condition) =>
        condition.kind === 'host-header' &&
        (condition.values.some((value) => value.toLowerCase() === host) ||
          matchesRegex(condition.regexValues, sample, { ignoreCase: true })),
    ),
  );
}
