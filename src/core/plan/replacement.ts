// A load balancer cannot change its scheme, so another one takes its place: it is made and filled beside the old one, then the
// status names it, then those who still have the old name in their DNS cache get their time, and only then the old one goes.
// Each step is seen in AWS or in the cluster, so a restart between any two goes on: the new load balancer and its target
// groups by their tags, the move by the members' status, the waiting by a tag with its beginning.

import type { DesiredLoadBalancer, Known } from '../domain/desired-group.ts';
import {
  type LoadBalancerArn,
  type OperationId,
  operationId,
  type ResourceId,
  resourceId,
} from '../domain/ids.ts';
import { type ObservedLoadBalancer, retiredTag } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';
import { isAdopted } from './adoption.ts';
import { transition } from './because.ts';
import { isOwned, type PlanContext } from './context.ts';
import { isHolding } from './kept.ts';
import type { PlannedLoadBalancer } from './load-balancers.ts';
import { awaitHealthy } from './warm-up.ts';

/** The time-to-live of the DNS records of an ALB. */
const dnsTimeToLiveSeconds = 60;
/** AWS takes one to three minutes to make a load balancer active. */
const activeTimeoutSeconds = 300;

export type Replacement = {
  readonly wanted: DesiredLoadBalancer;
  readonly found: ObservedLoadBalancer | undefined;
  readonly others: readonly ObservedLoadBalancer[];
};

type Words = Pick<Problem, 'code' | 'message' | 'hint'>;

/** Why nothing may be replaced now; undefined: it may. */
export function obstacleTo({ wanted, found, others }: Replacement, context: PlanContext): Words | undefined {
  const names = others.map(({ name, scheme }) => `${name} (${scheme})`).join(', ');
  const [other] = others;
  const need = `scheme ${wanted.scheme} needs a new load balancer, for AWS cannot change that of ${names}`;
  if (context.desired.model.loadBalancer.allowsReplacement !== true) {
    const back = `set the scheme back to ${other?.scheme}, or agree to a new DNS name`;
    return {
      code: 'ReplacementHeld',
      message: need,
      hint: `${back} with the annotation albatross.dev/allow-replacement: "true" on every Ingress that asks for the scheme, or on its IngressClass`,
    };
  }
  if (isHolding(context)) {
    const held = context.desired.model.held.map(({ id }) => id).join(', ');
    return {
      code: 'ReplacementHeld',
      message: `${need}, and the rules of ${held} could not be moved there`,
      hint: 'Put right what is wrong with them',
    };
  }
  if (found === undefined && others.some(({ name }) => name === wanted.name)) {
    return {
      code: 'ReplacementHeld',
      message: `${need}, and both cannot have the name ${wanted.name}`,
      hint: 'Give another load-balancer-name together with the scheme, or none',
    };
  }
  return undefined;
}

/** Whether every member's status names the new load balancer. */
export function isMoved({ found }: Pick<Replacement, 'found'>, { published = [] }: PlanContext): boolean {
  const name = found?.dnsName.toLowerCase();
  return name !== undefined && published.length > 0 && published.every((names) => names.includes(name));
}

/** What the status waits for: the new load balancer is active, and its target groups are healthy, `after` all that makes them. */
export function readiness(
  { wanted, found }: Replacement,
  { arn }: PlannedLoadBalancer,
  { before, context }: { readonly before: readonly Operation[]; readonly context: PlanContext },
): readonly Operation[] {
  const after = before.map(({ id }) => id);
  const health = context.desired.targetGroups
    .filter(({ id, targets }) => targets.length > 0 && context.unreachable?.has(id) !== true)
    .map((group) => ({
      ...awaitHealthy(group, after),
      targetGroup: context.arnOf({ kind: 'managed', id: group.id }),
    }))
    .filter(({ id }) => !after.includes(id));
  if (found?.state === 'active') return health;
  return [activation(wanted.id, arn, after), ...health];
}

/** Waits until the new load balancer is active. */
export const activation = (
  subject: ResourceId,
  loadBalancer: Known<LoadBalancerArn>,
  dependsOn: readonly OperationId[],
): Operation => ({
  kind: 'awaitActiveLoadBalancer',
  id: operationId('awaitActiveLoadBalancer', subject),
  subject,
  because: transition('the old load balancer is named until the new one works'),
  dependsOn,
  loadBalancer,
  timeoutSeconds: activeTimeoutSeconds,
});

/** Waits until nobody can have the old name in a cache any more. */
export function retire(
  other: ObservedLoadBalancer,
  dependsOn: readonly OperationId[],
): Operation & { readonly kind: 'retireLoadBalancer' } {
  const subject = resourceId('load-balancer', other.name);
  return {
    kind: 'retireLoadBalancer',
    id: operationId('retireLoadBalancer', subject),
    subject,
    because: transition(`DNS answers with the old name are kept for ${dnsTimeToLiveSeconds} s`),
    dependsOn,
    loadBalancer: other.arn,
    retiredAt: other.tags[retiredTag],
    seconds: dnsTimeToLiveSeconds,
  };
}

/** Why the old load balancer has to stay although nobody is told its name any more; undefined: it may go. */
export function whyOldStays(other: ObservedLoadBalancer, context: PlanContext): Words | undefined {
  if (isAdopted(other)) {
    return {
      code: 'DeletionHeld',
      message: `load balancer ${other.name} is replaced, and it was taken over, so it is not deleted`,
      hint: 'Delete it in AWS when nobody needs it',
    };
  }
  if (other.attributes?.['deletion_protection.enabled'] === 'true') {
    return {
      code: 'DeletionHeld',
      message: `load balancer ${other.name} is replaced, and its deletion protection is on`,
      hint: 'Set deletion_protection.enabled of that load balancer to false in AWS; it goes within five minutes',
    };
  }
  const foreign = other.listeners.filter(
    (listener) =>
      !isOwned(listener.tags, context) || listener.rules.some((rule) => !isOwned(rule.tags, context)),
  );
  if (foreign.length === 0) return undefined;
  const ports = foreign.map(({ port }) => port).join(', ');
  return {
    code: 'DeletionHeld',
    message: `load balancer ${other.name} is replaced, and somebody else has a listener or rules on it (port ${ports})`,
    hint: 'Move them, then take them away from the old load balancer',
  };
}
