// The network load balancer in front of the load balancer. It is filled before its listener sends anything; its target goes
// when nothing leads there any more, and the load balancer behind it goes last. So a deletion that AWS refuses (deletion
// protection) leaves all of it working.

import type { DesiredFrontendListener, DesiredFrontendNlb, DesiredGroup } from '../domain/desired-group.ts';
import { type OperationId, operationId, type ResourceId, resourceId } from '../domain/ids.ts';
import type {
  ObservedGroup,
  ObservedListener,
  ObservedLoadBalancer,
  ObservedTargetGroup,
} from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import { unwanted } from './because.ts';
import { forwardTargets, isOwned, type PlanContext } from './context.ts';
import { frontendListenerOperations } from './frontend-listeners.ts';
import { obstacleToFrontend, obstacleToPlaces, staysWhileHeld } from './frontend-obstacles.ts';
import { type FrontendStep, frontendStep } from './frontend-replacement.ts';
import {
  type Behind,
  deregistration,
  isFilledAfter,
  isOfLoadBalancer,
  presentTargets,
  targetGroupOperations,
} from './frontend-targets.ts';
import { groupProblem } from './group-problem.ts';
import { isHolding } from './kept.ts';
import { changeLoadBalancer, createLoadBalancer } from './load-balancers.ts';

export type FrontendPlan = Pick<Plan, 'operations' | 'held' | 'status' | 'problems'> & {
  /** After these, load balancers and listeners that this plan removes are no targets any more. */
  readonly releases: readonly OperationId[];
};

/**
 * Makes or changes what is wanted, and takes away what nobody wants, with proof only. The target groups themselves go with
 * the others that nobody wants. `replaced`: load balancers that go in this plan, and may be targets.
 */
export function frontendPlan(
  behind: Behind,
  replaced: readonly ObservedLoadBalancer[],
  context: PlanContext,
): FrontendPlan {
  const wanted = context.desired.frontendNlb;
  const at = wanted === undefined ? undefined : presentNlb(wanted, context);
  const made: Made =
    wanted === undefined ? { operations: [], held: [] } : makeOrChange(wanted, at, behind, context);
  const others = networkLoadBalancers(context.observed).filter(({ arn }) => arn !== at?.found.arn);
  const step = stepOf(wanted, at, others, { made, behind, context });
  const removed =
    context.complete && !isHolding(context)
      ? removals(at, { ...made, gone: step.gone }, replaced, context)
      : [];
  const operations = [...made.operations, ...step.ready, ...removed];
  const releases = operations.filter(({ kind }) => releasing.has(kind)).map(({ id }) => id);
  const stuck = at && wanted && !at.outlives && obstacleToPlaces(at.found, wanted.loadBalancer, context);
  const problems = stuck ? [groupProblem(context, stuck)] : [];
  const held = [...made.held, ...step.held];
  return { operations, held, problems, releases, ...(step.status && { status: step.status }) };
}

/** How far the others may go now. Without a wanted one they go at once, as they do where the old one goes first. */
function stepOf(
  wanted: DesiredFrontendNlb | undefined,
  at: Present | undefined,
  others: readonly ObservedLoadBalancer[],
  given: { readonly made: Made; readonly behind: Behind; readonly context: PlanContext },
): FrontendStep {
  const { context } = given;
  const gone = others.map((other) => deletion(other, context));
  const isGradual = wanted !== undefined && context.config.policy.replacements === 'makeFirst';
  if (!isGradual || others.length === 0 || at?.outlives) return { ready: [], gone, held: [] };
  const { made, behind } = given;
  const replacement = { wanted, found: at?.found, others, made: made.operations, gone, behind };
  return frontendStep(replacement, context);
}

type Made = Pick<Plan, 'operations' | 'held'>;

const releasing: ReadonlySet<Operation['kind']> = new Set([
  'deregisterTargets',
  'deleteListener',
  'deleteLoadBalancer',
]);

/** Whether the load balancer, or its listener on a port, is a target that stays, so that AWS would not let it go. */
export function isTargetStill(
  { arn, port }: { readonly arn: string; readonly port?: number },
  { operations }: Pick<FrontendPlan, 'operations'>,
  { observed }: PlanContext,
): boolean {
  return observed.targetGroups.some(
    (group) =>
      isOfLoadBalancer(group) &&
      presentTargets(group).some((target) => target.id === arn && (port ?? target.port) === target.port) &&
      !operations.some(({ kind, subject }) => kind === 'deregisterTargets' && subject === idOf(group)),
  );
}

const networkLoadBalancers = ({ loadBalancers }: ObservedGroup): readonly ObservedLoadBalancer[] =>
  loadBalancers.filter(({ type }) => type === 'network');

type Present = {
  readonly found: ObservedLoadBalancer;
  /** Its scheme is another one, and it cannot be replaced now. */
  readonly outlives?: NonNullable<ReturnType<typeof obstacleToFrontend>>;
};

/** The one that stays: of the wanted scheme, or another that may not be replaced. */
function presentNlb({ loadBalancer }: DesiredFrontendNlb, context: PlanContext): Present | undefined {
  const all = networkLoadBalancers(context.observed);
  const candidates = all.filter(({ scheme }) => scheme === loadBalancer.scheme);
  const found = candidates.find(({ name }) => name === loadBalancer.name) ?? candidates[0];
  if (found !== undefined) return { found };
  const [old] = all;
  const obstacle = old && obstacleToFrontend(old, loadBalancer, context);
  return obstacle && { found: old, outlives: obstacle };
}

function makeOrChange(
  wanted: DesiredFrontendNlb,
  at: Present | undefined,
  behind: Behind,
  context: PlanContext,
): Made {
  const scoped = { ...context, previous: scopedPrevious(context) };
  // In ALBC's way the name is the same, so the old one goes first. Its target groups stay with their targets.
  const goFirst = at === undefined && context.config.policy.replacements === 'deleteFirst';
  const after = goFirst ? networkLoadBalancers(context.observed).map(({ name }) => deletionId(name)) : [];
  const planned =
    at === undefined || at.outlives
      ? createLoadBalancer(wanted.loadBalancer, scoped, after, 'network')
      : changeLoadBalancer(wanted.loadBalancer, at.found, scoped);
  const ports = wanted.listeners.map((listener) =>
    portOperations(
      listener,
      { at, loadBalancer: at?.found.arn ?? planned.arn, after: at ? [] : planned.readyAfter },
      behind,
      context,
    ),
  );
  const words = at && (at.outlives ?? (isHolding(context) ? staysWhileHeld(at.found, context) : undefined));
  const held = [...(words ? planned.operations : []), ...ports.flatMap((port) => port.held)];
  const why = words && groupProblem(context, words);
  return {
    operations: [...(words ? [] : planned.operations), ...ports.flatMap((port) => port.operations)],
    held: why === undefined ? [] : held.map((operation) => ({ operation, why })),
  };
}

/** The settings of a load balancer are compared by the same code, which looks for what was applied before in one place. */
function scopedPrevious({ previous }: PlanContext): DesiredGroup | undefined {
  return previous === undefined
    ? undefined
    : { ...previous, loadBalancer: previous.frontendNlb?.loadBalancer };
}

/**
 * Target group and listener of one port. While a member is held, a port that is there stays as it is, for it may be that
 * member's; only a target group that was never filled is.
 */
function portOperations(
  wanted: DesiredFrontendListener,
  on: {
    readonly at: Present | undefined;
    readonly loadBalancer: Parameters<typeof frontendListenerOperations>[2]['loadBalancer'];
    readonly after: readonly OperationId[];
  },
  behind: Behind,
  context: PlanContext,
): { readonly operations: readonly Operation[]; readonly held: readonly Operation[] } {
  const there = on.at?.found.listeners.find(({ port }) => port === wanted.port);
  const group = targetGroupOperations(wanted, behind, context);
  const after = [...on.after, ...group.map(({ id }) => id)];
  const isFilled = isFilledAfter(wanted, group, behind, context);
  const listener = frontendListenerOperations(
    wanted,
    there,
    { loadBalancer: on.loadBalancer, on: on.at?.found, after, isFilled },
    context,
  );
  const operations = [...group, ...listener];
  if (there === undefined || !isHolding(context)) return { operations, held: [] };
  const present = context.observed.targetGroups.find(({ name }) => name === wanted.targetGroup.name);
  const isEmpty = present !== undefined && presentTargets(present).length === 0;
  const fills = (operation: Operation): boolean => isEmpty && operation.kind === 'registerLoadBalancer';
  return { operations: operations.filter(fills), held: operations.filter((operation) => !fills(operation)) };
}

function removals(
  at: Present | undefined,
  {
    operations: made,
    gone,
  }: { readonly operations: readonly Operation[]; readonly gone: readonly Operation[] },
  replaced: readonly ObservedLoadBalancer[],
  context: PlanContext,
): readonly Operation[] {
  const wanted = context.desired.frontendNlb;
  const closed = (at?.found.listeners ?? [])
    .filter(
      ({ port, tags }) => isOwned(tags, context) && wanted?.listeners.every((other) => other.port !== port),
    )
    .map((listener): Operation => {
      const subject = listener.arn as unknown as ResourceId;
      const because = unwanted(`port ${listener.port} of the network load balancer leads nowhere any more`);
      const id = operationId('deleteListener', subject);
      const dependsOn = takenOver(listener, made);
      return { kind: 'deleteListener', id, subject, because, dependsOn, listener: listener.arn };
    });
  const before = [...made, ...gone, ...closed];
  const names = new Set(wanted?.listeners.map(({ targetGroup }) => targetGroup.name));
  const away = context.observed.targetGroups.filter(isOfLoadBalancer).flatMap((group) => {
    if (leadsTo(group, replaced)) return deregistration(group, idOf(group), []);
    const after = names.has(group.name) ? undefined : detaching(group, before, context);
    return after === undefined ? [] : deregistration(group, idOf(group), after);
  });
  const known = new Set(before.map(({ id }) => id));
  return [...gone, ...closed, ...away.filter(({ id }) => !known.has(id))];
}

/** A listener that is there for health checks alone (frontend-switch.ts) goes when another one leads where it does. */
const takenOver = (
  { defaultActions }: ObservedListener,
  made: readonly Operation[],
): readonly OperationId[] =>
  made.flatMap((operation) =>
    operation.kind === 'modifyListener' &&
    forwardTargets(operation.spec.defaultActions).some((to) =>
      forwardTargets(defaultActions).some((arn) => arn === to),
    )
      ? [operation.id]
      : [],
  );

const idOf = ({ name }: Pick<ObservedTargetGroup, 'name'>): ResourceId => resourceId('target-group', name);

const leadsTo = (group: ObservedTargetGroup, loadBalancers: readonly ObservedLoadBalancer[]): boolean =>
  presentTargets(group).some(({ id }) => loadBalancers.some(({ arn }) => arn === id));

/** The operations after which no listener leads to the target group; undefined where one goes on doing so. */
function detaching(
  { arn }: ObservedTargetGroup,
  operations: readonly Operation[],
  { observed }: PlanContext,
): readonly OperationId[] | undefined {
  const users = networkLoadBalancers(observed).flatMap((loadBalancer) =>
    loadBalancer.listeners
      .filter(({ defaultActions }) => forwardTargets(defaultActions).includes(arn))
      .map((listener) => ({ loadBalancer, listener })),
  );
  const ids = users.map(
    ({ loadBalancer, listener }) =>
      operations.find(
        (operation) =>
          (operation.kind === 'deleteLoadBalancer' && operation.loadBalancer === loadBalancer.arn) ||
          (operation.kind === 'deleteListener' && operation.listener === listener.arn) ||
          (operation.kind === 'modifyListener' && operation.listener === listener.arn),
      )?.id,
  );
  const known = ids.filter((id) => id !== undefined);
  return known.length === ids.length ? [...new Set(known)] : undefined;
}

function deletion(other: ObservedLoadBalancer, { config, desired }: PlanContext): Operation {
  return {
    kind: 'deleteLoadBalancer',
    id: deletionId(other.name),
    subject: resourceId('load-balancer', other.name),
    because: unwanted(
      `no Ingress of group ${desired.key} needs network load balancer ${other.name} any more`,
    ),
    dependsOn: [],
    loadBalancer: other.arn,
    liftProtection: config.policy.deletionProtection === 'lift',
  };
}

const deletionId = (name: string): OperationId =>
  operationId('deleteLoadBalancer', resourceId('load-balancer', name));
