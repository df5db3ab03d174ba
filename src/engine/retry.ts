// Pure: what a group's outcomes mean for its next run.

import type { AwsErrorKind, Outcome, Refusal } from '../core/domain/outcome.ts';
import type { Verdict } from './work-queue.ts';

export type RetryDecision = {
  readonly verdict: Verdict;
  /** What AWS has is no longer certain: forget what we remember and read it again before the next write. */
  readonly stale: boolean;
};

const second = 1000;
/** What was just written may not be described at once. */
const lookAgain = { kind: 'backOff', atLeastMs: 2 * second } as const;

type Rule = { readonly verdict: Verdict; readonly stale: boolean };

const rules: Readonly<Record<AwsErrorKind, Rule>> = {
  throttled: { verdict: { kind: 'backOff', atLeastMs: second }, stale: false },
  // A 5xx may have been answered after the work was done.
  unavailable: { verdict: lookAgain, stale: true },
  unknownOutcome: { verdict: lookAgain, stale: true },
  conflict: { verdict: lookAgain, stale: true },
  notFound: { verdict: lookAgain, stale: true },
  alreadyExists: { verdict: lookAgain, stale: true },
  // A deleted load balancer holds its interfaces, and so its security groups, for some more seconds.
  inUse: { verdict: { kind: 'backOff', atLeastMs: second }, stale: false },
  // Somebody has to raise a quota or grant an action; looking once in 1 to 5 minutes is soon enough.
  quotaExceeded: { verdict: { kind: 'backOff', atLeastMs: 60 * second }, stale: false },
  denied: { verdict: { kind: 'backOff', atLeastMs: 60 * second }, stale: false },
  credentials: { verdict: { kind: 'backOff', atLeastMs: 10 * second }, stale: false },
  // The same request would be refused again: wait until the user changes something, or the audit looks.
  invalid: { verdict: { kind: 'rest' }, stale: false },
};

/** The soonest of what the failed outcomes, and a refusal to read, ask for; rest when nothing failed. */
export function retryPolicy(outcomes: readonly Outcome[], unread?: Refusal): RetryDecision {
  const refusals = outcomes.filter((outcome) => outcome.kind === 'failed').map(({ refusal }) => refusal);
  return retryOf(unread === undefined ? refusals : [...refusals, unread]);
}

/** As `retryPolicy`, for refusals that came from reading. */
export function retryOf(refusals: readonly Refusal[]): RetryDecision {
  const waits = refusals.flatMap((refusal) => {
    const { verdict } = rules[refusal.kind];
    return verdict.kind === 'backOff' ? [Math.max(verdict.atLeastMs, refusal.retryAfterMs ?? 0)] : [];
  });
  return {
    verdict: waits.length === 0 ? { kind: 'rest' } : { kind: 'backOff', atLeastMs: Math.min(...waits) },
    stale: refusals.some((refusal) => rules[refusal.kind].stale),
  };
}
