// One plan against AWS, with everything around it that each loop wants alike: logs, metrics, and the observation folded on.

import type { ResourceId } from '../core/domain/ids.ts';
import type { Attributes, Look, Operation } from '../core/domain/operation.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { execute, lookIn } from './execute.ts';
import type { AwsPort } from './ports.ts';

export type ApplyContext = {
  readonly aws: Pick<AwsPort, 'handlers' | 'refusalOf'>;
  readonly log: Log;
  readonly metrics: Metrics;
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
  { aws, log, metrics }: ApplyContext,
  input: {
    readonly known: ReadonlyMap<ResourceId, Attributes>;
    readonly signal: AbortSignal;
    /** Called before a bug of ours is thrown: nobody hears what was done beside it, so AWS must be read again. */
    readonly onBug: () => void;
  },
): Promise<Applied> {
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
    onOutcome: (outcome) => note(outcome, log, metrics),
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

function note(outcome: Outcome, log: Log, metrics: Metrics): void {
  const { kind, subject, because } = outcome.operation;
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
