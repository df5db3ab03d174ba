import type { NamespacedName } from './ids.ts';
import type { ObservedGroup } from './observed-group.ts';

/**
 * Those of some Ingresses that AWS still has something for: target groups by ALBC's resource tag
 * `namespace/name-service:port` (albc-behaviour §5.2), rules by our tag. ALBC's rules say nothing of their member.
 */
export function owners(
  ids: readonly NamespacedName[],
  { targetGroups, loadBalancers }: Pick<ObservedGroup, 'targetGroups' | 'loadBalancers'>,
): ReadonlySet<NamespacedName> {
  const ofTargetGroups = targetGroups.map(({ tags }) => ownerOf(tags['ingress.k8s.aws/resource'] ?? '', ids));
  const ofRules = loadBalancers
    .flatMap(({ listeners }) => listeners.flatMap((listener) => listener.rules))
    .map(({ tags }) => ids.find((id) => tags['albatross.dev/ingress'] === id));
  return new Set([...ofTargetGroups, ...ofRules].filter((id) => id !== undefined));
}

/** Names may hold `-`: `shop/web-api-v1:80` is of `shop/web-api` where there is such an Ingress, else of `shop/web`. */
export function ownerOf(resource: string, ids: readonly NamespacedName[]): NamespacedName | undefined {
  return ids.toSorted((a, b) => b.length - a.length).find((id) => resource.startsWith(`${id}-`));
}
