// A target group that no rule refers to is never health-checked (ELBv2: `unused`, Target.NotInUse), so traffic that
// moves to a new one at once would meet targets that are not healthy yet. Before such a move the new target groups are
// referred to by a rule that no request can match, and the move waits until they are healthy.

import type { DesiredTargetGroup, Known } from '../domain/desired-group.ts';
import {
  type OperationId,
  operationId,
  type ResourceId,
  resourceId,
  type TargetGroupArn,
} from '../domain/ids.ts';
import type { ObservedListener } from '../domain/observed-group.ts';
import type { Operation, OperationOf } from '../domain/operation.ts';
import { isWarmUp, warmUpHost } from '../domain/warm-up-host.ts';
import { transition } from './because.ts';
import { forwardTargets, type PlanContext } from './context.ts';
import { areDisjoint } from '../domain/disjoint.ts';
import type { PlannedRules, RuleEntry } from './rule-entries.ts';
import { readyOperations } from './target-groups.ts';

/** ELBv2: target groups of one forward action (L-057ECE54, not adjustable). */
const targetGroupsPerAction = 5;
/** Two health-check intervals at their longest common setting, and the time that AWS takes to begin. */
const timeoutSeconds = 180;

export type WarmUp = {
  readonly before: readonly Operation[];
  /** The move may begin after these. */
  readonly readyAfter: readonly OperationId[];
  readonly cleanUp: (dependsOn: readonly OperationId[]) => readonly Operation[];
};

const none: WarmUp = { before: [], readyAfter: [], cleanUp: () => [] };

/** The warm-up for one listener's transition; nothing when no live traffic moves, or when the quota has no room for its rules. */
export function warmUp(
  planned: PlannedRules,
  found: ObservedListener,
  input: {
    readonly context: PlanContext;
    readonly headroom: number;
    readonly movesDefault: readonly ResourceId[];
    /** Those that another listener's warm-up waits for: this one's traffic waits for them, too. */
    readonly warming: ReadonlySet<ResourceId>;
  },
): WarmUp {
  const all = [...new Set([...movedOnto(planned, found, input.context), ...input.movesDefault])].toSorted();
  const elsewhere = all
    .filter((id) => input.warming.has(id))
    .map((id) => operationId('awaitHealthyTargets', id));
  const candidates = all.flatMap((id) => {
    const group = input.context.desired.targetGroups.find((candidate) => candidate.id === id);
    const isFilled =
      group !== undefined && group.targets.length > 0 && input.context.unreachable?.has(id) !== true;
    return isFilled && !input.warming.has(id) ? [group] : [];
  });
  const absorbing = candidates.filter(({ absorbs }) => absorbs === true);
  const groups = candidates.filter(({ absorbs }) => absorbs !== true);
  const filling = absorbing.map((group) => absorb(group, input.context));
  const batches = Array.from({ length: Math.ceil(groups.length / targetGroupsPerAction) }, (_none, i) =>
    groups.slice(i * targetGroupsPerAction, (i + 1) * targetGroupsPerAction),
  );
  const created = planned.transition.steps.filter((step) => step.kind === 'create').length;
  if (batches.length === 0 || batches.length + created > input.headroom)
    return { ...none, before: filling, readyAfter: [...filling.map(({ id }) => id), ...elsewhere] };
  const taken = new Set(found.rules.map((rule) => rule.priority));
  const subjects: ResourceId[] = [];
  const parking = batches.flatMap((batch, i): Operation[] => {
    const fills = batch.flatMap((group) => fillIdle(group, input.context));
    const waits = (dependsOn: readonly OperationId[]): readonly Operation[] =>
      batch.map((group) => awaitMoved(group, dependsOn, input.context));
    if (isParked(batch, found, input.context)) return [...fills, ...waits(fills.map(({ id }) => id))];
    const subject = resourceId('rule', found.arn, `warm-up-${i + 1}`);
    subjects.push(subject);
    const id = operationId('createRule', subject);
    const weight = batch.length === 1 ? 1 : 0;
    const parked: Operation = {
      kind: 'createRule',
      id,
      subject,
      because: transition(
        `health checks for ${batch.map((group) => group.name).join(', ')} before traffic moves there`,
      ),
      dependsOn: [
        ...batch.flatMap((group) => readyOperations(group, input.context)),
        ...fills.map((operation) => operation.id),
      ],
      listener: found.arn,
      priority: lastFree(taken),
      content: {
        conditions: [{ kind: 'host-header', values: [warmUpHost], regexValues: [] }],
        actions: [
          {
            kind: 'forward',
            targetGroups: batch.map((group) => ({
              targetGroup: arnOf(group, input.context),
              weight,
            })),
            stickinessSeconds: undefined,
          },
        ],
        transforms: [],
      },
      tags: Object.fromEntries(
        Object.entries(found.tags).filter(([key]) => key !== 'ingress.k8s.aws/resource'),
      ),
    };
    return [...fills, parked, ...waits([id])];
  });
  const before = [...filling, ...parking];
  return {
    before,
    readyAfter: [...before.map((operation) => operation.id), ...elsewhere],
    cleanUp: (dependsOn) =>
      subjects.map((subject) => ({
        kind: 'deleteRule',
        id: operationId('deleteRule', subject),
        subject,
        because: transition('the warm-up is over'),
        dependsOn,
        rule: { ref: subject, attribute: 'arn' },
      })),
  };
}

/** Whose traffic moves is named: one that never gets healthy is held, so that nobody waits behind it for ever. */
function awaitMoved(
  group: DesiredTargetGroup,
  dependsOn: readonly OperationId[],
  context: PlanContext,
): Operation {
  const wait = awaitHealthy(group, dependsOn, arnOf(group, context));
  return { ...wait, because: { ...wait.because, object: group.member } };
}

/** The rule of an earlier warm-up that did not come to its end, which goes with this transition. */
function isParked(
  batch: readonly DesiredTargetGroup[],
  { rules }: ObservedListener,
  context: PlanContext,
): boolean {
  return rules.some((rule) => {
    const checked: readonly unknown[] = isWarmUp(rule) ? forwardTargets(rule.actions) : [];
    return batch.every((group) => checked.includes(arnOf(group, context)));
  });
}

/** Waits until half of the targets of a group are healthy. */
export function awaitHealthy(
  group: { readonly id: ResourceId; readonly name: string; readonly targets: readonly unknown[] },
  dependsOn: readonly OperationId[],
  targetGroup: Known<TargetGroupArn> = { ref: group.id, attribute: 'arn' },
): OperationOf<'awaitHealthyTargets'> {
  // Half of them: one pod that never gets well must not hold back a move for ever, and one alone could not carry the load.
  const count = Math.ceil(group.targets.length / 2);
  return {
    kind: 'awaitHealthyTargets',
    id: operationId('awaitHealthyTargets', group.id),
    subject: group.id,
    because: transition(
      `${count} of ${group.targets.length} targets of ${group.name} healthy before traffic moves there`,
    ),
    dependsOn,
    targetGroup,
    count,
    timeoutSeconds,
  };
}

const arnOf = ({ id }: { readonly id: ResourceId }, context: PlanContext): Known<TargetGroupArn> =>
  context.arnOf({ kind: 'managed', id });

/** One that has requests already, and shall have those of another one too: that one's pods are in it, and get well. */
function absorb(group: DesiredTargetGroup, context: PlanContext): Operation {
  const wait = awaitHealthy(group, [], arnOf(group, context));
  return { ...wait, count: Math.ceil(group.targets.length * absorbedShare) };
}

/** Of all pods: half of them have the requests of all others already. */
const absorbedShare = 0.75;

/** An earlier plan may have come to its end before it filled what it made. */
function fillIdle(group: DesiredTargetGroup, context: PlanContext): readonly Operation[] {
  const targetGroup = arnOf(group, context);
  if (typeof targetGroup !== 'string') return [];
  const { id: subject, name, targets } = group;
  return [
    {
      kind: 'registerTargets',
      id: operationId('registerTargets', subject),
      subject,
      because: transition(`fill ${name} with ${targets.length} targets before traffic comes`),
      dependsOn: [],
      targetGroup,
      targets: targets.map(({ id, port, availabilityZone }) => ({ id, port, availabilityZone })),
    },
  ];
}

/** From the end of AWS's range, where rule transitions do not reach. */
function lastFree(taken: Set<number>): number {
  let priority = 50_000;
  while (taken.has(priority)) priority -= 1;
  taken.add(priority);
  return priority;
}

/** New target groups that take over requests which something else answers now. */
function movedOnto(
  planned: PlannedRules,
  found: ObservedListener,
  context: PlanContext,
): readonly ResourceId[] {
  const forwardsByDefault = forwardTargets(found.defaultActions).length > 0;
  return planned.transition.steps.flatMap((step) => {
    if (step.kind !== 'create' && step.kind !== 'modify') return [];
    const entry = planned.entries[step.wanted] as RuleEntry;
    const takesOver =
      step.kind === 'modify' ||
      forwardsByDefault ||
      found.rules.some((rule) => !areDisjoint(rule.conditions, entry.content.conditions));
    return takesOver ? targetGroupsToWarm(forwardTargets(entry.content.actions), context) : [];
  });
}

/** New ones, and those that take over from one that goes. */
export function targetGroupsToWarm(
  targetGroups: readonly Known<string>[],
  context: PlanContext,
): readonly ResourceId[] {
  const absorbing = context.desired.targetGroups.filter(
    (group) => group.absorbs === true && targetGroups.includes(arnOf(group, context)),
  );
  return [...newTargetGroups(targetGroups, context), ...absorbing.map(({ id }) => id)];
}

/** Those among some target groups that nobody was sent to yet: of the plan's own making, or left so by an earlier plan. */
export function newTargetGroups(
  targetGroups: readonly Known<string>[],
  context: PlanContext,
): readonly ResourceId[] {
  return targetGroups.flatMap((targetGroup) =>
    context.desired.targetGroups
      .filter(({ id, name }) =>
        typeof targetGroup === 'string' ? idleArn(name, context) === targetGroup : id === targetGroup.ref,
      )
      .map(({ id }) => id),
  );
}

/** The ARN of a target group that exists and that no request reaches; a rule of an earlier warm-up does not count. */
function idleArn(name: string, { observed }: PlanContext): string | undefined {
  const arn = observed.targetGroups.find((found) => found.name === name)?.arn;
  const isUsed = observed.loadBalancers
    .flatMap(({ listeners }) => listeners)
    .some(({ defaultActions, rules }) =>
      [defaultActions, ...rules.filter((rule) => !isWarmUp(rule)).map(({ actions }) => actions)].some(
        (actions) => forwardTargets(actions).some((used) => used === arn),
      ),
    );
  return isUsed ? undefined : arn;
}
