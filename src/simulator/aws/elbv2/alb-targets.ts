// Target groups of type `alb`, whose one target is an Application Load Balancer behind a network load balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html

import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { TargetGroup } from '../state.ts';
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
