// A group without a valid member: held ones keep what they have, leaving ones take theirs along.

import type { ResourceId } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import { isAdopted } from './adoption.ts';
import type { PlanContext } from './context.ts';
import { frontendPlan } from './frontend-nlb.ts';
import { afterFront } from './frontend-order.ts';
import { groupProblem } from './group-problem.ts';
import { isHolding } from './kept.ts';
import { applicationLoadBalancers, deleteLoadBalancer, leftovers } from './leftovers.ts';
import { isReleasing, releaseOperations } from './release.ts';
import { planRules, ruleEntries } from './rule-entries.ts';
import { ruleOperations } from './rule-operations.ts';

type Held = Pick<Plan, 'operations' | 'held'>;

/** With held ones only what leaving members left is removed; with none everything of the group goes. */
export function withoutMember(context: PlanContext): Held {
  if (isHolding(context)) {
    const operations = context.complete ? rulesGone(context) : [];
    return { operations: [...operations, ...leftovers(operations, context)], held: [] };
  }
  // Nobody there and nobody seen leaving: that is no proof, whatever the tags in AWS say.
  if (context.desired.model.leaving.length === 0) return { operations: [], held: [] };
  if (isReleasing(context)) return withProof(releaseOperations(context), context);
  if (context.observed.loadBalancers.some(isAdopted)) return withProof(lettingGo(context), context);
  const front = frontendPlan({ loadBalancer: undefined, made: new Map() }, [], {
    ...context,
    complete: true,
  });
  const deletions = [
    ...front.operations,
    ...applicationLoadBalancers(context).map((loadBalancer) =>
      afterFront(deleteLoadBalancer(loadBalancer, context), front),
    ),
  ];
  return withProof([...deletions, ...leftovers(deletions, { ...context, complete: true })], context);
}

/** A load balancer that was taken over stays without the group's rules, and without a keeper. */
function lettingGo(context: PlanContext): readonly Operation[] {
  const rules = rulesGone(context);
  const gone = leftovers(rules, { ...context, complete: true }).filter(
    ({ kind }) => kind !== 'deleteSecurityGroup',
  );
  const before = [...rules, ...gone];
  const subjects = new Set(before.map(({ subject }) => subject));
  const released = releaseOperations(context).filter(({ subject }) => !subjects.has(subject));
  const after = before.map(({ id }) => id);
  return [...before, ...released.map((one) => ({ ...one, dependsOn: [...after, ...one.dependsOn] }))];
}

/** Rules of ours that no member wants. */
function rulesGone(context: PlanContext): readonly Operation[] {
  return context.observed.loadBalancers.flatMap(({ listeners }) =>
    listeners.flatMap((listener) => {
      const { arn, port } = listener;
      const entries = ruleEntries({ rules: [] }, listener, context);
      const planned = planRules(entries, listener, Number.POSITIVE_INFINITY, context);
      const at = { id: arn as unknown as ResourceId, port, arn, context };
      return ruleOperations(planned, at, { after: [], defaultAction: undefined });
    }),
  );
}

/** What the last members leave behind goes when all lists are whole. */
function withProof(operations: readonly Operation[], context: PlanContext): Held {
  if (context.complete) return { operations, held: [] };
  const why = groupProblem(context, {
    code: 'DeletionHeld',
    message:
      'the group has no member left, but not all lists of the cluster are complete, so nothing is deleted',
    hint: 'wait until the API server answers again',
  });
  return { operations: [], held: operations.map((operation) => ({ operation, why })) };
}
