import { clusterUidTag } from '../../core/domain/cluster-uid.ts';
import type { Tags } from '../../core/domain/desired-group.ts';
import { type AwsError, refused } from '../errors.ts';

/** The tags that say whose a resource is (albc-behaviour §5.3). */
const ownershipTags = [
  'elbv2.k8s.aws/cluster',
  'ingress.k8s.aws/stack',
  'ingress.k8s.aws/resource',
  'elbv2.k8s.aws/resource',
];

/** Whether a resource carries the ownership tags that are wanted for it; one without a UID may be of any cluster of the name. */
export const isOwnedAs = (found: Tags, wanted: Tags): boolean =>
  ownershipTags.every((key) => wanted[key] === undefined || wanted[key] === found[key]) &&
  [undefined, wanted[clusterUidTag]].includes(found[clusterUidTag]);

/**
 * A create that found its resource there already: an earlier try whose answer was lost, or somebody else's resource. It is
 * ours when it carries the ownership tags that we would have given it; a resource that we would not tag is on a parent of ours.
 * Throws a `conflict` that names the owner when it is not.
 */
export function assertOurs(
  error: AwsError,
  { what, found, wanted }: { readonly what: string; readonly found: Tags; readonly wanted: Tags },
): void {
  if (isOwnedAs(found, wanted)) return;
  const owner = [...ownershipTags, clusterUidTag]
    .filter((key) => found[key] !== undefined)
    .map((key) => `${key}=${found[key]}`);
  throw refused('conflict', {
    code: error.code,
    action: error.action,
    message: `${what} exists already and ${owner.length === 0 ? 'carries no tags of any controller' : `belongs to ${owner.join(', ')}`}; delete it, or choose another name`,
  });
}

/** AWS said that it exists, and then that it does not: gone in between. The plan is made anew. */
export function vanished(error: AwsError, what: string): AwsError {
  return refused('conflict', {
    code: error.code,
    action: error.action,
    message: `${what} existed a moment ago and is gone now`,
  });
}
