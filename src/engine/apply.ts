// One plan against AWS, with everything around it that each loop wants alike: logs, metrics, and the observation folded on.

import type { Change } from '../core/domain/change.ts';
import type { GroupKey, ResourceId } from '../core/domain/ids.ts';
import type { Attributes, Look, Operation } from '../core/domain/operation.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import { nameOf } from '../core/plan/because.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { execute, lookIn } from './execute.ts';
import type { AwsPort, ChangePort } from './ports.ts';

export type ApplyContext = {
  readonly aws: Pick<AwsPort, 'handlers' | 'refusalOf'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Absent: nobody keeps what was written. */
  readonly changes?: ChangePort | undefined;
};

export type Applied = {
  readonly outcomes: readonly Outcome[];
  /** Resolves references to everything that was known or made. */
  readonly look: Look;
};

/** Operations of one key at a time; more would only wait for the rate limiter. */
const concurrency = 8;

/** Executes operations; `known` are resources that they may refer to. */
export async function applyOperations(
  operations: readonly Operation[],
  context: ApplyContext,
  input: {
    readonly known: ReadonlyMap<ResourceId, Attributes>;
    readonly signal: AbortSignal;
    /** Absent: several groups may be concerned. */
    readonly group?: GroupKey;
    /** Called before a bug of ours is thrown: nobody hears what was done beside it, so AWS must be read again. */
    readonly onBug: () => void;
  },
): Promise<Applied> {
  const { aws, log } = context;
  const executed = execute(operations, {
    handlers: aws.handlers,
    refusalOf: aws.refusalOf,
    known: input.known,
    concurrency,
    signal: input.signal,
    onStart: ({ kind, subject, because: { reason, text, changes } }) => {
      const diff = changes === undefined ? {} : { diff: changes };
      log.info({ operation: kind, subject, reason, because: text, ...diff }, 'Applying operation');
    },
    onOutcome: (outcome) => note(outcome, context, input.group),
  });
  const outcomes = await executed.catch((error: unknown) => {
    input.onBug();
    throw error;
  });
  return { outcomes, look: lookIn(attributesAfter(input.known, outcomes)) };
}

/** What is known, with what operations that were done have assigned. */
export function attributesAfter(
  known: ReadonlyMap<ResourceId, Attributes>,
  outcomes: readonly Outcome[],
): ReadonlyMap<ResourceId, Attributes> {
  const attributes = new Map(known);
  for (const outcome of outcomes) {
    if (outcome.kind !== 'done') continue;
    const { subject } = outcome.operation;
    attributes.set(subject, { ...attributes.get(subject), ...outcome.attributes });
  }
  return attributes;
}

function note(outcome: Outcome, context: ApplyContext, group: GroupKey | undefined): void {
  const { log, metrics, clock, changes } = context;
  const { kind, subject, because } = outcome.operation;
  const change = changeOf(outcome, group, clock.now());
  if (change !== undefined) changes?.wrote(change);
  metrics.increment('albatross_operations_total', { operation: kind, result: outcome.kind });
  if (outcome.kind === 'failed') {
    const { refusal } = outcome;
    const request = refusal.requestId === undefined ? {} : { requestId: refusal.requestId };
    log.warn(
      { operation: kind, subject, code: refusal.code, problem: refusal.message, ...request },
      'AWS refused an operation',
    );
  }
  if (outcome.kind === 'skipped')
    log.info({ operation: kind, subject, because: outcome.because }, 'Skipped an operation');
  if (outcome.kind === 'done' && because.reason === 'drift') {
    metrics.increment('albatross_drift_repaired_total', { operation: kind });
  }
}

/** Undefined: nothing that anybody would look for. Targets come and go with pods, and each is a line in Kubernetes already. */
function changeOf(outcome: Outcome, group: GroupKey | undefined, at: number): Change | undefined {
  const { kind, subject, because } = outcome.operation;
  const { reason, text, object, changes } = because;
  const isRoutine = kind === 'registerTargets' || kind === 'deregisterTargets' || kind.startsWith('await');
  if (outcome.kind === 'skipped' || (isRoutine && reason !== 'drift')) return undefined;
  return {
    at,
    ...(group === undefined ? {} : { group }),
    operation: kind,
    subject,
    reason,
    because: text,
    ...(object === undefined ? {} : { object: nameOf(object) }),
    ...(changes === undefined ? {} : { changes }),
    ...(outcome.kind === 'failed' ? { refused: outcome.refusal.code } : {}),
  };
}
