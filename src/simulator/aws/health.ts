import type { ControlPlane } from './control-plane.ts';
import { targetKey } from './elbv2/targets.ts';
import { SimulatedError } from './errors.ts';

/** Which target shall be up or down from now on; `up: undefined` gives it back to its real health. */
export type ForcedHealth = {
  /** ARN or name. */
  readonly targetGroup: string;
  readonly id: string;
  readonly port: number;
  readonly up: boolean | undefined;
  /** The reason code that an unhealthy target shows. */
  readonly reason?: string;
};

/** Makes a registered target fail or pass its health checks, whatever its backend does. */
export function forceHealth(controlPlane: ControlPlane, health: ForcedHealth): void {
  const { state, clock } = controlPlane;
  const group = [...state.targetGroups.values()].find(
    ({ arn, name }) => arn === health.targetGroup || name === health.targetGroup,
  );
  const target = group?.targets.get(targetKey(health.id, health.port));
  if (target === undefined) {
    throw new SimulatedError(
      'TargetNotFound',
      `No target ${health.id}:${health.port} is registered in '${health.targetGroup}'`,
      404,
    );
  }
  target.forced =
    health.up === undefined ? undefined : { up: health.up, since: clock.now(), reason: health.reason };
  controlPlane.changed({ service: 'elbv2', operation: 'forceHealth' });
}
