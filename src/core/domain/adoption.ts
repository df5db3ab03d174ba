// A load balancer that somebody else made and a group takes over.

import type { LoadBalancerArn } from './ids.ts';
import type { ObservedGroup } from './observed-group.ts';
import type { ObjectRef } from './problem.ts';

/** On an Ingress: the ARN of the load balancer that its group takes over. */
export const adoptAnnotation = 'albatross.dev/adopt';

/** Tag on a load balancer that was taken over: it is let go with its group, and never deleted. */
export const adoptedTag = 'albatross.dev/adopted';

/** What a group asks to take over, as it is written, and who asks. */
export type Adoption = { readonly arn: string; readonly member: ObjectRef };

/** The ARN, if it is that of an application load balancer in this region; nothing else is worth asking AWS for. */
export function adoptableArn(
  adopts: Adoption | undefined,
  { region }: { readonly region: string },
): LoadBalancerArn | undefined {
  const [, , service, at, , resource] = adopts?.arn.split(':') ?? [];
  const isAlb = service === 'elasticloadbalancing' && resource?.startsWith('loadbalancer/app/') === true;
  return isAlb && (at === region || region === '') ? (adopts?.arn as LoadBalancerArn) : undefined;
}

/** The observation without load balancers that nobody asks to take over any more, and that were never ours. */
export function withoutStrangers(observed: ObservedGroup, adopts: Adoption | undefined): ObservedGroup {
  const isStranger = ({ arn, tags, isCandidate }: ObservedGroup['loadBalancers'][number]): boolean =>
    isCandidate === true && arn !== adopts?.arn && tags['ingress.k8s.aws/stack'] !== observed.key;
  const { loadBalancers } = observed;
  return loadBalancers.some(isStranger)
    ? { ...observed, loadBalancers: loadBalancers.filter((found) => !isStranger(found)) }
    : observed;
}
