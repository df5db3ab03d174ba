// Desired state and observed state of one group → ordered operations, each with its reason. Pure: reads nothing else,
// never deletes without proof, never touches what is not ours.

import type { Operation } from '../domain/operation.ts';
import { type OperationId, operationId, type ResourceId, resourceId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { HeldOperation, Plan } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import { isAdopted } from './adoption.ts';
import { unwanted } from './because.ts';
import { certificateOperations, unwantedCertificates } from './certificates.ts';
import { type GroupPlanInput, type PlanContext, planContext } from './context.ts';
import { foreignObjects, portProblems } from './foreign.ts';
import { type FrontendPlan, frontendPlan, isTargetStill } from './frontend-nlb.ts';
import { isOfLoadBalancer } from './frontend-targets.ts';
import { groupProblem } from './group-problem.ts';
import { isHolding } from './kept.ts';
import { listenerOperations } from './listeners.ts';
import { changeLoadBalancer, createLoadBalancer, currentLoadBalancer } from './load-balancers.ts';
import { inOrder } from './order.ts';
import { isMoved, obstacleTo, readiness, type Replacement, retire, whyOldStays } from './replacement.ts';
import { releasedBy } from './references.ts';
import { isReleasing, releaseOperations } from './release.ts';
import { planRules, ruleEntries, ruleOperations } from './rules.ts';
import { securityGroupOperations } from './security-groups.ts';
import { withBothSecurityGroups } from './security-group-switch.ts';
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
      ? withoutDesired(context)
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

type Planned = Pick<Plan, 'operations' | 'held' | 'status'> & { readonly problems?: readonly Problem[] };

function withDesired(context: PlanContext): Planned {
  const wanted = context.desired.loadBalancer;
  if (wanted === undefined) return { operations: [], held: [] };
  const found = currentLoadBalancer(context, wanted);
  const others = applicationLoadBalancers(context).filter((loadBalancer) => loadBalancer !== found);
  if (others.length > 0 && context.config.policy.replacements === 'makeFirst')
    return replaced({ wanted, found, others }, context);
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
    operations: [...before, ...leftovers(before, context)],
    held: front.held,
    problems: front.problems,
  };
}

/** By port, the listeners that a plan makes. */
const madeListeners = (operations: readonly Operation[]): ReadonlyMap<number, OperationId> =>
  new Map(
    operations.flatMap((operation) =>
      operation.kind === 'createListener' ? [[operation.spec.port, operation.id]] : [],
    ),
  );

/** A listener that is a target goes when it is none any more. */
function withoutTargets(
  operations: readonly Operation[],
  found: ObservedLoadBalancer | undefined,
  front: FrontendPlan,
  context: PlanContext,
): readonly Operation[] {
  return operations.flatMap((operation) => {
    if (operation.kind !== 'deleteListener') return [operation];
    const listener = found?.listeners.find(({ arn }) => arn === operation.listener);
    const stays =
      found !== undefined &&
      listener !== undefined &&
      isTargetStill({ arn: found.arn, port: listener.port }, front, context);
    return stays ? [] : [afterFront(operation, front)];
  });
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

/** Beside load balancers that are to go: each step of the replacement as far as it may be taken now. */
function replaced(replacement: Replacement, context: PlanContext): Planned {
  const { wanted, found, others } = replacement;
  const planned =
    found === undefined
      ? createLoadBalancer(wanted, context, [])
      : changeLoadBalancer(wanted, found, context);
  const listeners = listenerOperations(wanted.listeners, found, planned, context);
  const changes = [
    ...securityGroupOperations(context),
    ...targetGroupOperations(context),
    ...withBothSecurityGroups(planned.operations, listeners, found, context),
  ];
  const removals = (after: readonly OperationId[]): readonly Operation[] =>
    others.flatMap((other) => {
      const waiting = retire(other, after);
      return [waiting, { ...deleteLoadBalancer(other, context), dependsOn: [waiting.id] }];
    });
  const obstacle = obstacleTo(replacement, context);
  if (obstacle !== undefined) {
    const why = groupProblem(context, obstacle);
    const hold = (operation: Operation): HeldOperation => ({ operation, why });
    if (found !== undefined) return { operations: changes, held: removals([]).map(hold), status: 'stays' };
    const ready = readiness(replacement, planned, { before: changes, context });
    const all = [...changes, ...ready, ...removals(ready.map(({ id }) => id))];
    return { operations: [], held: all.map(hold) };
  }
  if (!isMoved(replacement, context)) {
    const ready = readiness(replacement, planned, { before: changes, context });
    return { operations: [...changes, ...ready], held: [], status: 'afterAll' };
  }
  const kept = others.flatMap((other) => {
    const words = whyOldStays(other, context);
    return words === undefined ? [] : [{ other, why: groupProblem(context, words) }];
  });
  const isKeptOther = (operation: Operation): boolean =>
    kept.some(({ other }) => operation.subject === resourceId('load-balancer', other.name));
  // The network load balancer follows the status; what it leads to yet cannot go.
  const front = frontendPlan({ loadBalancer: found, made: madeListeners(changes) }, [], context);
  const isFollowed = context.desired.frontendNlb === undefined || found?.state !== 'provisioning';
  const after = front.operations.map(({ id }) => id);
  const gone =
    context.complete && isFollowed ? removals(after).filter((operation) => !isKeptOther(operation)) : [];
  const before = [...withoutTargets(changes, found, front, context), ...front.operations, ...gone];
  return {
    operations: [...before, ...leftovers(before, context)],
    held: [
      ...front.held,
      ...kept.map(({ other, why }) => ({ operation: deleteLoadBalancer(other, context), why })),
    ],
  };
}

/** No valid member. With held ones only what leaving members left is removed; with none everything of the group goes. */
function withoutDesired(context: PlanContext): Planned {
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
function withProof(operations: readonly Operation[], context: PlanContext): Planned {
  if (context.complete) return { operations, held: [] };
  const why = groupProblem(context, {
    code: 'DeletionHeld',
    message:
      'the group has no member left, but not all lists of the cluster are complete, so nothing is deleted',
    hint: 'wait until the API server answers again',
  });
  return { operations: [], held: operations.map((operation) => ({ operation, why })) };
}

const applicationLoadBalancers = ({ observed }: PlanContext): readonly ObservedLoadBalancer[] =>
  observed.loadBalancers.filter(({ type }) => type !== 'network');

/** A load balancer that is a target cannot be deleted, nor can the listener on the port of the target. */
const afterFront = (operation: Operation, { releases }: FrontendPlan): Operation => ({
  ...operation,
  dependsOn: [...operation.dependsOn, ...releases],
});

function deleteLoadBalancer(found: ObservedLoadBalancer, context: PlanContext): Operation {
  const subject = resourceId('load-balancer', found.name);
  const id = operationId('deleteLoadBalancer', subject);
  const because = unwanted(
    `no Ingress of group ${context.desired.key} needs load balancer ${found.name} any more`,
  );
  const liftProtection = context.config.policy.deletionProtection === 'lift';
  return {
    kind: 'deleteLoadBalancer',
    id,
    subject,
    because,
    dependsOn: [],
    loadBalancer: found.arn,
    liftProtection,
  };
}

/** Target groups, certificates and managed security groups that nobody wants, after everything that let go of them. */
function leftovers(operations: readonly Operation[], context: PlanContext): readonly Operation[] {
  if (!context.complete) return [];
  const { frontendNlb, targetGroups: ofRules } = context.desired;
  const ofNlb = (frontendNlb?.listeners ?? []).map(({ targetGroup }) => targetGroup);
  const wantedTargetGroups = new Set([...ofRules, ...ofNlb].map((group) => group.name));
  const wantedSecurityGroups = new Set(context.desired.securityGroups.map((group) => group.name));
  const targetGroups = context.observed.targetGroups.flatMap((found): Operation[] => {
    if (wantedTargetGroups.has(found.name) || (isHolding(context) && isOfLoadBalancer(found))) return [];
    const released = releasedBy(found, operations, context);
    if (released === undefined) return [];
    const subject = resourceId('target-group', found.name);
    const emptied = operations.filter(
      (other) => other.kind === 'deregisterTargets' && other.subject === subject,
    );
    const dependsOn = [...new Set([...released, ...emptied.map(({ id }) => id)])];
    const because = unwanted(`no rule forwards to ${found.name} any more`);
    return [
      {
        kind: 'deleteTargetGroup',
        id: operationId('deleteTargetGroup', subject),
        subject,
        because,
        dependsOn,
        targetGroup: found.arn,
      },
    ];
  });
  if (isHolding(context)) return targetGroups;
  const certificates = unwantedCertificates(operations, context);
  const releases = operations.filter(
    (operation) => operation.kind === 'deleteLoadBalancer' || operation.kind === 'setSecurityGroups',
  );
  const securityGroups = context.observed.securityGroups.flatMap((found): Operation[] => {
    if (wantedSecurityGroups.has(found.name)) return [];
    const subject = resourceId('security-group', found.name);
    const because = unwanted(`no load balancer uses ${found.name} any more`);
    const dependsOn = releases.map((operation) => operation.id);
    return [
      {
        kind: 'deleteSecurityGroup',
        id: operationId('deleteSecurityGroup', subject),
        subject,
        because,
        dependsOn,
        securityGroup: found.id,
      },
    ];
  });
  return [...targetGroups, ...certificates, ...securityGroups];
}
