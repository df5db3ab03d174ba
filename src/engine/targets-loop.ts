// Endpoints → registered targets, one key a target group, in a queue of its own: a pod that comes or goes never waits for
// a group's plan.

import type { CoreConfig } from '../core/domain/config.ts';
import type { NetworkOpening } from '../core/domain/desired-group.ts';
import { resourceId } from '../core/domain/ids.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { Attributes } from '../core/domain/operation.ts';
import { type DesiredTarget, type ObservedTarget, type Target, targetKey } from '../core/domain/target.ts';
import { isSettling } from '../core/overflow/parts.ts';
import { nodeAddresses } from '../core/desired/network-needs.ts';
import { reachable, type Selection } from '../core/targets/selection.ts';
import { countRefusals } from './albc-metrics.ts';
import { type ApplyContext, applyOperations } from './apply.ts';
import type { Binding, Memory } from './memory.ts';
import type { AwsPort, ClusterPort, WritePort } from './ports.ts';
import { storeOwn } from './own-targets.ts';
import { lookMs, plannedTargets, targetGroupOf } from './planned-targets.ts';
import { isTurnedDown, refusalProblem } from './refusals.ts';
import { retryPolicy } from './retry.ts';
import { handsDone, noteHands } from './targets-by-hand.ts';
import { incompleteRetryMs } from './whole.ts';
import type { Verdict } from './work-queue.ts';

export type TargetsContext = ApplyContext & {
  readonly aws: AwsPort;
  readonly cluster: ClusterPort;
  readonly config: CoreConfig;
  readonly memory: Memory;
  /** Nothing lets the load balancer in to the nodes of a target group, and the policy is to leave it alone until then. */
  readonly isUnreachable: (targetGroup: string) => boolean;
  readonly write: Pick<WritePort, 'ownTargets' | 'storeOwnTargets'>;
  /** The set of endpoints changed, so the rules of security groups may have to. */
  readonly onEndpoints: () => void;
  /** Only who asks for the target group knows what its change of targets means: which ports to open, or that it is empty. */
  readonly onNews: (binding: Binding) => void;
  /** AWS no longer has the target group, or not as remembered. */
  readonly onDistrust: (binding: Binding) => void;
};

export type TargetsRun = {
  readonly verdict: Verdict;
  readonly outcomes: readonly Outcome[];
  readonly problems: readonly Problem[];
};

/** Makes the registered targets of one target group what they should be. Rejects when AWS cannot be read. */
export async function reconcileTargets(
  name: string,
  context: TargetsContext,
  options: { readonly signal: AbortSignal },
): Promise<TargetsRun> {
  const { memory } = context;
  const binding = memory.binding(name);
  if (binding === undefined || context.isUnreachable(targetGroupOf(binding)))
    return { verdict: { kind: 'rest' }, outcomes: [], problems: [] };
  const planned = await plannedTargets(binding, context, options);
  const { selection, complete, plan, byHand, observed, inherited, own } = planned;
  const { value: desired } = selection;
  const note = (targets: readonly ObservedTarget[] | undefined): void => {
    const current = memory.binding(name);
    // One that was made anew meanwhile has other targets.
    if (current?.arn !== binding.arn) return;
    const known = [...current.own, ...(own ?? []), ...desired.map(targetKey)];
    const present = targets && new Set(targets.filter(isRegistered).map(targetKey));
    const mine = new Set(known.filter((key) => present?.has(key) !== false));
    memory.bind({ ...current, targets, inherited, own: mine });
  };
  // A list that names too much is harmless; a target that is registered and not in it would stay for ever.
  await storeOwn(name, own && [...own, ...desired.map(targetKey)], context, options);
  const notes = inherited === true ? [] : noteHands(name, byHand, context);
  const operations = [...plan.operations, ...notes];
  const { outcomes } = await applyOperations(operations, context, {
    known: new Map(),
    onBug: () => note(undefined),
    ...options,
  });
  const { verdict, stale } = retryPolicy(outcomes);
  note(stale ? undefined : afterwards(observed, outcomes));
  countRefusals(context.metrics, outcomes);
  await storeOwn(name, own && memory.binding(name)?.own, context, options);
  handsDone(name, { outcomes, drift: plan.drift }, context);
  hearFrom(binding, { observed, selection, complete, outcomes }, context);
  if (outcomes.some(isOfNothing)) context.onDistrust(binding);
  const refused = outcomes.flatMap((outcome) => refusalsIn(outcome, observed, binding));
  return {
    verdict: unlessLacking(verdict, { complete, outcomes, lookMs: lookMs(memory.binding(name), context) }),
    outcomes,
    problems: [...plan.problems, ...refused],
  };
}

/** Tells whoever asked for the target group what they have to know of its targets. */
function hearFrom(
  binding: Binding,
  run: {
    readonly observed: readonly ObservedTarget[];
    readonly selection: Selection;
    readonly complete: boolean;
    readonly outcomes: readonly Outcome[];
  },
  context: TargetsContext,
): void {
  const { observed, selection, complete, outcomes } = run;
  if (outcomes.length > 0 ? isShared(binding, context.memory) : isWatched(binding)) context.onNews(binding);
  const desired = selection.value;
  if (binding.emptied === true) {
    if (isVacant(context.memory.binding(binding.name))) context.onNews(binding);
  } else if (isEmpty(observed) && desired.length > 0) context.onNews(binding);
  else if (complete || desired.length > 0) noteEndpoints(binding, reachable(selection), context);
}

const isOfNothing = (outcome: Outcome): boolean =>
  outcome.kind === 'failed' && outcome.refusal.kind === 'notFound';

/** Where what fits is counted over several target groups, each change of the targets of one may change the others. */
const isShared = ({ group }: Binding, memory: Memory): boolean =>
  [...memory.bindings()].some((other) => other.group === group && other.intent.overflow !== undefined);

/**
 * Of pods behind their nodes only their number matters, which changes no target; and one of several target groups may wait
 * for nothing but that somebody looks at what is in the others.
 */
const isWatched = ({ intent }: Binding): boolean =>
  intent.overflow !== undefined && (intent.targetType === 'instance' || isSettling(intent));

const isRegistered = ({ state }: ObservedTarget): boolean =>
  state !== 'draining' && state !== 'unhealthy.draining';

/** Comes back for what had to wait: for whole lists, for a target that AWS does not take yet, or for one to be healthy. */
function unlessLacking(
  verdict: Verdict,
  run: {
    readonly complete: boolean;
    readonly outcomes: readonly Outcome[];
    readonly lookMs: number | undefined;
  },
): Verdict {
  if (verdict.kind !== 'rest') return verdict;
  const isRefused = run.outcomes.some((outcome) => refusedBy(outcome).length > 0);
  if (isRefused) return { kind: 'backOff', atLeastMs: 0 };
  const afterMs = run.complete ? run.lookMs : incompleteRetryMs;
  return afterMs === undefined ? { kind: 'rest' } : { kind: 'again', afterMs };
}

const refusedBy = (outcome: Outcome): NonNullable<Attributes['refusedTargets']> =>
  outcome.kind === 'done' ? (outcome.attributes.refusedTargets ?? []) : [];

/** What AWS refused, on the Ingress that asked for the target group. That one which still drains has to wait is no news. */
function refusalsIn(
  outcome: Outcome,
  observed: readonly ObservedTarget[],
  binding: Binding,
): readonly Problem[] {
  const { intent } = binding;
  if (outcome.kind === 'failed' && isTurnedDown(outcome))
    return [refusalProblem(intent.member, outcome.operation, outcome.refusal)];
  const known = new Set(observed.map(targetKey));
  const news = refusedBy(outcome).filter(({ target }) => !known.has(targetKey(target)));
  return news.map(({ target, why }) => ({
    kind: 'problem',
    code: 'TargetUnusable',
    severity: 'warning',
    scope: 'member',
    object: intent.member,
    path: intent.member.kind === 'Ingress' ? 'spec.rules' : 'spec.serviceRef',
    message: `AWS does not take ${target.id}:${target.port} into target group ${targetGroupOf(binding)}: ${why}`,
    hint: 'The other targets are registered, and this one is tried again',
  }));
}

/** What the registered set is after these outcomes. A deregistered target drains; AWS drops it by itself. */
export function afterwards(
  observed: readonly ObservedTarget[],
  outcomes: readonly Outcome[],
): readonly ObservedTarget[] {
  const targets = new Map(observed.map((target) => [targetKey(target), target]));
  for (const outcome of outcomes) {
    if (outcome.kind !== 'done') continue;
    const { operation } = outcome;
    if (operation.kind === 'registerTargets') {
      const refused = new Set(refusedBy(outcome).map(({ target }) => targetKey(target)));
      const taken = operation.targets.filter((target) => !refused.has(targetKey(target)));
      for (const target of taken) targets.set(targetKey(target), registered(target));
    }
    if (operation.kind === 'deregisterTargets') {
      for (const target of operation.targets) targets.set(targetKey(target), draining(target));
    }
  }
  return [...targets.values()];
}

const registered = (target: Target): ObservedTarget => ({
  ...target,
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
});
const draining = (target: Target): ObservedTarget => ({
  ...target,
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: '',
});

/** Whether nothing is left in it that this cluster may take out; false while that is not known. */
export function isVacant(binding: Binding | undefined): boolean {
  const { targets, own, intent, byHand } = binding ?? {};
  if (targets === undefined || intent === undefined) return false;
  const left = targets.filter((target) => byHand?.foreign.has(targetKey(target)) !== true);
  return isEmpty(intent.multiCluster ? left.filter((target) => own?.has(targetKey(target))) : left);
}

const isEmpty = (targets: readonly ObservedTarget[]): boolean => !targets.some(isRegistered);

/** Keeps the group's network needs at what is registered now, and tells when that changes anything. */
function noteEndpoints(binding: Binding, desired: readonly DesiredTarget[], context: TargetsContext): void {
  const { needs } = context.memory.group(binding.group);
  if (binding.bound !== undefined) {
    const endpoints = new Set(needs?.openings.flatMap((opening) => opening.endpoints));
    const isNews = endpoints.size > 0 && desired.some((target) => !endpoints.has(target.id));
    if (isNews || endpoints.size > new Set(desired.map((target) => target.id)).size) context.onNews(binding);
    return;
  }
  const id = resourceId('target-group', binding.name);
  const present = needs?.openings.find((opening) => opening.targetGroup === id);
  if (needs === undefined || present === undefined) return;
  const opening = openingFor(present, desired);
  if (isSame(present.endpoints, opening.endpoints) && isSame(present.ports, opening.ports)) return;
  const openings = needs.openings.map((each) => (each === present ? opening : each));
  context.memory.update(binding.group, { needs: { ...needs, openings } });
  context.onEndpoints();
}

/** An opening towards other targets than those it was made for. */
export function openingFor(opening: NetworkOpening, desired: readonly DesiredTarget[]): NetworkOpening {
  const inside = desired.filter(({ availabilityZone }) => availabilityZone !== 'all');
  return {
    ...opening,
    endpoints: [...new Set(inside.map((target) => target.id))].toSorted(),
    ...nodeAddresses(inside),
    // Pods may give a named port different numbers.
    ports: [...new Set([...opening.ports, ...inside.map(({ port }) => port)])].toSorted((a, b) => a - b),
  };
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);
