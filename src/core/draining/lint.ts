import type { PodEnding } from '../domain/draining.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';

/**
 * Whether pods live as long as the load balancer may use them after they were deregistered: requests that are under way for
 * the deregistration delay, and new ones for some moments, as deregistration takes its time. A hook that is no sleep may do
 * the right thing, so it is not judged.
 *
 * Problem (warning): `PodEndsEarly`, with the missing seconds.
 */
export function endingProblem(
  { pod, graceSeconds, sleepSeconds }: PodEnding,
  input: { readonly name: string; readonly object: ObjectRef; readonly delaySeconds: number },
): Problem | undefined {
  const { name, object, delaySeconds } = input;
  const lacksGrace = Math.max(0, delaySeconds - graceSeconds);
  const lacksSleep =
    sleepSeconds === undefined ? 0 : Math.max(0, Math.min(delaySeconds, settleSeconds) - sleepSeconds);
  if (lacksGrace === 0 && lacksSleep === 0) return undefined;
  const parts = [
    lacksGrace > 0
      ? `terminationGracePeriodSeconds is ${graceSeconds}, ${lacksGrace} s less than the deregistration delay of ${delaySeconds} s`
      : '',
    lacksSleep > 0
      ? `preStop sleeps ${sleepSeconds} s, ${lacksSleep} s less than new requests may come for after the deregistration`
      : '',
  ];
  return {
    kind: 'problem',
    code: 'PodEndsEarly',
    severity: 'warning',
    scope: 'member',
    object,
    path: 'spec.rules',
    message: `Pods of target group ${name} end before the load balancer has let go of them (Pod ${pod}): ${parts.filter(Boolean).join('; ')}`,
    hint: 'Raise them in the pod template, or lower deregistration_delay.timeout_seconds in the target-group-attributes annotation',
  };
}

/** Deregistration reaches all nodes of a load balancer within this time, by experience; AWS documents no figure. */
const settleSeconds = 15;

/** AWS's default of deregistration_delay.timeout_seconds. */
const defaultDelaySeconds = 300;

/** How long targets drain; AWS’s default where the attribute is not set. */
export function delaySecondsOf(attributes: Readonly<Record<string, string>>): number {
  const given = Number(attributes['deregistration_delay.timeout_seconds']);
  return Number.isInteger(given) ? given : defaultDelaySeconds;
}
