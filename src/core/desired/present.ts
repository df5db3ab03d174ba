import type { Scheme } from '../domain/config.ts';
import type { ObservedGroup, ObservedLoadBalancer } from '../domain/observed-group.ts';

/** The group's load balancer that stays: scheme and type cannot be changed, so one that differs in them is replaced. */
export function presentLoadBalancer(
  observed: ObservedGroup,
  scheme: Scheme,
  type: 'application' | 'network' = 'application',
): ObservedLoadBalancer | undefined {
  return observed.loadBalancers.find((candidate) => candidate.scheme === scheme && candidate.type === type);
}
