import type { Tags } from '../domain/desired-group.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { OperationOf } from '../domain/operation.ts';

/** The group after tags of one of its resources were set. */
export function rememberTags(observed: ObservedGroup, operation: OperationOf<'setTags'>): ObservedGroup {
  const retag = <T extends { readonly arn: string; readonly tags: Tags }>(resource: T): T =>
    resource.arn === operation.resource
      ? { ...resource, tags: changedTags(resource.tags, operation) }
      : resource;
  return {
    ...observed,
    targetGroups: observed.targetGroups.map(retag),
    loadBalancers: observed.loadBalancers.map((loadBalancer) => ({
      ...retag(loadBalancer),
      listeners: loadBalancer.listeners.map((listener) => ({
        ...retag(listener),
        rules: listener.rules.map(retag),
      })),
    })),
  };
}

/** Tags after AddTags and RemoveTags. */
export function changedTags(
  tags: Tags,
  change: { readonly add: Tags; readonly remove: readonly string[] },
): Tags {
  return {
    ...Object.fromEntries(Object.entries(tags).filter(([key]) => !change.remove.includes(key))),
    ...change.add,
  };
}

/** What was let go is none of the group's any more. */
export function withoutReleased(
  observed: ObservedGroup,
  { resource }: OperationOf<'release'>,
): ObservedGroup {
  const isOther = ({ arn }: { readonly arn: string }): boolean => arn !== resource;
  return {
    ...observed,
    loadBalancers: observed.loadBalancers.filter(isOther),
    targetGroups: observed.targetGroups.filter(isOther),
    securityGroups: observed.securityGroups.filter(({ id }) => id !== resource),
    certificates: observed.certificates.filter(isOther),
  };
}
