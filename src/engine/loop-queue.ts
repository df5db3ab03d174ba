// The queue of one loop: its runs are counted and timed, and what AWS or Kubernetes refuses becomes a verdict.

import { groupKey } from '../core/domain/ids.ts';
import { InvariantError } from '../core/domain/invariant-error.ts';
import { bindingIdOf } from '../core/model/binding.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Controller, countError, type TopTalkers } from './albc-metrics.ts';
import { type AwsPort, WriteFailed } from './ports.ts';
import { retryOf } from './retry.ts';
import { type QueuedRun, type Verdict, WorkQueue } from './work-queue.ts';

export type LoopRun = { readonly verdict: Verdict; readonly changed: boolean };

type Loop = 'group' | 'targets' | 'readiness' | 'draining' | 'network';

type Context = {
  readonly clock: Clock;
  readonly aws: Pick<AwsPort, 'refusalOf'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly talkers: TopTalkers;
  /** Longest wait before targets are tried again. */
  readonly targetBackOffMs: number;
  /** 0 ≤ x < 1, for the jitter of back-offs. */
  readonly random: () => number;
};

const backOff = { baseMs: 200, maxMs: 300_000 };
/** A pod waits, and with it a roll-out. */
const readinessBackOffMs = 15_000;

/** A queue whose keys are worked on by `work`; what that throws beside refusals is a bug, and told as one. */
export function loopQueue<Key extends string>(
  options: { readonly loop: Loop; readonly concurrency: number; readonly debounceMs: number },
  work: (key: Key, run: QueuedRun) => Promise<LoopRun>,
  context: Context,
): WorkQueue<Key> {
  const { loop, concurrency, debounceMs } = options;
  const { clock, metrics, log, random, targetBackOffMs } = context;
  const special: Partial<Record<Loop, number>> = {
    targets: targetBackOffMs,
    readiness: readinessBackOffMs,
  };
  const maxMs = special[loop] ?? backOff.maxMs;
  return new WorkQueue<Key>({
    clock,
    concurrency,
    debounceMs,
    backOff: { ...backOff, maxMs, random },
    run: async (key, run) => measured({ loop, key, signal: run.signal }, () => work(key, run), context),
    onError: (key, error) => {
      metrics.increment('albatross_runs_total', { loop, result: 'bug' });
      countError(metrics, controllerOf(loop, key), 'bug');
      log.error(
        { loop, group: key, err: error, diff: error instanceof InvariantError ? error.context : undefined },
        'Internal error',
      );
    },
  });
}

type Subject = { readonly loop: Loop; readonly key: string; readonly signal: AbortSignal };

async function measured(
  { loop, key, signal }: Subject,
  work: () => Promise<LoopRun>,
  context: Context,
): Promise<Verdict> {
  const { clock, metrics, talkers } = context;
  const started = clock.now();
  if (loop === 'group' || loop === 'targets')
    talkers.note(controllerOf(loop, key), bindingIdOf(groupKey(key)) ?? key);
  try {
    const { verdict, changed } = await work();
    const result = verdict.kind === 'backOff' ? 'failed' : changed ? 'changed' : 'unchanged';
    metrics.increment('albatross_runs_total', { loop, result });
    return verdict;
  } catch (error) {
    if (signal.aborted) return { kind: 'rest' };
    return refused(loop, key, error, context);
  } finally {
    metrics.observe('albatross_run_duration_seconds', { loop }, (clock.now() - started) / 1000);
  }
}

/** The verdict for what AWS or Kubernetes refused; everything else is a bug and goes on to the queue. */
function refused(loop: Loop, key: string, error: unknown, { metrics, aws, log }: Context): Verdict {
  const refusal = aws.refusalOf(error);
  if (refusal === undefined && !(error instanceof WriteFailed)) throw error;
  metrics.increment('albatross_runs_total', { loop, result: 'failed' });
  countError(metrics, controllerOf(loop, key), error instanceof WriteFailed ? error.what : loop);
  // A pod waits: whatever AWS says, its health is asked for again.
  const atOnce = { kind: 'backOff', atLeastMs: 0 } as const;
  if (refusal === undefined) {
    log.warn({ loop, group: key, err: error }, 'Kubernetes could not be written');
    return atOnce;
  }
  log.warn({ loop, group: key, code: refusal.code, problem: refusal.message }, 'AWS could not be read');
  return loop === 'readiness' ? atOnce : retryOf([refusal]).verdict;
}

/** ALBC's name for who does such work. */
function controllerOf(loop: Loop, key: string): Controller {
  const isOfGroups = loop === 'network' || (loop === 'group' && bindingIdOf(groupKey(key)) === undefined);
  return isOfGroups ? 'ingress' : 'targetGroupBinding';
}
