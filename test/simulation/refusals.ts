// What AWS refused in a run, which its trace tells.

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
