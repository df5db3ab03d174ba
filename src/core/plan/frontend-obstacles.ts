import { isEqual } from '../../lib/canonical.ts';
import type { DesiredLoadBalancer } from '../domain/desired-group.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { PlanContext } from './context.ts';
import type { PlanProblem } from './group-problem.ts';
import { isHolding } from './kept.ts';
import { subnetSteps } from './zone-steps.ts';

/** Why a network load balancer with another scheme may not be replaced now; undefined: it may. */
export function obstacleToFrontend(
  old: ObservedLoadBalancer,
  { scheme }: DesiredLoadBalancer,
  context: PlanContext,
): PlanProblem | undefined {
  const { config, complete, desired } = context;
  const { model } = desired;
  const need = `frontend-nlb-scheme ${scheme} needs a new network load balancer, for AWS cannot change that of ${old.name} (${old.scheme})`;
  const isMakeFirst = config.policy.replacements === 'makeFirst';
  if (isMakeFirst && model.frontendNlb?.allowsReplacement !== true) {
    return {
      code: 'ReplacementHeld',
      message: need,
      hint: `set the scheme back to ${old.scheme}, or agree to a new DNS name with the annotation albatross.dev/allow-replacement: "true" on every Ingress that asks for the scheme, or on its IngressClass`,
    };
  }
  if (isHolding(context)) {
    const held = model.held.map(({ id }) => id).join(', ');
    return {
      code: 'ReplacementHeld',
      message: `${need}, and the ports of ${held} could not be moved there`,
      hint: 'Put right what is wrong with them',
    };
  }
  if (!complete && !isMakeFirst) {
    return {
      code: 'DeletionHeld',
      message: `${need}, but not all lists of the cluster are complete, so nothing is deleted`,
      hint: 'wait until the API server answers again',
    };
  }
  return undefined;
}

/** AWS does not change the elastic addresses of a subnet that stays. Undefined: they are as wanted, or ALBC's ways are asked for. */
export function fixedAddresses(
  { name, subnets, allocationIds = [] }: ObservedLoadBalancer,
  wanted: DesiredLoadBalancer,
  { config }: PlanContext,
): PlanProblem | undefined {
  const ids = wanted.allocationIds?.toSorted() ?? [];
  const isSettled = isEqual(ids, allocationIds) || !isEqual(subnets, wanted.subnets.toSorted());
  if (isSettled || config.policy.replacements === 'deleteFirst') return undefined;
  const printed = (list: readonly string[]): string => (list.length === 0 ? 'none' : list.join(', '));
  return {
    code: 'ReplacementHeld',
    message: `frontend-nlb-eip-allocations asks for ${printed(ids)}, network load balancer ${name} has ${printed(allocationIds)}, and AWS does not change the addresses of subnets in use`,
    hint: 'Set the annotation back, or have another network load balancer made: switch enable-frontend-nlb off, and on again when it is gone',
  };
}

/** Why it cannot stand where it shall, or not with the addresses that it shall have. */
export const obstacleToPlaces = (...given: Parameters<typeof fixedAddresses>): PlanProblem | undefined =>
  fixedAddresses(...given) ?? stuckInZone(...given);

/** In its only zone it has another subnet than it shall have, and AWS takes none before that one is gone. Undefined: it can. */
function stuckInZone(
  found: ObservedLoadBalancer,
  wanted: DesiredLoadBalancer,
  { config }: PlanContext,
): PlanProblem | undefined {
  if (subnetSteps(wanted, found, config.policy) !== undefined) return undefined;
  return {
    code: 'ReplacementHeld',
    message: `frontend-nlb-subnets asks for ${wanted.subnets.join(', ')}, network load balancer ${found.name} has ${found.subnets.join(', ')} in that zone and is in no other, and AWS takes no second subnet of a zone`,
    hint: 'Name a subnet of another zone as well, and leave it out again when the first one is there',
  };
}

/** Nobody can tell which of its ports and settings are a held member's. */
export function staysWhileHeld({ name }: ObservedLoadBalancer, { desired }: PlanContext): PlanProblem {
  const held = desired.model.held.map(({ id }) => id).join(', ');
  return {
    code: 'FrontendNlbHeld',
    message: `network load balancer ${name} keeps its settings and the ports that it has while ${held} is held; new ports are added`,
    hint: 'Put right what is wrong with it',
  };
}
