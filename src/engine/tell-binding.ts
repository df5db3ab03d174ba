// What a run of the targets loop means for the user of a TargetGroupBinding: events, and the generation that was brought about.

import { isWrittenByUser } from '../core/model/binding.ts';
import { bindingEvents, bindingSuccess } from '../core/report/binding-events.ts';
import { eventKey, type ReportEvent } from '../core/report/events.ts';
import type { Policy } from '../core/domain/config.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { Binding } from './memory.ts';
import { type ClusterPort, written } from './ports.ts';
import type { TargetsRun } from './targets-loop.ts';
import { type TellContext, tellEvents } from './tell.ts';

export type BindingTelling = TellContext & { readonly cluster: Pick<ClusterPort, 'snapshot'> };

/** Tells what went wrong once, until it is over. A success is told when something was done, or when somebody asked (ALBC). */
export async function tellBinding(
  { name, group, intent }: Binding,
  { outcomes, problems }: TargetsRun,
  context: BindingTelling,
  run: { readonly signal: AbortSignal; readonly prompted: boolean },
): Promise<void> {
  const { memory, config, cluster, write } = context;
  const { policy } = config;
  const found = cluster.snapshot().targetGroupBindings.get(name as NamespacedName);
  if (found === undefined || !isWrittenByUser(found)) return;
  const leaving = found.meta.deletionTimestamp !== undefined;
  const object = intent.member;
  const before = memory.group(group);
  const events = bindingEvents({ object, problems, outcomes, leaving, policy });
  const toldOfTargets = new Set(events.map(eventKey));
  const news = events.filter((event) => !before.toldOfTargets.has(eventKey(event)));
  const isDone = isSuccess({ leaving, problems: before.problems, outcomes, policy });
  const isAsked = policy.compatibility === 'albc' && run.prompted;
  const isNews = outcomes.length > 0 || !before.succeeded || isAsked;
  await tellEvents(isDone && isNews ? [...news, bindingSuccess(object)] : news, context, run);
  await markFailedCleanup(news, context, run);
  memory.update(group, { toldOfTargets, succeeded: before.succeeded || isDone });
  const { generation } = found.meta;
  if (isDone && found.observedGeneration !== generation)
    await written('patch the status', write.patchObservedGeneration(object, generation, run));
}

/** The status says why a binding that is being deleted does not go (albc-behaviour §7.1). */
export async function markFailedCleanup(
  news: readonly ReportEvent[],
  { write }: Pick<TellContext, 'write'>,
  run: { readonly signal: AbortSignal },
): Promise<void> {
  const failure = news.find(({ reason }) => reason === 'FailedCleanup');
  if (failure === undefined) return;
  const { object, message } = failure;
  await written('patch the status', write.patchFailedCleanup(object, message, run));
}

/** What keeps a binding from being served has been told; ALBC says all the same that it has done its best. */
function isSuccess({
  leaving,
  problems,
  outcomes,
  policy,
}: {
  readonly leaving: boolean;
  readonly problems: readonly Problem[];
  readonly outcomes: TargetsRun['outcomes'];
  readonly policy: Policy;
}): boolean {
  const isHeld = policy.compatibility === 'none' && problems.some(({ severity }) => severity === 'error');
  return !leaving && !isHeld && outcomes.every(({ kind }) => kind === 'done');
}
