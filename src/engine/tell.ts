// Writes to Kubernetes what a run means for its users: status, finalizers that may go, events.

import type { GroupModel } from '../core/domain/group-model.ts';
import type { NamespacedName, ResourceId } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Outcome, Refusal } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { eventKey, readFailureEvents, type ReportEvent } from '../core/report/events.ts';
import { planAnnotations } from '../core/report/plan-annotations.ts';
import { groupReport } from '../core/report/group-report.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { inStage } from './albc-metrics.ts';
import type { DriftNews } from './drift-memory.ts';
import type { Memory } from './memory.ts';
import { type WritePort, written } from './ports.ts';

export type TellContext = {
  readonly config: CoreConfig;
  readonly memory: Memory;
  readonly write: WritePort;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
};

export type Told = {
  readonly planned: GroupPlan;
  /** Problems from outside the group's own plan, such as the network's. */
  readonly problems: readonly Problem[];
  readonly snapshot: Snapshot;
  readonly observed: ObservedGroup;
  readonly outcomes: readonly Outcome[];
  readonly drift: DriftNews;
  readonly certain: boolean;
  readonly arriving: ReadonlySet<NamespacedName>;
};

/** Does everything it can, then rejects with the first thing that could not be written. */
export async function tellGroup(
  told: Told,
  { config, memory, write, log, metrics, clock }: TellContext,
  run: { readonly signal: AbortSignal; readonly prompted: boolean },
): Promise<void> {
  const { model, plan } = told.planned;
  const { key } = model;
  const { succeeded, told: before } = memory.group(key);
  const problems = [...told.planned.problems, ...told.problems];
  const report = groupReport({
    ...told,
    model,
    plan,
    problems,
    drift: { repaired: told.drift.repaired, open: told.drift.memory.open },
    firstSuccess: !succeeded,
    prompted: run.prompted,
    policy: config.policy,
  });
  const errors: unknown[] = [];
  const attempt = async (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => void errors.push(error));
  await inStage('dns_resolve_and_update_status', { metrics, clock }, async () => {
    for (const patch of report.statusPatches)
      await attempt(written('patch the status', write.patchStatus(patch, run)));
  });
  await inStage('remove_group_finalizer', { metrics, clock }, async () => {
    for (const { member, finalizer } of report.finalizersToRemove)
      await attempt(written('remove a finalizer', write.removeFinalizer(member.ref, finalizer, run)));
  });
  const news = report.events.filter(
    (event) => run.prompted || event.type === 'Normal' || !before.has(eventKey(event)),
  );
  await tellEvents(news, { write, log }, run);
  memory.update(key, {
    problems,
    told: new Set(report.events.map(eventKey)),
    succeeded: succeeded || report.events.some(({ reason }) => reason === 'SuccessfullyReconciled'),
  });
  if (errors.length > 0) throw errors[0];
}

/** Says on the first member what is about to be made. It does not hold up the work: an annotation may be refused, as too long. */
export async function tellPlan(
  { desired }: GroupPlan,
  {
    config,
    snapshot,
    knownIds,
    write,
    log,
  }: Pick<TellContext, 'config' | 'write' | 'log'> & {
    readonly snapshot: Snapshot;
    readonly knownIds: ReadonlyMap<ResourceId, string>;
  },
  run: { readonly signal: AbortSignal },
): Promise<void> {
  for (const annotation of planAnnotations({ desired, config, knownIds }, snapshot)) {
    const { kind, namespace, name } = annotation.object;
    await write
      .annotate(annotation, run)
      .catch((error: unknown) =>
        log.warn({ object: `${kind} ${namespace}/${name}`, err: error }, 'Could not annotate the plan'),
      );
  }
}

/** AWS could not be read, so nothing can be planned: every active member is told, once for each cause. */
export async function tellReadFailure(
  model: GroupModel,
  refusal: Refusal,
  { memory, write, log, config }: Omit<TellContext, 'metrics' | 'clock'>,
  run: { readonly signal: AbortSignal },
): Promise<void> {
  const { told } = memory.group(model.key);
  const events = readFailureEvents(model, refusal, config.policy);
  await tellEvents(
    events.filter((event) => !told.has(eventKey(event))),
    { write, log },
    run,
  );
  memory.update(model.key, { told: new Set([...told, ...events.map(eventKey)]) });
}

/** An event that cannot be written is logged and given up: it must not hold up the work it tells of. */
export async function tellEvents(
  events: readonly ReportEvent[],
  { write, log }: { readonly write: Pick<WritePort, 'recordEvent'>; readonly log: Log },
  run: { readonly signal: AbortSignal },
): Promise<void> {
  for (const event of events) {
    const object = `${event.object.kind} ${event.object.namespace}/${event.object.name}`;
    const line = { object, reason: event.reason, problem: event.message };
    if (event.type === 'Warning') log.warn(line, 'Problem');
    await write
      .recordEvent(event, run)
      .catch((error: unknown) => log.warn({ object, err: error }, 'Could not record an event'));
  }
}
