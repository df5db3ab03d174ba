import { createHash } from 'node:crypto';
import type { Target, TargetGroup } from '../aws/state.ts';

export type HealthOf = (group: TargetGroup, target: Target) => string;

/**
 * Chooses among the registered targets as ALB does: round robin over the healthy ones; when none is healthy, over the
 * unhealthy ones (fail-open, https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html);
 * undefined, which becomes a 503, when there is neither. Targets that are draining or not in service yet get nothing new.
 */
export class TargetChoice {
  readonly #healthOf: HealthOf;
  readonly #turns = new Map<string, number>();

  constructor(healthOf: HealthOf) {
    this.#healthOf = healthOf;
  }

  choose(group: TargetGroup, stickyTo: string | undefined): Target | undefined {
    const targets = [...group.targets.values()];
    const inState = (state: string) => targets.filter((target) => this.#healthOf(group, target) === state);
    const healthy = inState('healthy');
    const candidates = healthy.length > 0 ? healthy : inState('unhealthy');
    const same = candidates.find((target) => stickyTo !== undefined && cookieOf(target) === stickyTo);
    if (same !== undefined) return same;
    const turn = this.#turns.get(group.arn) ?? 0;
    this.#turns.set(group.arn, turn + 1);
    return candidates[turn % Math.max(1, candidates.length)];
  }
}

/** What the sticky cookie of a target or a target group holds: opaque to clients, as AWS's is. */
export function cookieOf(
  thing: { readonly id: string; readonly port: number | undefined } | { readonly arn: string },
): string {
  const name = 'arn' in thing ? thing.arn : `${thing.id}:${thing.port}`;
  return createHash('sha256').update(name).digest('base64url').slice(0, 32);
}
