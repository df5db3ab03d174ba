import type { CoreConfig } from '../domain/config.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import { type DesiredTarget, type ObservedTarget, targetKey } from '../domain/target.ts';
import type { Selection } from './selection.ts';

export type Kept = {
  readonly targets: readonly DesiredTarget[];
  /** Why they stay; undefined when none does. */
  readonly why: Problem | undefined;
};

/**
 * Registered targets that stay although the cluster calls them not ready. The state of nodes takes no more than a share of
 * them out of a target group (`--target-floor-percent`), and no state takes out the last ones: when so many fail at once, it
 * is rather the API server, a network policy or a probe, and the load balancer's own health checks tell (fail open). Those
 * that it finds healthy stay first. What is deleted, terminating or excluded by its user is not in `unready` and goes.
 *
 * Problem (warning): `TargetsKept`.
 */
export function keptTargets(
  { value, unready }: Selection,
  input: {
    readonly name: string;
    readonly object: ObjectRef;
    readonly observed: readonly ObservedTarget[];
    /** How many targets fit into the target group. */
    readonly limit: number;
    readonly config: Pick<CoreConfig, 'targetFloorPercent'>;
  },
): Kept {
  const { observed, limit, config } = input;
  const states = new Map(observed.map((target) => [targetKey(target), target.state]));
  const rank = (target: DesiredTarget): number => ranks[states.get(targetKey(target)) ?? 'draining'] ?? gone;
  const registered = unready.filter((target) => rank(target) < gone).toSorted((a, b) => rank(a) - rank(b));
  const share = Math.ceil(((value.length + unready.length) * config.targetFloorPercent) / 100);
  // The last ones stay together: none of them is worse than the others.
  const floor = value.length === 0 ? unready.length : share;
  const room = Math.max(0, limit - value.length);
  const count = config.targetFloorPercent === 0 ? 0 : Math.min(room, Math.max(0, floor - value.length));
  const targets = registered.slice(0, count);
  const all = { ready: value.length, unready: unready.length };
  return { targets, why: targets.length === 0 ? undefined : problem(targets, all, input) };
}

const gone = 3;
/** Which stay first. One that drains is not registered any more. */
const ranks: Readonly<Partial<Record<ObservedTarget['state'], number>>> = {
  healthy: 0,
  initial: 1,
  unused: 1,
  unavailable: 1,
  unhealthy: 2,
};

function problem(
  targets: readonly DesiredTarget[],
  { ready, unready }: { readonly ready: number; readonly unready: number },
  { name, object, config }: Parameters<typeof keptTargets>[1],
): Problem {
  const names = targets.slice(0, 3).map(({ object: { kind, id } }) => `${kind} ${id}`);
  const rest = targets.length > 3 ? ` and ${targets.length - 3} more` : '';
  return {
    kind: 'problem',
    code: 'TargetsKept',
    severity: 'warning',
    scope: 'member',
    object,
    path: 'spec.rules',
    message: `Target group ${name} keeps ${targets.length} targets that are not ready (${names.join(', ')}${rest}): only ${ready} of ${ready + unready} are ready, and their state alone takes out no more than ${100 - config.targetFloorPercent} % of them, and never the last ones (--target-floor-percent)`,
    hint: "The load balancer's health checks decide which of them get requests; look at why so many are not ready at once",
  };
}
