// One network load balancer takes the place of another one of another scheme, by the steps of replacement.ts: it is made
// beside it with target groups of its own, filled and healthy, then the status names it, and when nobody can have the old
// name in a cache any more the old one goes.

import type { DesiredFrontendListener, DesiredFrontendNlb } from '../domain/desired-group.ts';
import { type OperationId, operationId, resourceId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import { forwardTargets, type PlanContext } from './context.ts';
import { obstacleToFrontend } from './frontend-obstacles.ts';
import { awaitFrontend, isServing } from './frontend-switch.ts';
import { type Behind, isFilledAfter } from './frontend-targets.ts';
import { groupProblem } from './group-problem.ts';
import { activation, isMoved, retire, whyOldStays } from './replacement.ts';

export type FrontendStep = Pick<Plan, 'held' | 'status'> & {
  /** What the status waits for. */
  readonly ready: readonly Operation[];
  /** Deletions, with what comes before them. */
  readonly gone: readonly Operation[];
};

type Replacement = {
  readonly wanted: DesiredFrontendNlb;
  readonly found: ObservedLoadBalancer | undefined;
  readonly others: readonly ObservedLoadBalancer[];
  /** Makes and fills the wanted one. */
  readonly made: readonly Operation[];
  /** The deletion of each other one. */
  readonly gone: readonly Operation[];
  readonly behind: Behind;
};

/** How far the replacement may go now. */
export function frontendStep(replacement: Replacement, context: PlanContext): FrontendStep {
  const { wanted, found, others, made, gone, behind } = replacement;
  // Nobody is told another name any more: no consent is due for the rest.
  if (isMoved({ found }, context)) return retirement(replacement, context);
  const [old] = others;
  const obstacle = old && obstacleToFrontend(old, wanted.loadBalancer, context);
  if (obstacle !== undefined) {
    const why = groupProblem(context, obstacle);
    return { ready: [], gone: [], held: gone.map((operation) => ({ operation, why })), status: 'stays' };
  }
  const isFilled = wanted.listeners.every((listener) =>
    isFilledAfter(listener, made.filter(fills(listener)), behind, context),
  );
  // AWS does not take the load balancer for a target yet.
  if (!isFilled) return { ready: [], gone: [], held: [], status: 'stays' };
  return { ready: readiness(replacement, context), gone: [], held: [], status: 'frontendAfterAll' };
}

const fills =
  ({ targetGroup: { id } }: DesiredFrontendListener) =>
  ({ subject }: Operation): boolean =>
    subject === id;

/** It is active, and the load balancer behind it is healthy on each port on which the old one leads to it. */
function readiness({ wanted, found, others, made }: Replacement, context: PlanContext): readonly Operation[] {
  const after = made.map(({ id }) => id);
  const known = new Set(after);
  const health = wanted.listeners
    .filter(({ port }) => others.some((other) => servesPort(other, port, context)))
    .map((listener) => {
      const { id, name } = listener.targetGroup;
      const arn = context.observed.targetGroups.find((group) => group.name === name)?.arn;
      const targetGroup = arn ?? ({ ref: id, attribute: 'arn' } as const);
      return awaitFrontend(listener, targetGroup, after);
    })
    .filter(({ id }) => !known.has(id));
  if (found?.state === 'active') return health;
  const { id } = wanted.loadBalancer;
  return [activation(id, found?.arn ?? { ref: id, attribute: 'arn' }, after), ...health];
}

function servesPort({ listeners }: ObservedLoadBalancer, port: number, { observed }: PlanContext): boolean {
  const arns = listeners
    .filter((listener) => listener.port === port)
    .flatMap(({ defaultActions }) => forwardTargets(defaultActions));
  return observed.targetGroups.some((group) => arns.includes(group.arn) && isServing(group));
}

/** The old ones go after the DNS wait, but for those that may not. */
function retirement({ others, made, gone }: Replacement, context: PlanContext): FrontendStep {
  const after: readonly OperationId[] = made.map(({ id }) => id);
  const steps = others.map((other) => {
    const subject = resourceId('load-balancer', other.name);
    const operation = gone.find(({ id }) => id === operationId('deleteLoadBalancer', subject));
    const words = whyOldStays(other, context);
    const waiting = retire(other, after);
    return { operation, waiting, why: words && groupProblem(context, words) };
  });
  return {
    ready: [],
    gone: steps.flatMap(({ operation, waiting, why }) =>
      operation === undefined || why !== undefined
        ? []
        : [waiting, { ...operation, dependsOn: [waiting.id] }],
    ),
    held: steps.flatMap(({ operation, why }) =>
      operation === undefined || why === undefined ? [] : [{ operation, why }],
    ),
  };
}
