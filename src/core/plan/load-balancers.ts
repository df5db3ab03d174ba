import { isEqual } from '../../lib/canonical.ts';
import type { DesiredLoadBalancer, Known } from '../domain/desired-group.ts';
import { type LoadBalancerArn, type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { FieldChange, Operation } from '../domain/operation.ts';
import { differs, missing } from './because.ts';
import type { PlanContext } from './context.ts';
import { authorizeId } from './security-groups.ts';
import { attributeChanges, tagChange } from './tags.ts';

/** What later stages need to know of the group's load balancer: where its listeners go, and after which operations. */
export type PlannedLoadBalancer = {
  readonly operations: readonly Operation[];
  readonly arn: Known<LoadBalancerArn>;
  /** A listener may be made after these. */
  readonly readyAfter: readonly OperationId[];
};

/** The load balancer that carries the group: same scheme, ours by tags; the one with the wanted name if there are several. */
export function currentLoadBalancer(
  context: PlanContext,
  wanted: DesiredLoadBalancer,
): ObservedLoadBalancer | undefined {
  const candidates = context.observed.loadBalancers.filter(
    (found) => found.type === 'application' && found.scheme === wanted.scheme,
  );
  // A name cannot be changed and never forces a replacement (albc-behaviour §1.2, load-balancer-name).
  return candidates.find((found) => found.name === wanted.name) ?? candidates[0];
}

export function createLoadBalancer(
  wanted: DesiredLoadBalancer,
  context: PlanContext,
  after: readonly OperationId[],
): PlannedLoadBalancer {
  const { listeners: _listeners, ...spec } = wanted;
  const id = operationId('createLoadBalancer', wanted.id);
  const securityGroups = wanted.securityGroups.map(context.securityGroupIdOf);
  const operations: Operation[] = [
    {
      kind: 'createLoadBalancer',
      id,
      subject: wanted.id,
      because: missing(`load balancer of group ${context.desired.key}`),
      dependsOn: [...after, ...securityGroupsReady(context)],
      spec: { ...spec, securityGroups },
    },
  ];
  const arn = { ref: wanted.id, attribute: 'arn' } as const;
  if (Object.keys(wanted.attributes).length > 0) {
    operations.push({
      kind: 'modifyLoadBalancerAttributes',
      id: operationId('modifyLoadBalancerAttributes', wanted.id),
      subject: wanted.id,
      because: missing('attributes of the load balancer'),
      dependsOn: [id],
      loadBalancer: arn,
      attributes: wanted.attributes,
    });
  }
  return { operations, arn, readyAfter: [id] };
}

/** Security groups of ours that the plan still has to make or open. */
function securityGroupsReady(context: PlanContext): readonly OperationId[] {
  return context.desired.securityGroups.flatMap((group) => {
    if (context.observed.securityGroups.some((found) => found.name === group.name)) return [];
    return [
      operationId('createSecurityGroup', group.id),
      ...(group.ingress.length > 0 ? [authorizeId(group)] : []),
    ];
  });
}

export function changeLoadBalancer(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  context: PlanContext,
): PlannedLoadBalancer {
  const before = context.previous?.loadBalancer;
  const subject = wanted.id;
  const loadBalancer = found.arn;
  const operations: Operation[] = [];
  const network = networkChanges(wanted, found);
  const sameNetwork =
    before?.ipAddressType === wanted.ipAddressType && isEqual(before.subnets, wanted.subnets);
  if (network.some((change) => change.field === 'subnets')) {
    // SetSubnets carries the IP address type too, so one call changes both.
    operations.push({
      kind: 'setSubnets',
      id: operationId('setSubnets', subject),
      subject,
      because: differs(network, sameNetwork),
      dependsOn: [],
      loadBalancer,
      subnets: wanted.subnets,
      ipAddressType: wanted.ipAddressType,
    });
  } else if (network.length > 0) {
    const id = operationId('setIpAddressType', subject);
    operations.push({
      kind: 'setIpAddressType',
      id,
      subject,
      because: differs(network, sameNetwork),
      dependsOn: [],
      loadBalancer,
      ipAddressType: wanted.ipAddressType,
    });
  }
  const securityGroups = wanted.securityGroups.map(context.securityGroupIdOf);
  const wantedGroups = securityGroups
    .map((group) => (typeof group === 'string' ? group : group.ref))
    .toSorted();
  if (!isEqual(wantedGroups, found.securityGroups.toSorted())) {
    const changes = [
      { field: 'securityGroups', from: found.securityGroups.join(' '), to: wantedGroups.join(' ') },
    ];
    operations.push({
      kind: 'setSecurityGroups',
      id: operationId('setSecurityGroups', subject),
      subject,
      because: differs(changes, isEqual(before?.securityGroups, wanted.securityGroups)),
      dependsOn: securityGroupsReady(context),
      loadBalancer,
      securityGroups,
    });
  }
  const attributes = attributeChanges(wanted.attributes, found.attributes);
  if (attributes.length > 0) {
    operations.push({
      kind: 'modifyLoadBalancerAttributes',
      id: operationId('modifyLoadBalancerAttributes', subject),
      subject,
      because: differs(attributes, isEqual(before?.attributes, wanted.attributes)),
      dependsOn: [],
      loadBalancer,
      attributes: Object.fromEntries(attributes.map((change) => [change.field, change.to])),
    });
  }
  const tags = tagChange(wanted.tags, found.tags, { config: context.config, previous: before?.tags });
  if (tags !== undefined) {
    const because = differs(tags.changes, isEqual(before?.tags, wanted.tags));
    operations.push({
      kind: 'setTags',
      id: operationId('setTags', subject),
      subject,
      because,
      dependsOn: [],
      resource: found.arn,
      add: tags.add,
      remove: tags.remove,
    });
  }
  return { operations, arn: found.arn, readyAfter: [] };
}

function networkChanges(wanted: DesiredLoadBalancer, found: ObservedLoadBalancer): readonly FieldChange[] {
  const subnets = wanted.subnets.toSorted();
  return [
    ...(isEqual(subnets, found.subnets.toSorted())
      ? []
      : [{ field: 'subnets', from: found.subnets.join(' '), to: subnets.join(' ') }]),
    ...(wanted.ipAddressType === found.ipAddressType
      ? []
      : [{ field: 'ipAddressType', from: found.ipAddressType, to: wanted.ipAddressType }]),
  ];
}
