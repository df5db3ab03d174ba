import { isKind } from '../errors.ts';
import type { Target } from '../../core/domain/target.ts';
import type { Clock } from '../../lib/clock.ts';

/** As long as ALBC keeps it (albc-behaviour §7.3). */
const keptMs = 60 * 60_000;

/**
 * Which zone is sent with a target outside the VPC: `all`, and where AWS takes that for the target group no longer, because
 * cross-zone load balancing is off, the zone of its node.
 */
export class TargetZones {
  readonly #clock: Clock;
  /** By target group: until when single zones are sent. */
  readonly #single = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: none is sent. */
  zoneOf(targetGroup: string, { availabilityZone, nodeZone }: Target): string | undefined {
    const isSingle = (this.#single.get(targetGroup) ?? 0) > this.#clock.now();
    return availabilityZone === 'all' && isSingle ? (nodeZone ?? availabilityZone) : availabilityZone;
  }

  /** Whether a call that AWS refused is worth another try, with single zones. */
  learns(targetGroup: string, batch: readonly Target[], error: unknown): boolean {
    if (!isKind(error, 'invalid') || !/availability zone/i.test(error.message)) return false;
    const isAll = (target: Target): boolean =>
      this.zoneOf(targetGroup, target) === 'all' && target.nodeZone !== undefined;
    if (!batch.some(isAll)) return false;
    this.#single.set(targetGroup, this.#clock.now() + keptMs);
    return true;
  }
}
