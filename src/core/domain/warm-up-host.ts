import type { RuleCondition } from './rule.ts';

/** Host of the rules that only let target groups be health-checked. `.invalid` is reserved by RFC 2606: no request for it reaches a load balancer. */
export const warmUpHost = 'albatross.warm-up.invalid';

/** Whether a rule only keeps a target group attached until it is healthy. */
export const isWarmUp = ({ conditions }: { readonly conditions: readonly RuleCondition[] }): boolean =>
  conditions.some((condition) => condition.kind === 'host-header' && condition.values.includes(warmUpHost));
