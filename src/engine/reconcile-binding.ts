// One TargetGroupBinding from what its user asks for to a target group that the targets loop keeps filled, with the ways to
// its targets open. Finalizer before the first write, grants before targets, targets out before the finalizer goes.

import { isDeepStrictEqual } from 'node:util';
import { bindingNeeds, peersOf } from '../core/desired/binding-needs.ts';
import type { TargetGroupBinding } from '../core/domain/cluster.ts';
import type { NetworkNeeds } from '../core/domain/desired-group.ts';
import type { TargetGroupFact, VpcFact } from '../core/domain/facts.ts';
import type { TargetsIntent } from '../core/domain/group-model.ts';
import { type GroupKey, type NamespacedName, resourceId } from '../core/domain/ids.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import {
  bindingBackend,
  bindingFinalizer,
  bindingIdOf,
  bindingIntent,
  bindingRef,
  hasCheckpoint,
  isLeftToAlbc,
  isWrittenByUser,
  leftToAlbc,
  ownedByIngress,
  rivalry,
  targetGroupNotFound,
  withoutTargetGroup,
} from '../core/model/binding.ts';
import { bindingEvents, bindingReadFailure } from '../core/report/binding-events.ts';
import { eventKey, type ReportEvent } from '../core/report/events.ts';
import { desiredTargets } from '../core/targets/select.ts';
import type { Binding } from './memory.ts';
import { written } from './ports.ts';
import type { GroupContext, GroupRun, Run } from './group-run.ts';
import { retryPolicy } from './retry.ts';
import { listOf } from './own-targets.ts';
import { isVacant } from './targets-loop.ts';
import { markFailedCleanup } from './tell-binding.ts';
import { tellEvents } from './tell.ts';
import { incompleteRetryMs } from './whole.ts';
import type { Verdict } from './work-queue.ts';

/** A target group that does not exist may be made at any time, and no event of the cluster says so. */
const notFoundRetryMs = 120_000;

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

type Work = {
  readonly key: GroupKey;
  readonly id: NamespacedName;
  readonly binding: TargetGroupBinding;
  readonly snapshot: Snapshot;
  readonly context: GroupContext;
  readonly run: Run;
};

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
  context.memory.update(key, { needs: { ...nothingOpen, unclear: peersOf(binding) } });
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
  const found = await subject(work);
  if ('held' in found) return hold(work, found.held, found.verdict);
  const { fact, intent, warnings } = found;
  const { vpc, quotas } = await context.aws.facts(factsQuery(intent), run);
  const near = fact.vpcId === context.config.vpcId ? vpc : elsewhere(vpc);
  const opened = await open(work, { intent, fact, vpc: near });
  bind(work, { fact, intent, vpc: near, quotas });
  await tellProblems(work, [...warnings, ...opened.problems], opened.outcomes);
  return { verdict: retryPolicy(opened.outcomes).verdict, changed: opened.outcomes.length > 0 };
}

/** Every address here is outside the VPC of a target group in another one. */
const elsewhere = (vpc: VpcFact | undefined): VpcFact | undefined =>
  vpc && { ...vpc, cidrs: [], ipv6Cidrs: [] };

type Subject =
  | { readonly held: readonly Problem[]; readonly verdict?: Verdict }
  | {
      readonly fact: TargetGroupFact;
      readonly intent: TargetsIntent;
      readonly warnings: readonly Problem[];
    };

/** The target group and what is to be in it, or why the binding cannot be served. */
async function subject(work: Work): Promise<Subject> {
  const { binding, snapshot, context } = work;
  if (binding.targetGroupArn === undefined && binding.targetGroupName === undefined)
    return { held: [withoutTargetGroup(binding)] };
  const fact = await targetGroupOf(work);
  if (fact === undefined) {
    return { held: [targetGroupNotFound(binding)], verdict: { kind: 'again', afterMs: notFoundRetryMs } };
  }
  const owner = ingressOf(fact, context);
  if (owner !== undefined) return { held: [ownedByIngress(binding, fact, owner)] };
  const { policy } = context.config;
  const { wins, problems: warnings } = rivalry(binding, fact, { snapshot, policy });
  return wins ? served(work, fact, warnings) : { held: warnings };
}

function served(work: Work, fact: TargetGroupFact, warnings: readonly Problem[]): Subject {
  const { binding, snapshot, context } = work;
  const { config } = context;
  const backend = bindingBackend(binding, snapshot);
  if (backend.kind === 'unknown')
    return { held: warnings, verdict: { kind: 'again', afterMs: incompleteRetryMs } };
  if (backend.kind === 'missing') {
    // As for Ingresses: a Service that is gone takes its targets along, and a port that is gone leaves them.
    const isGone = backend.problem.code === 'ServiceNotFound' || config.policy.compatibility === 'albc';
    if (isGone) empty(work, fact);
    return { held: [...warnings, backend.problem] };
  }
  const { value: intent, problems } = bindingIntent(binding, backend, { fact, config });
  return intent === undefined ? { held: [...warnings, ...problems] } : { fact, intent, warnings };
}

/** Hands the target group to the targets loop, if it does not have it like this already. */
function bind(
  { key, id, binding, context, run }: Work,
  to: Pick<Binding, 'intent' | 'vpc' | 'quotas'> & { readonly fact: TargetGroupFact },
): void {
  const { memory, onBound } = context;
  const { fact, ...rest } = to;
  const before = memory.binding(id);
  const bound = { fact, role: binding.role };
  memory.bind({ name: id, arn: fact.arn, group: key, bound, ...rest, ...remembered(before, fact) });
  const isSame =
    before?.emptied === undefined && isDeepStrictEqual([before?.intent, before?.bound], [to.intent, bound]);
  if (!isSame || run.prompted) onBound(id);
}

/** What is known of the targets of the same target group. */
function remembered(
  before: Binding | undefined,
  { arn }: TargetGroupFact,
): Pick<Binding, 'targets' | 'own' | 'stored' | 'byHand'> {
  if (before?.arn !== arn) return { targets: undefined, own: new Set() };
  const { targets, own, stored, byHand } = before;
  return {
    targets,
    own,
    ...(stored === undefined ? {} : { stored }),
    ...(byHand === undefined ? {} : { byHand }),
  };
}

const factsQuery = ({ targetType }: TargetsIntent) => ({
  vpc: targetType === 'ip',
  subnets: 'none' as const,
  securityGroups: false,
  certificates: false,
  quotas: true,
  targetGroupNames: [],
  trustStoreNames: [],
  webAclNames: [],
  shield: false,
});

/** As remembered while nobody doubts it. */
async function targetGroupOf(work: Work): Promise<TargetGroupFact | undefined> {
  const { key, id, binding, run } = work;
  const { memory, aws } = work.context;
  const { targetGroupArn: arn, targetGroupName: name, role } = binding;
  const known = memory.binding(id)?.bound;
  const { staleSince } = memory.group(key);
  const isSame =
    known !== undefined &&
    (arn === undefined ? known.fact.name === name : known.fact.arn === arn) &&
    isDeepStrictEqual(known.role, role);
  if (isSame && staleSince === undefined) return known.fact;
  const fact = await aws.targetGroup({ arn, name, role }, run);
  if (memory.group(key).staleSince === staleSince) memory.update(key, { staleSince: undefined });
  return fact;
}

function ingressOf(
  { arn }: TargetGroupFact,
  { memory }: GroupContext,
): Binding['intent']['member'] | undefined {
  const owner = [...memory.bindings()].find((other) => other.arn === arn && other.bound === undefined);
  return owner?.intent.member;
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

/** The targets loop takes out what is registered. Without anything remembered there must still be something to do it by. */
function empty({ key, id, binding, context }: Work, fact: TargetGroupFact): void {
  const { memory, onBound } = context;
  const before = memory.binding(id);
  const same = before?.arn === fact.arn ? before : undefined;
  // The targets loop is at it already, and comes back by itself.
  if (same?.emptied === true) return;
  memory.bind({
    name: id,
    arn: fact.arn,
    group: key,
    intent: same?.intent ?? emptyIntent(binding, fact),
    bound: { fact, role: binding.role },
    emptied: true,
    vpc: undefined,
    quotas: [],
    ...remembered(before, fact),
  });
  onBound(id);
}

function emptyIntent(binding: TargetGroupBinding, fact: TargetGroupFact): TargetsIntent {
  const { namespace } = binding.meta;
  const { name, port } = binding.service;
  return {
    member: bindingRef(binding),
    service: { namespace, name },
    backendPort: '',
    servicePort: {
      name: port.kind === 'name' ? port.name : '',
      port: port.kind === 'number' ? port.number : 0,
      targetPort: { kind: 'number', number: 0 },
      nodePort: undefined,
      protocol: 'TCP',
      appProtocol: undefined,
    },
    targetType: fact.targetType === 'instance' ? 'instance' : 'ip',
    ipAddressType: fact.ipAddressType,
    attributes: {},
    nodeLabels: {},
    multiCluster: binding.multiCluster,
  };
}

/** The binding keeps what it had, and its user is told why. */
async function hold(
  work: Work,
  problems: readonly Problem[],
  verdict: Verdict = { kind: 'rest' },
): Promise<GroupRun> {
  const { memory } = work.context;
  // What it had is not known after a restart, so that nothing may be closed on the strength of it.
  if (memory.group(work.key).needs === undefined)
    memory.update(work.key, { needs: { ...nothingOpen, unclear: peersOf(work.binding) } });
  await tellProblems(work, problems, []);
  return { verdict, changed: false };
}

const nothingOpen: NetworkNeeds = {
  backendSecurityGroup: undefined,
  openings: [],
  partial: false,
  ownSources: [],
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
  const fact = await targetGroupToLeave(work);
  if (fact !== undefined) {
    empty(work, fact);
    if (!isVacant(memory.binding(id))) return rest;
  }
  const object = bindingRef(binding);
  if (binding.multiCluster) {
    const list = listOf(id, { member: object });
    await written('drop the list of own targets', write.dropOwnTargets(list, run));
  }
  const peers = peersOf(binding);
  memory.unbind(id);
  // Who asked for the rules is not known any more once the binding is gone.
  memory.update(key, { needs: { ...nothingOpen, ownSources: peers } });
  if (peers.length > 0) {
    await network.run(run);
    // Without proof that nobody else needs them the rules are still there.
    onNetwork();
  }
  await written('remove a finalizer', write.removeFinalizer(object, bindingFinalizer, run));
  return { verdict: { kind: 'rest' }, changed: true };
}

/** Undefined where the target group is gone, or somebody else fills it. */
async function targetGroupToLeave(work: Work): Promise<TargetGroupFact | undefined> {
  const { binding, snapshot, context } = work;
  if (binding.targetGroupArn === undefined && binding.targetGroupName === undefined) return undefined;
  const fact = await targetGroupOf(work);
  const { policy } = context.config;
  const isOurs =
    fact !== undefined &&
    ingressOf(fact, context) === undefined &&
    rivalry(binding, fact, { snapshot, policy }).wins;
  return isOurs ? fact : undefined;
}
