import { isEqual } from '../../lib/canonical.ts';
import type { DesiredLoadBalancer, Known } from '../domain/desired-group.ts';
import { type LoadBalancerArn, type OperationId, operationId, resourceId } from '../domain/ids.ts';
import type { ObservedGroup, ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { FieldChange, Operation } from '../domain/operation.ts';
import { changeAddOns, createAddOns } from './add-ons.ts';
import { differs, missing } from './because.ts';
import type { PlanContext } from './context.ts';
import { authorizeId } from './security-groups.ts';
import { attributeChanges, tagOperations } from './tags.ts';
import { subnetSteps } from './zone-steps.ts';

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
  const arn = context.desired.model.adopts?.arn;
  return (
    candidates.find((found) => found.arn === arn) ??
    candidates.find((found) => found.name === wanted.name) ??
    candidates[0]
  );
}

/** The load balancer with everything that can only be said once it is there. `after`: what has to be gone before. */
export function createLoadBalancer(
  wanted: DesiredLoadBalancer,
  context: PlanContext,
  after: readonly OperationId[],
  type?: 'network',
): PlannedLoadBalancer {
  const { listeners: _listeners, waitingPorts: _waitingPorts, ...spec } = wanted;
  const id = operationId('createLoadBalancer', wanted.id);
  const securityGroups = wanted.securityGroups.map(context.securityGroupIdOf);
  const operations: Operation[] = [
    {
      kind: 'createLoadBalancer',
      id,
      subject: wanted.id,
      because: missing(
        `${type === undefined ? '' : 'network '}load balancer of group ${context.desired.key}`,
      ),
      dependsOn: [...after, ...securityGroupsReady(context)],
      ...(type === undefined ? {} : { type }),
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
  operations.push(...createAddOns(wanted, { arn, after: id }));
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

/** What differs, field by field, in an order in which AWS takes it. */
export function changeLoadBalancer(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  context: PlanContext,
): PlannedLoadBalancer {
  const tagged = {
    subject: wanted.id,
    resource: found.arn,
    wanted: wanted.tags,
    found: found.tags,
    before: context.previous?.loadBalancer?.tags,
  };
  const operations = [
    ...addressOperations(wanted, found, context),
    ...capacityChange(wanted, found, context),
    ...securityGroupChange(wanted, found, context),
    ...attributeOperations(wanted, found, context),
    ...changeAddOns(wanted, found, context.previous?.loadBalancer),
    ...tagOperations(tagged, context.config),
  ];
  return { operations, arn: found.arn, readyAfter: [] };
}

/** AWS takes no other change of addresses while a pool that is to go is in use, and none into a pool before it. */
function addressOperations(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  context: PlanContext,
): readonly Operation[] {
  const network = networkOperations(wanted, found, context);
  if (wanted.ipamPoolId === found.ipamPoolId) return network;
  const { id: subject, ipamPoolId } = wanted;
  const changes = [{ field: 'ipamPoolId', from: found.ipamPoolId ?? '', to: ipamPoolId ?? '' }];
  const id = operationId('modifyIpPools', subject);
  const because = differs(changes, context.previous?.loadBalancer?.ipamPoolId === ipamPoolId);
  const step = { kind: 'modifyIpPools', id, subject, because, loadBalancer: found.arn, ipamPoolId } as const;
  return ipamPoolId === undefined
    ? [{ ...step, dependsOn: [] }, ...network.map((operation) => ({ ...operation, dependsOn: [id] }))]
    : [...network, { ...step, dependsOn: network.map((operation) => operation.id) }];
}

/** AWS reserves for an active load balancer only; `awaitingCapacity` says when to come back. */
function capacityChange(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  { previous }: PlanContext,
): readonly Operation[] {
  const { id: subject, capacityUnits } = wanted;
  if (capacityUnits === undefined || !lacksCapacity(wanted, found) || found.state === 'provisioning')
    return [];
  const changes = [
    { field: 'capacityUnits', from: String(found.capacityUnits ?? 'unknown'), to: String(capacityUnits) },
  ];
  return [
    {
      kind: 'modifyCapacityReservation',
      id: operationId('modifyCapacityReservation', subject),
      subject,
      because: differs(changes, previous?.loadBalancer?.capacityUnits === capacityUnits),
      dependsOn: [],
      loadBalancer: found.arn,
      capacityUnits,
    },
  ];
}

function lacksCapacity(wanted: DesiredLoadBalancer, found: ObservedLoadBalancer): boolean {
  return wanted.capacityUnits !== undefined && wanted.capacityUnits !== found.capacityUnits;
}

/**
 * The load balancer of the group that a wanted reservation still waits for, as observed after a plan was carried out;
 * undefined where none does.
 */
export function awaitingCapacity(
  wanted: DesiredLoadBalancer | undefined,
  { loadBalancers }: ObservedGroup,
): ObservedLoadBalancer | undefined {
  if (wanted === undefined) return undefined;
  const found = loadBalancers.find((candidate) => candidate.name === wanted.name);
  return found !== undefined && lacksCapacity(wanted, found) ? found : undefined;
}

/** SetSubnets carries the IP address type too, so one call changes both. */
function networkOperations(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  { previous, config }: PlanContext,
): readonly Operation[] {
  const changes = networkChanges(wanted, found);
  if (changes.length === 0) return [];
  const before = previous?.loadBalancer;
  const isSame = before?.ipAddressType === wanted.ipAddressType && isEqual(before.subnets, wanted.subnets);
  const { id: subject, ipAddressType } = wanted;
  const because = differs(changes, isSame);
  const step = { subject, because, loadBalancer: found.arn, ipAddressType };
  const steps = changes.some((change) => change.field === 'subnets')
    ? subnetSteps(wanted, found, config.policy)
    : undefined;
  if (steps !== undefined)
    return steps.map((subnets, i) => {
      const dependsOn = i === 0 ? [] : [stepId(wanted, steps.length - i)];
      return { kind: 'setSubnets', id: stepId(wanted, steps.length - i - 1), ...step, dependsOn, ...subnets };
    });
  if (wanted.ipAddressType === found.ipAddressType) return [];
  return [{ kind: 'setIpAddressType', id: operationId('setIpAddressType', subject), ...step, dependsOn: [] }];
}

/** `left`: how many calls come after it. */
const stepId = ({ id, name }: DesiredLoadBalancer, left: number): OperationId =>
  operationId('setSubnets', left === 0 ? id : resourceId('load-balancer', name, `${left} more`));

function securityGroupChange(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  context: PlanContext,
): readonly Operation[] {
  const securityGroups = wanted.securityGroups.map(context.securityGroupIdOf);
  const names = securityGroups.map((group) => (typeof group === 'string' ? group : group.ref)).toSorted();
  if (isEqual(names, found.securityGroups.toSorted())) return [];
  const changes = [{ field: 'securityGroups', from: found.securityGroups.join(' '), to: names.join(' ') }];
  const subject = wanted.id;
  return [
    {
      kind: 'setSecurityGroups',
      id: operationId('setSecurityGroups', subject),
      subject,
      because: differs(
        changes,
        isEqual(context.previous?.loadBalancer?.securityGroups, wanted.securityGroups),
      ),
      dependsOn: securityGroupsReady(context),
      loadBalancer: found.arn,
      securityGroups,
    },
  ];
}

function attributeOperations(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  { previous }: PlanContext,
): readonly Operation[] {
  const changes = attributeChanges(wanted.attributes, found.attributes);
  if (changes.length === 0) return [];
  const subject = wanted.id;
  return [
    {
      kind: 'modifyLoadBalancerAttributes',
      id: operationId('modifyLoadBalancerAttributes', subject),
      subject,
      because: differs(changes, isEqual(previous?.loadBalancer?.attributes, wanted.attributes)),
      dependsOn: [],
      loadBalancer: found.arn,
      attributes: Object.fromEntries(changes.map((change) => [change.field, change.to])),
    },
  ];
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
