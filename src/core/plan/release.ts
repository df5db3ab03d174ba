// A load balancer that is let go keeps everything but the tags by which it would be found, changed and deleted.

import { clusterUidTag } from '../domain/cluster-uid.ts';
import type { Tags } from '../domain/desired-group.ts';
import { operationId, type ResourceId, resourceId } from '../domain/ids.ts';
import type { OperationOf } from '../domain/operation.ts';
import { unwanted } from './because.ts';
import type { PlanContext } from './context.ts';

const ownershipTags = [
  'elbv2.k8s.aws/cluster',
  'ingress.k8s.aws/stack',
  'ingress.k8s.aws/resource',
  clusterUidTag,
] as const;

/** Whether the group's last Ingress asks that its load balancer stays. */
export const isReleasing = ({ desired: { model } }: Pick<PlanContext, 'desired'>): boolean =>
  model.leaving.some(({ proof }) => proof === 'released');

/** The load balancers go first: while they have their tags, the rest of the group is theirs. */
export function releaseOperations({ observed }: PlanContext): readonly OperationOf<'release'>[] {
  const { loadBalancers, targetGroups, securityGroups, certificates } = observed;
  const one = (
    subject: ResourceId,
    what: Pick<OperationOf<'release'>, 'resource' | 'service'>,
    tags: Tags,
  ): OperationOf<'release'> => ({
    kind: 'release',
    id: operationId('release', subject),
    subject,
    because: unwanted('its Ingresses ask that it stays without them'),
    dependsOn: [],
    ...what,
    keys: ownershipTags.filter((key) => key in tags),
  });
  const first = loadBalancers.map(({ arn, name, tags }) =>
    one(resourceId('load-balancer', name), { resource: arn, service: 'elbv2' }, tags),
  );
  const rest = [
    ...targetGroups.map(({ arn, name, tags }) =>
      one(resourceId('target-group', name), { resource: arn, service: 'elbv2' }, tags),
    ),
    ...securityGroups.map(({ id, name, tags }) =>
      one(resourceId('security-group', name), { resource: id, service: 'ec2' }, tags),
    ),
    ...certificates.map(({ arn, tags }) =>
      one(resourceId('certificate', arn), { resource: arn, service: 'acm' }, tags),
    ),
  ];
  const after = first.map(({ id }) => id);
  return [...first, ...rest.map((operation) => ({ ...operation, dependsOn: after }))];
}
