// How the dry-run plan names things: other resources, security groups, tags, attributes.

import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup, Known, Tags } from '../domain/desired-group.ts';
import type { ResourceId, SecurityGroupId } from '../domain/ids.ts';

export type PlanInput = {
  readonly desired: DesiredGroup;
  readonly config: CoreConfig;
  readonly knownIds: ReadonlyMap<ResourceId, string>;
};

export const securityGroupType = 'AWS::EC2::SecurityGroup';
export const targetGroupType = 'AWS::ElasticLoadBalancingV2::TargetGroup';
/** The group's own security group. */
export const managed = 'ManagedLBSecurityGroup';

/** Stands for what AWS assigns, in ALBC’s form. */
export const ref = (type: string, id: string, attribute: string): object => ({
  $ref: `#/resources/${type}/${id}/status/${attribute}`,
});
/** The users' tags: ours are added later in ALBC. */
export function userTags(tags: Tags): Tags | undefined {
  const entries = Object.entries(tags).filter(
    ([key]) => !/^(elbv2|ingress)\.k8s\.aws\/|^albatross\.dev\//.test(key),
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** As ALBC lists them; undefined: the field is left out. */
export function attributes(given: Tags): readonly object[] | undefined {
  const entries = Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : entries.map(([key, value]) => ({ key, value }));
}

/** An id that is known, or a reference to the security group that is made. */
export function groupId(id: Known<SecurityGroupId>, { knownIds }: PlanInput): unknown {
  if (typeof id === 'string') return id;
  return knownIds.get(id.ref) ?? ref(securityGroupType, managed, 'groupID');
}
