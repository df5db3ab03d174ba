// The target groups of the network load balancer in front of the load balancer. Each has one target, the load balancer:
// AWS takes an active one with a listener on the port, and deletes neither while it is a target
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html).

import { isEqual } from '../../lib/canonical.ts';
import type { DesiredFrontendListener, DesiredGroup, Known } from '../domain/desired-group.ts';
import { type OperationId, operationId, type ResourceId, type TargetGroupArn } from '../domain/ids.ts';
import type { ObservedGroup, ObservedLoadBalancer, ObservedTargetGroup } from '../domain/observed-group.ts';
import type { Operation, OperationOf } from '../domain/operation.ts';
import type { ObservedTarget } from '../domain/target.ts';
import { differs, missing, transition, unwanted } from './because.ts';
import type { PlanContext } from './context.ts';
import type { Done } from './done.ts';
import { tagOperations } from './tags.ts';

/** A target group whose target is a load balancer. */
export const isOfLoadBalancer = ({ targetType }: Pick<ObservedTargetGroup, 'targetType'>): boolean =>
  targetType === 'alb';

/** The load balancer as it is, and the listeners that this plan makes on it, by port. */
export type Behind = {
  readonly loadBalancer: ObservedLoadBalancer | undefined;
  readonly made: ReadonlyMap<number, OperationId>;
};

/** What a registration still waits for, as observed: a load balancer that is not active yet. Undefined: nothing. */
export function awaitingRegistration(
  { loadBalancer, frontendNlb }: Pick<DesiredGroup, 'loadBalancer' | 'frontendNlb'>,
  { loadBalancers, targetGroups }: ObservedGroup,
): ObservedLoadBalancer | undefined {
  const behind = loadBalancers.find(
    ({ name, type }) => type === 'application' && name === loadBalancer?.name,
  );
  if (frontendNlb === undefined || behind === undefined) return undefined;
  const waits = frontendNlb.listeners.some(({ targetGroup }) => {
    const found = targetGroups.find(({ name }) => name === targetGroup.name);
    return found !== undefined && !isRegistered(found, behind.arn, targetGroup.targetPort);
  });
  return waits ? behind : undefined;
}

/** Whether the load balancer is, or will be, the target of the target group of one port. */
export function isFilledAfter(
  { targetGroup: { name, targetPort } }: DesiredFrontendListener,
  operations: readonly Operation[],
  { loadBalancer }: Behind,
  { observed }: Pick<PlanContext, 'observed'>,
): boolean {
  const found = observed.targetGroups.find((group) => group.name === name);
  return (
    operations.some(({ kind }) => kind === 'registerLoadBalancer') ||
    (found !== undefined && loadBalancer !== undefined && isRegistered(found, loadBalancer.arn, targetPort))
  );
}

const isRegistered = (found: ObservedTargetGroup, arn: string, port: number): boolean =>
  presentTargets(found).some((target) => target.id === arn && target.port === port);

/** Those that drain are on their way out already. */
export const presentTargets = ({ targets }: ObservedTargetGroup): NonNullable<typeof targets> =>
  (targets ?? []).filter(({ state }) => state !== 'draining');

/** Makes or changes one, and registers the load balancer as soon as AWS takes it. */
export function targetGroupOperations(
  { targetGroup: wanted, port }: DesiredFrontendListener,
  behind: Behind,
  context: PlanContext,
): readonly Operation[] {
  const found = context.observed.targetGroups.find(({ name }) => name === wanted.name);
  const before = context.previous?.frontendNlb?.listeners.find(
    ({ targetGroup }) => targetGroup.id === wanted.id,
  );
  const { id: subject, name, healthCheck, tags } = wanted;
  if (found === undefined) {
    const id = operationId('createTargetGroup', subject);
    const create: Operation = {
      kind: 'createTargetGroup',
      id,
      subject,
      because: missing(`port ${port} of the network load balancer`),
      dependsOn: [],
      spec: {
        id: subject,
        name,
        port,
        healthCheck,
        tags,
        targetType: 'alb',
        protocol: 'TCP',
        protocolVersion: undefined,
        ipAddressType: 'ipv4',
        targetControlPort: undefined,
        attributes: {},
      },
    };
    return [
      create,
      ...registration(wanted, { arn: { ref: subject, attribute: 'arn' }, after: [id] }, behind),
    ];
  }
  const isChecked = isEqual(found.healthCheck, healthCheck);
  const changes = [
    { field: 'healthCheck', from: JSON.stringify(found.healthCheck), to: JSON.stringify(healthCheck) },
  ];
  const check: Operation = {
    kind: 'modifyTargetGroup',
    id: operationId('modifyTargetGroup', subject),
    subject,
    because: differs(changes, isEqual(before?.targetGroup.healthCheck, healthCheck)),
    dependsOn: [],
    targetGroup: found.arn,
    healthCheck,
    protocolVersion: 'HTTP1',
  };
  const tagged = {
    subject,
    resource: found.arn,
    wanted: tags,
    found: found.tags,
    before: before?.targetGroup.tags,
  };
  return [
    ...(isChecked ? [] : [check]),
    ...targetOperations(wanted, found, behind),
    ...tagOperations(tagged, context.config),
  ];
}

type TargetGroup = DesiredFrontendListener['targetGroup'];

/** None where AWS would not take it yet. A listener that the plan makes comes before. */
function registration(
  { id: subject, targetPort }: TargetGroup,
  { arn, after }: { readonly arn: Known<TargetGroupArn>; readonly after: readonly OperationId[] },
  { loadBalancer, made }: Behind,
): readonly Operation[] {
  const isReady =
    loadBalancer !== undefined && loadBalancer.state !== 'provisioning' && loadBalancer.state !== 'failed';
  if (!isReady) return [];
  const listens = loadBalancer.listeners.some(({ port }) => port === targetPort);
  const listener = made.get(targetPort);
  if (!listens && listener === undefined) return [];
  return [
    {
      kind: 'registerLoadBalancer',
      id: operationId('registerLoadBalancer', subject),
      subject,
      because: transition(`load balancer ${loadBalancer.name} is what port ${targetPort} leads to`),
      dependsOn: [...after, ...(listener === undefined ? [] : [listener])],
      targetGroup: arn,
      loadBalancer: loadBalancer.arn,
      port: targetPort,
    },
  ];
}

/** Another target goes before, but not before this one can come. */
function targetOperations(
  wanted: TargetGroup,
  found: ObservedTargetGroup,
  behind: Behind,
): readonly Operation[] {
  const { loadBalancer } = behind;
  if (loadBalancer !== undefined && isRegistered(found, loadBalancer.arn, wanted.targetPort)) return [];
  return registration(wanted, { arn: found.arn, after: [] }, behind).flatMap((register) => {
    const away = deregistration(found, wanted.id, register.dependsOn);
    return [...away, { ...register, dependsOn: [...register.dependsOn, ...away.map(({ id }) => id)] }];
  });
}

/** Takes out every target that is still registered; empty where none is. */
export function deregistration(
  found: ObservedTargetGroup,
  subject: ResourceId,
  dependsOn: readonly OperationId[],
): readonly Operation[] {
  const targets = presentTargets(found);
  if (targets.length === 0) return [];
  return [
    {
      kind: 'deregisterTargets',
      id: operationId('deregisterTargets', subject),
      subject,
      because: unwanted(`the load balancer is no target of ${found.name} any more`),
      dependsOn,
      targetGroup: found.arn,
      targets: targets.map(({ id, port, availabilityZone }) => ({ id, port, availabilityZone })),
    },
  ];
}

/** What is registered after one done operation: only of target groups that the group's plan fills. */
export function rememberLoadBalancerTarget(
  groups: readonly ObservedTargetGroup[],
  operation: OperationOf<'registerLoadBalancer' | 'deregisterTargets'>,
  { look }: Done,
): readonly ObservedTargetGroup[] {
  const arn = look(operation.targetGroup);
  const targets: readonly ObservedTarget[] =
    operation.kind === 'deregisterTargets'
      ? []
      : [
          {
            id: operation.loadBalancer,
            port: operation.port,
            availabilityZone: undefined,
            state: 'initial',
            reason: '',
            description: '',
          },
        ];
  return groups.map((group) =>
    group.arn === arn && isOfLoadBalancer(group) ? { ...group, targets } : group,
  );
}
