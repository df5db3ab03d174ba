import type { GroupModel } from '../domain/group-model.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';

/**
 * The members that AWS still has something for: target groups by ALBC's resource tag `namespace/name-service:port`
 * (albc-behaviour §5.2), rules by our tag. ALBC's rules say nothing of their member.
 */
export function owners(model: GroupModel, observed: ObservedGroup): ReadonlySet<NamespacedName> {
  const ids = [...model.members, ...model.held, ...model.leaving]
    .map(({ id }) => id)
    // Names may hold `-`: `shop/web-api-v1:80` is of `shop/web-api` where there is such a member, else of `shop/web`.
    .toSorted((a, b) => b.length - a.length);
  const ofTargetGroups = observed.targetGroups.map(({ tags }) =>
    ids.find((id) => tags['ingress.k8s.aws/resource']?.startsWith(`${id}-`)),
  );
  const ofRules = observed.loadBalancers
    .flatMap(({ listeners }) => listeners.flatMap((listener) => listener.rules))
    .map(({ tags }) => ids.find((id) => tags['albatross.dev/ingress'] === id));
  return new Set([...ofTargetGroups, ...ofRules].filter((id) => id !== undefined));
}
