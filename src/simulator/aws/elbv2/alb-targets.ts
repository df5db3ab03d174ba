// Target groups of type `alb`, whose one target is an Application Load Balancer behind a network load balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html

import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { LoadBalancer, Target, TargetGroup } from '../state.ts';
import { listenersOf, loadBalancerState } from './lookup.ts';

const invalid = (message: string): SimulatedError => new SimulatedError('InvalidTarget', message);

/** Only an active load balancer of the same VPC that listens on the port of the target may be registered. */
export function checkAlbTarget(
  { Id = '', Port }: TargetDescription,
  group: TargetGroup,
  context: CallContext,
): undefined {
  const found = context.state.loadBalancers.get(Id);
  if (found?.type !== 'application') throw invalid(`'${Id}' is not an Application Load Balancer`);
  if (found.vpcId !== group.vpcId) throw invalid(`The load balancer '${Id}' is not in VPC '${group.vpcId}'`);
  if (loadBalancerState(found, context) !== 'active')
    throw invalid(`The load balancer '${Id}' must be in the active state`);
  const port = Port ?? group.port;
  const listens = listenersOf(context, Id).some((listener) => listener.port === port);
  if (!listens) throw invalid(`The load balancer '${Id}' has no listener on port ${port}`);
}

/**
 * What target groups count towards the limits of a network load balancer. A load balancer counts as 50 targets of each zone
 * wherever it is registered, or as 100 of all where zones are crossed:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
 */
export function checkNetworkTargets(
  network: LoadBalancer,
  used: readonly TargetGroup[],
  context: CallContext,
): void {
  const { knobs } = context;
  const each = network.attributes.get('load_balancing.cross_zone.enabled') === 'true' ? 100 : 50;
  const count = used.reduce(
    (sum, { targets, targetType }) => sum + targets.size * (targetType === 'alb' ? each : 1),
    0,
  );
  const limit = knobs.quotas['targets-per-availability-zone-per-network-load-balancer'];
  if (count > Math.min(limit, knobs.quotas['targets-per-network-load-balancer']))
    throw new SimulatedError('TooManyTargets', `A load balancer can have at most ${limit} targets of a zone`);
  for (const { targets, targetType } of used)
    for (const { id } of targetType === 'alb' ? targets.values() : [])
      checkNetworks(id, network.arn, context);
}

/** A load balancer is a target of two network load balancers at most. */
function checkNetworks(id: string, network: string, { state }: CallContext): void {
  const users = [...state.targetGroups.values()]
    .filter(
      ({ targetType, targets }) => targetType === 'alb' && [...targets.values()].some((one) => one.id === id),
    )
    .flatMap(({ usedBy }) => [...usedBy.values()]);
  if (new Set([...users, network]).size <= 2) return;
  const message = `The load balancer '${id}' is a target of two network load balancers already`;
  throw new SimulatedError('TooManyRegistrationsForTargetId', message);
}

/** Whether the listener behind answers: the port must be one that it listens on, and speak what the check speaks. */
export function isAlbUp(
  { healthCheck }: TargetGroup,
  { id, port }: Pick<Target, 'id' | 'port'>,
  context: CallContext,
): boolean {
  const checked = healthCheck.port === 'traffic-port' ? port : Number(healthCheck.port);
  const found = context.state.loadBalancers.get(id);
  return (
    found !== undefined &&
    loadBalancerState(found, context) === 'active' &&
    listenersOf(context, id).some(
      (listener) => listener.port === checked && listener.protocol === healthCheck.protocol,
    )
  );
}

/** The target group in which a load balancer is registered. */
export const targetGroupWith = (arn: string, { state }: CallContext): TargetGroup | undefined =>
  [...state.targetGroups.values()].find(
    ({ targetType, targets }) =>
      targetType === 'alb' &&
      [...targets.values()].some(({ id, deregisteredAt }) => id === arn && deregisteredAt === undefined),
  );

/** A listener on whose port its load balancer is a target cannot go. */
export function checkNotTarget(
  { loadBalancerArn, port }: { readonly loadBalancerArn: string; readonly port: number },
  { state }: CallContext,
): void {
  const isTarget = [...state.targetGroups.values()].some(
    ({ targetType, targets }) =>
      targetType === 'alb' &&
      [...targets.values()].some((target) => target.id === loadBalancerArn && target.port === port),
  );
  if (!isTarget) return;
  const message = `Listener port '${port}' is in use by registered target '${loadBalancerArn}' and cannot be removed`;
  throw new SimulatedError('ResourceInUse', message);
}

export function checkAlbGroup(protocol: string | undefined): void {
  if (protocol !== 'TCP')
    throw validationError(`Target type alb supports the protocol TCP only; got '${protocol}'`);
}
