// One TargetGroupBinding from what its user asks for to a target group that the targets loop keeps filled, with the ways to
// its targets open. Finalizer before the first write, grants before targets, targets out before the finalizer goes.

import { isDeepStrictEqual } from 'node:util';
import { bindingNeeds, endedNeeds, nothingOpen, unclearNeeds } from '../core/desired/binding-needs.ts';
import type { TargetGroupBinding } from '../core/domain/cluster.ts';
import { onlyQuotas, type TargetGroupFact } from '../core/domain/facts.ts';
import type { TargetsIntent } from '../core/domain/group-model.ts';
import { type GroupKey, resourceId } from '../core/domain/ids.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import {
  bindingFinalizer,
  bindingIdOf,
  bindingRef,
  hasCheckpoint,
  isLeftToAlbc,
  isWrittenByUser,
} from '../core/model/binding.ts';
import { leftToAlbc } from '../core/model/binding-problem.ts';
import type { BindingVerdict } from '../core/model/binding-verdict.ts';
import { bindingEvents, bindingReadFailure } from '../core/report/binding-events.ts';
import { eventKey, type ReportEvent } from '../core/report/events.ts';
import { desiredTargets } from '../core/targets/select.ts';
import { vpcOfTargets } from '../core/targets/vpc-of-targets.ts';
import { type Work, verdictOn } from './binding-work.ts';
import { empty, fill } from './fill-binding.ts';
import type { GroupContext, GroupRun, Run } from './group-run.ts';
import type { Binding } from './memory.ts';
import { listOf } from './own-targets.ts';
import { written } from './ports.ts';
import { retryPolicy } from './retry.ts';
import { isVacant } from './targets-loop.ts';
import { markFailedCleanup } from './tell-binding.ts';
import { tellEvents } from './tell.ts';
import { incompleteRetryMs } from './whole.ts';
import type { Verdict } from './work-queue.ts';

/** Brings one binding up to date. Rejects when AWS cannot be read or Kubernetes cannot be written. */
export async function reconcileBinding(key: GroupKey, context: GroupContext, run: Run): Promise<GroupRun> {
  const id = bindingIdOf(key);
  const snapshot = context.cluster.snapshot();
  const binding = id === undefined ? undefined : snapshot.targetGroupBindings.get(id);
  if (id === undefined || binding === undefined || !isWrittenByUser(binding)) {
    if (snapshot.complete.has('TargetGroupBinding')) release(key, context);
    return rest;
  }
  const work: Work = { key, id, binding, snapshot, context, run };
  if (isLeftToAlbc(binding, context.config.policy)) return leaveAlone(work);
  const isLeaving = binding.meta.deletionTimestamp !== undefined;
  if (isLeaving && !binding.meta.finalizers.includes(bindingFinalizer)) {
    release(key, context);
    context.memory.update(key, { needs: nothingOpen });
    return rest;
  }
  try {
    return isLeaving ? await leave(work) : await serve(work);
  } catch (error) {
    const refusal = context.aws.refusalOf(error);
    const about = { object: bindingRef(binding), leaving: isLeaving, policy: context.config.policy };
    if (refusal !== undefined) await tell(work, [bindingReadFailure(refusal, about)]);
    throw error;
  }
}

const rest: GroupRun = { verdict: { kind: 'rest' }, changed: false };

/** Nothing more is done for the binding, and nobody needs anything opened for it. */
function release(key: GroupKey, { memory, onNetwork }: GroupContext): void {
  const { needs } = memory.group(key);
  memory.forget(key);
  if (needs !== undefined && needs.openings.length > 0) onNetwork();
}

/** ALBC serves it: what it may have opened is not ours to close, nor what both have registered ours to take out. */
async function leaveAlone(work: Work): Promise<GroupRun> {
  const { key, id, binding, context } = work;
  context.memory.unbind(id);
  context.memory.update(key, { needs: unclearNeeds(binding) });
  if (binding.meta.deletionTimestamp === undefined) await tellProblems(work, [leftToAlbc(binding)], []);
  return rest;
}

async function serve(work: Work): Promise<GroupRun> {
  const { binding, context, run } = work;
  if (!binding.meta.finalizers.includes(bindingFinalizer)) {
    const added = context.write.addFinalizer(bindingRef(binding), bindingFinalizer, run);
    await written('add a finalizer', added);
  }
  if (hasCheckpoint(binding))
    await written('take a binding over', context.write.dropCheckpoint(bindingRef(binding), run));
  const found = await verdictOn(work);
  if (found.kind === 'emptied') empty(work, found.fact);
  if (found.kind !== 'served') return hold(work, found);
  const { fact, intent, problems } = found;
  const read = await context.aws.facts({ ...onlyQuotas, vpc: intent.targetType === 'ip' }, run);
  const vpc = vpcOfTargets(fact, read.vpc, context.config);
  const opened = await open(work, { intent, fact, vpc });
  fill(work, { fact, intent, vpc, quotas: read.quotas });
  await tellProblems(work, [...problems, ...opened.problems], opened.outcomes);
  return { verdict: retryPolicy(opened.outcomes).verdict, changed: opened.outcomes.length > 0 };
}

type Opened = { readonly problems: readonly Problem[]; readonly outcomes: readonly Outcome[] };

/** Grants what the binding's words ask for towards the targets of now. */
async function open(
  { key, binding, snapshot, context, run }: Work,
  of: {
    readonly intent: TargetsIntent;
    readonly fact: TargetGroupFact;
    readonly vpc: Binding['vpc'];
  },
): Promise<Opened> {
  const { memory, network, config, onNetwork } = context;
  const { intent, fact, vpc } = of;
  const before = memory.group(key).needs;
  const targets = desiredTargets(intent, snapshot, { vpc, config }).value;
  const targetGroup = resourceId('target-group', fact.name);
  const { value: needs, problems } = bindingNeeds({ binding, intent, targetGroup, targets, snapshot });
  if (isDeepStrictEqual(before, needs) && needs.openings.length === 0) return { problems, outcomes: [] };
  const same = before !== undefined && isDeepStrictEqual(before, needs) ? before : needs;
  const ensured = await network.ensure(key, same, run);
  if (same !== before) onNetwork();
  const own = ensured.problems.filter(({ object }) => isOf(object, binding));
  return { problems: [...problems, ...own], outcomes: ensured.outcomes };
}

const isOf = (object: Problem['object'], { meta }: TargetGroupBinding): boolean =>
  object.kind === 'TargetGroupBinding' && object.namespace === meta.namespace && object.name === meta.name;

/** The binding keeps what it had, and its user is told why. */
async function hold(work: Work, { problems, ...found }: BindingVerdict): Promise<GroupRun> {
  const { memory } = work.context;
  // What it had is not known after a restart, so that nothing may be closed on the strength of it.
  if (memory.group(work.key).needs === undefined)
    memory.update(work.key, { needs: unclearNeeds(work.binding) });
  await tellProblems(work, problems, []);
  const awaits = found.kind === 'held' ? found.awaits : undefined;
  return { verdict: awaits === undefined ? { kind: 'rest' } : again[awaits], changed: false };
}

/** A target group that does not exist may be made at any time. */
const again: Readonly<Record<'targetGroup' | 'wholeLists', Verdict>> = {
  targetGroup: { kind: 'again', afterMs: 120_000 },
  wholeLists: { kind: 'again', afterMs: incompleteRetryMs },
};

async function tellProblems(
  work: Work,
  problems: readonly Problem[],
  outcomes: readonly Outcome[],
): Promise<void> {
  const { binding, key, context } = work;
  const { policy } = context.config;
  context.memory.update(key, { problems });
  const object = bindingRef(binding);
  await tell(work, bindingEvents({ object, problems, outcomes, leaving: false, policy }));
}

/** Each text once, until it is over. */
async function tell({ key, context, run }: Work, events: readonly ReportEvent[]): Promise<void> {
  const { told } = context.memory.group(key);
  const news = events.filter((event) => run.prompted || !told.has(eventKey(event)));
  await tellEvents(news, context, run);
  await markFailedCleanup(news, context, run);
  context.memory.update(key, { told: new Set(events.map(eventKey)) });
}

/** Takes the binding's targets out, by way of the targets loop, and then lets it go. The target group is not ours to delete. */
async function leave(work: Work): Promise<GroupRun> {
  const { key, id, binding, context, run } = work;
  const { memory, write, network, onNetwork } = context;
  const found = await verdictOn(work);
  if (found.kind === 'emptied') {
    empty(work, found.fact);
    if (!isVacant(memory.binding(id))) return rest;
  }
  const object = bindingRef(binding);
  if (binding.multiCluster) {
    const list = listOf(id, { member: object });
    await written('drop the list of own targets', write.dropOwnTargets(list, run));
  }
  const needs = endedNeeds(binding);
  memory.unbind(id);
  // Who asked for the rules is not known any more once the binding is gone.
  memory.update(key, { needs });
  if (needs.ownSources.length > 0) {
    await network.run(run);
    // Without proof that nobody else needs them the rules are still there.
    onNetwork();
  }
  await written('remove a finalizer', write.removeFinalizer(object, bindingFinalizer, run));
  return { verdict: { kind: 'rest' }, changed: true };
}
