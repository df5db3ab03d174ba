// What the trace of a run tells of its end: what AWS refused, and what only a new process may do.

import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import type { Violation } from './checks.ts';
import type { Scenario } from './scenario.ts';

/**
 * What stands behind rules has no room beside its successor, so that AWS refuses the move again and again, which a new
 * process finds out anew. `from` is a mark of the trace.
 */
export function lacksRoom({ knobs }: Scenario, { trace }: ControlPlane, from: number): boolean {
  const { quotas = {} } = knobs;
  const isBehindRules = ['targets', 'target-groups'].some(
    (what) => `${what}-per-application-load-balancer` in quotas,
  );
  return (
    isBehindRules &&
    trace.entries(from).some(({ errorCode }) => /^TooMany(Unique)?Target/.test(errorCode ?? ''))
  );
}

const opensAgain = ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress', 'RegisterTargets'];

/**
 * Ways and targets that strangers took away, where drift is left alone: nobody has noted that they were there, so a new
 * process takes them for missing (docs/drift.md).
 */
export function opensOnly({ options, steps }: Scenario, { trace }: ControlPlane, from: number): boolean {
  const isTakenAway = steps.some(
    ({ step }) => step.kind === 'hand' && ['revokeNodeRules', 'deregisterTargets'].includes(step.edit),
  );
  const writes = trace.entries(from).filter(({ operation }) => !/^(Describe|List|Get)/.test(operation));
  return (
    options?.['drift'] !== undefined &&
    isTakenAway &&
    writes.every(({ operation }) => opensAgain.includes(operation))
  );
}

/** AWS throttled a process that nobody else disturbed. */
export function overBudget({ steps, killAt }: Scenario, { trace }: ControlPlane): Violation | undefined {
  const isOwnFault = steps.some(
    ({ step }) =>
      step.kind === 'kill' ||
      step.kind === 'partition' ||
      (step.kind === 'awsFault' && step.action.kind === 'throttle'),
  );
  if (isOwnFault || killAt !== undefined) return undefined;
  const throttled = trace
    .entries()
    .find(({ errorCode }) => errorCode !== undefined && /Throttling|RequestLimit/.test(errorCode));
  return throttled && { invariant: 'call budget', what: `AWS throttled ${throttled.operation}` };
}

/** The last calls, in words. */
export const lastCalls = (trace: ControlPlane['trace']): readonly string[] =>
  trace
    .entries()
    .slice(-12)
    .map(
      ({ time, operation, params, errorCode, status }) =>
        `${time} ${operation} ${JSON.stringify(params).slice(0, 300)} ${errorCode ?? status}`,
    );
