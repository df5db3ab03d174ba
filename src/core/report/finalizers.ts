import { type Policy, policies } from '../domain/config.ts';
import type { GroupIdentity, GroupModel, HeldMember, Member } from '../domain/group-model.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import { owners } from '../domain/owned-by.ts';
import type { OperationKind } from '../domain/operation.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Plan } from '../domain/plan.ts';

export type FinalizerChange = { readonly member: Member; readonly finalizer: string };

/** The finalizer by which a member holds on to this group (albc-behaviour §3.2). */
function finalizerOf(identity: GroupIdentity, policy: Policy): string {
  return identity.kind === 'implicit'
    ? policy.finalizer.implicit
    : `${policy.finalizer.explicitPrefix}${identity.name}`;
}

/** Whether a member holds on to this group, by our finalizer or by ALBC's. */
export const holdsOn = ({ finalizers }: Pick<Member, 'finalizers'>, identity: GroupIdentity): boolean =>
  Object.values(policies).some((policy) => finalizers.includes(finalizerOf(identity, policy)));

/**
 * Members that must get the finalizer before the first write to AWS. A held member needs it only where there is something
 * in AWS, which stays for its sake: should it be the last one, it is seen leaving. ALBC gives it to every active member.
 */
export function finalizersToAdd(
  model: GroupModel,
  observed: ObservedGroup,
  policy: Policy,
): readonly FinalizerChange[] {
  const finalizer = finalizerOf(model.identity, policy);
  const isAlbc = policy.compatibility === 'albc';
  const held = isAlbc ? model.held.filter(isGrouped) : isEmpty(observed) ? [] : model.held;
  return [...model.members, ...held]
    .filter((member) => !member.finalizers.includes(finalizer))
    .map((member) => ({ member, finalizer }));
}

/** ALBC finds out the group before it gives the finalizer. */
const isGrouped = ({ problems }: HeldMember): boolean =>
  !problems.some(({ albcEvent }) => albcEvent !== undefined);

/** What a member may have left behind when one of these did not happen. */
const removals: ReadonlySet<OperationKind> = new Set<OperationKind>([
  'deleteRule',
  'modifyRule',
  'setRulePriorities',
  'modifyListener',
  'deleteListener',
  'deleteTargetGroup',
  'deleteLoadBalancer',
  'deleteSecurityGroup',
  'release',
]);

/**
 * Leaving members that may be let go: every removal of the plan was done, and AWS has nothing of theirs left. The last
 * ones of a group go only with the group's load balancer and security group.
 */
export function finalizersToRemove(input: {
  readonly model: GroupModel;
  readonly outcomes: readonly Outcome[];
  readonly plan?: Plan | undefined;
  /** After the outcomes; undefined: not known for certain, so nobody is let go. */
  readonly observed: ObservedGroup | undefined;
  readonly policy: Policy;
}): readonly FinalizerChange[] {
  const { model, outcomes, plan, observed, policy } = input;
  const stuck = plan?.standstill === undefined ? [] : plan.held;
  const unfinished =
    outcomes.some(({ kind, operation }) => kind !== 'done' && removals.has(operation.kind)) ||
    stuck.some(({ operation }) => removals.has(operation.kind));
  if (observed === undefined || unfinished) return [];
  const finalizer = finalizerOf(model.identity, policy);
  const { members, held, leaving } = model;
  const owning = owners(
    [...members, ...held, ...leaving].map(({ id }) => id),
    observed,
  );
  const isLast = model.members.length === 0 && model.held.length === 0;
  return model.leaving
    .filter((member) => (isLast ? isEmpty(observed) : !owning.has(member.id)))
    .map((member) => ({ member, finalizer }));
}

function isEmpty({ loadBalancers, targetGroups, securityGroups }: ObservedGroup): boolean {
  return loadBalancers.length === 0 && targetGroups.length === 0 && securityGroups.length === 0;
}
