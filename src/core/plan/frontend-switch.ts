// A listener of a network load balancer goes over to another target group. AWS checks the health of targets only where a
// listener leads to them, so a second listener does that first, on a port that nobody asked for, until the load balancer is
// healthy there. It leads to nothing that the first one does not lead to a moment later, and goes then.

import type { DesiredFrontendListener, Known } from '../domain/desired-group.ts';
import {
  type OperationId,
  operationId,
  type ResourceId,
  resourceId,
  type TargetGroupArn,
} from '../domain/ids.ts';
import type {
  ObservedListener,
  ObservedLoadBalancer,
  ObservedTargetGroup,
} from '../domain/observed-group.ts';
import type { ListenerSpec, Operation } from '../domain/operation.ts';
import type { QuotaName } from '../domain/facts.ts';
import { limitOf, targetsOfRegistration } from '../domain/quotas.ts';
import { transition } from './because.ts';
import { forwardTargets, type PlanContext } from './context.ts';
import { presentTargets } from './frontend-targets.ts';
import { awaitHealthy } from './warm-up.ts';

export type Switch = {
  readonly before: readonly Operation[];
  /** Traffic may move after these. */
  readonly readyAfter: readonly OperationId[];
  /** What is left to do when it has moved. */
  readonly cleanUp: (after: OperationId) => readonly Operation[];
};

type At = {
  /** Where the listener leads now. */
  readonly from: ObservedTargetGroup | undefined;
  readonly spec: ListenerSpec;
  readonly on: ObservedLoadBalancer;
  /** The target group is made and filled after these. */
  readonly after: readonly OperationId[];
};

/**
 * The steps before and after a change of the target group of one port. Nothing is waited for where the load balancer is not
 * healthy now either (nobody is worse off), and where the network load balancer has no room for another listener.
 */
export function frontendSwitch(
  wanted: DesiredFrontendListener,
  { from, spec, on, after }: At,
  context: PlanContext,
): Switch {
  const none: Switch = { before: [], readyAfter: after, cleanUp: () => [] };
  if (from === undefined || !isServing(from)) return none;
  const [to] = forwardTargets(spec.defaultActions);
  if (to === undefined) return none;
  const wait = awaitFrontend(wanted, to, after);
  if (on.listeners.some((listener) => leadsTo(listener, to)))
    return { before: [wait], readyAfter: [wait.id], cleanUp: () => [] };
  if (!hasRoom(wanted.port, on, context)) return none;
  const subject = resourceId('listener', on.arn, `warm-up-${wanted.port}`);
  const id = operationId('createListener', subject);
  const { 'ingress.k8s.aws/resource': _resource, ...tags } = wanted.tags;
  const parked: Operation = {
    kind: 'createListener',
    id,
    subject,
    because: transition(
      `health checks for ${wanted.targetGroup.name} before port ${wanted.port} leads there`,
    ),
    dependsOn: after,
    loadBalancer: on.arn,
    spec: { ...spec, port: freePort(wanted.port, on, context) },
    tags,
  };
  return {
    before: [parked, { ...wait, dependsOn: [id] }],
    readyAfter: [wait.id],
    cleanUp: (dependency) => [gone(subject, dependency)],
  };
}

const gone = (subject: ResourceId, after: OperationId): Operation => ({
  kind: 'deleteListener',
  id: operationId('deleteListener', subject),
  subject,
  because: transition('the health checks are over'),
  dependsOn: [after],
  listener: { ref: subject, attribute: 'arn' },
});

/** Waits until the one target of a target group is healthy. */
export function awaitFrontend(
  { targetGroup: { id, name } }: DesiredFrontendListener,
  targetGroup: Known<TargetGroupArn>,
  after: readonly OperationId[],
): ReturnType<typeof awaitHealthy> {
  return awaitHealthy({ id, name, targets: ['the load balancer'] }, after, targetGroup);
}

/** Whether requests get through: AWS sends them to a target of which it does not know that it is ill. */
export const isServing = (group: ObservedTargetGroup): boolean =>
  presentTargets(group).some(({ state }) => state !== 'unhealthy');

/** An earlier plan may have ended between. */
const leadsTo = ({ defaultActions }: ObservedListener, targetGroup: Known<TargetGroupArn>): boolean =>
  forwardTargets(defaultActions).some((arn) => arn === targetGroup);

/** Ports that go over to another target group in this plan, and those that it adds. */
function ports({ listeners }: ObservedLoadBalancer, { desired, observed }: PlanContext) {
  const arnOf = (name: string) => observed.targetGroups.find((group) => group.name === name)?.arn;
  const all = desired.frontendNlb?.listeners ?? [];
  const there = (port: number) => listeners.find((listener) => listener.port === port);
  const moving = all.filter(({ port, targetGroup: { name } }) => {
    const found = there(port);
    return found !== undefined && forwardTargets(found.defaultActions)[0] !== arnOf(name);
  });
  return {
    moving: moving.map(({ port }) => port),
    added: all.filter(({ port }) => there(port) === undefined).map(({ port }) => port),
  };
}

function hasRoom(port: number, on: ObservedLoadBalancer, context: PlanContext): boolean {
  const { moving, added } = ports(on, context);
  const count = on.listeners.length + added.length + moving.indexOf(port) + 1;
  const limit = (name: QuotaName): number => limitOf(name, context.quotas);
  return (
    count <= limit('listeners-per-network-load-balancer') &&
    count * targetsOfRegistration(on.attributes) <=
      limit('targets-per-availability-zone-per-network-load-balancer')
  );
}

/** From the end of the range, for each port another one. */
function freePort(port: number, on: ObservedLoadBalancer, context: PlanContext): number {
  const { moving, added } = ports(on, context);
  const taken = new Set([...added, ...on.listeners.map((listener) => listener.port)]);
  let free = 65_535;
  for (let left = moving.indexOf(port); left > 0 || taken.has(free); free -= 1)
    if (!taken.has(free)) left -= 1;
  return free;
}
