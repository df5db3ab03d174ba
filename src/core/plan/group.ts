// Desired state and observed state of one group → ordered operations, each with its reason. Pure: reads nothing else,
// never deletes without proof, never touches what is not ours.

import type { Operation } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import { afterAdoption, isAdopted } from './adoption.ts';
import { certificateOperations } from './certificates.ts';
import { type GroupPlanInput, type PlanContext, planContext } from './context.ts';
import { foreignObjects, portProblems } from './foreign.ts';
import { frontendPlan } from './frontend-nlb.ts';
import { afterFront, madeListeners, withoutTargets } from './frontend-order.ts';
import { isHolding } from './kept.ts';
import { applicationLoadBalancers, deleteLoadBalancer, leftovers } from './leftovers.ts';
import { listenerOperations } from './listeners.ts';
import { changeLoadBalancer, createLoadBalancer, currentLoadBalancer } from './load-balancers.ts';
import { withoutMember } from './no-member.ts';
import { inOrder } from './order.ts';
import { replacementPlan } from './replacement-plan.ts';
import { withBothSecurityGroups } from './security-group-switch.ts';
import { securityGroupOperations } from './security-groups.ts';
import { targetGroupOperations } from './target-groups.ts';

/**
 * The plan of one group. Its operations come in an order in which they could run one by one; `held` are those that a
 * policy took out (no proof for a delete, no consent to a replacement), `foreign` names what on our load balancers is not ours.
 */
export function groupPlan(input: GroupPlanInput): Plan {
  const context = planContext(input);
  const { desired, config } = context;
  const isHeldWhole = config.policy.memberErrors === 'holdGroup' && isHolding(context);
  const planned: Planned = isHeldWhole
    ? { operations: [], held: [] }
    : desired.loadBalancer === undefined
      ? withoutMember(context)
      : withDesired(context);
  return {
    key: desired.key,
    operations: inOrder(planned.operations),
    held: planned.held,
    ...(planned.status === undefined ? {} : { status: planned.status }),
    problems: [
      ...new Set(planned.held.map((held) => held.why)),
      ...(planned.problems ?? []),
      ...portProblems(context),
    ],
    foreign: foreignObjects(context),
  };
}

type Planned = Pick<Plan, 'operations' | 'held' | 'status'> & {
  readonly problems?: readonly Problem[];
};

function withDesired(context: PlanContext): Planned {
  const wanted = context.desired.loadBalancer;
  if (wanted === undefined) return { operations: [], held: [] };
  const found = currentLoadBalancer(context, wanted);
  const others = applicationLoadBalancers(context).filter((loadBalancer) => loadBalancer !== found);
  if (others.length > 0 && context.config.policy.replacements === 'makeFirst')
    return replacementPlan({ wanted, found, others }, context);
  const replaces = found === undefined && others.length > 0;
  const deletions =
    context.complete && !isHolding(context)
      ? others.filter((other) => !isAdopted(other)).map((other) => deleteLoadBalancer(other, context))
      : [];
  const planned =
    found === undefined
      ? createLoadBalancer(wanted, context, replaces ? deletions.map((operation) => operation.id) : [])
      : changeLoadBalancer(wanted, found, context);
  const listeners = listenerOperations(wanted.listeners, found, planned, context);
  const front = frontendPlan(
    { loadBalancer: found, made: madeListeners(listeners) },
    deletions.length > 0 ? others : [],
    context,
  );
  const certificates = certificateOperations(context);
  const before = [
    ...securityGroupOperations(context),
    ...certificates,
    ...afterCertificates(
      [
        ...targetGroupOperations(context),
        ...deletions.map((operation) => afterFront(operation, front)),
        ...withBothSecurityGroups(
          planned.operations,
          withoutTargets(listeners, found, front, context),
          found,
          context,
        ),
        ...front.operations,
      ],
      certificates,
      context,
    ),
  ];
  return {
    operations: afterAdoption([...before, ...leftovers(before, context)], context),
    held: front.held,
    problems: front.problems,
    ...(front.status && { status: front.status }),
  };
}

/** ALBC makes neither target groups nor load balancers before the certificates, and stops at the first error. */
function afterCertificates(
  operations: readonly Operation[],
  certificates: readonly Operation[],
  { config }: PlanContext,
): readonly Operation[] {
  if (config.policy.memberErrors !== 'holdGroup') return operations;
  const ids = certificates.map(({ id }) => id);
  return operations.map((operation) =>
    operation.kind === 'createTargetGroup' || operation.kind === 'createLoadBalancer'
      ? { ...operation, dependsOn: [...ids, ...operation.dependsOn] }
      : operation,
  );
}
