import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallContext } from '../operation.ts';
import type { Target, TargetGroup } from '../state.ts';
import { isAlbUp } from './alb-targets.ts';

/**
 * The health of a registered target, worked out from the clock whenever it is asked for: there are no timers.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
export function targetHealth(group: TargetGroup, target: Target, context: CallContext): TargetHealth {
  const { now, knobs } = context;
  if (target.deregisteredAt !== undefined) {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  const unused = unusedReason(group, target, context);
  if (unused !== undefined) return unused;
  const since = Math.max(target.registeredAt, group.inUseSince ?? now);
  if (now - since < knobs.registrationMs) {
    return {
      State: 'initial',
      Reason: 'Elb.RegistrationInProgress',
      Description: 'Target registration is in progress',
    };
  }
  if (!group.healthCheck.enabled) {
    return {
      State: 'unavailable',
      Reason: 'Target.HealthCheckDisabled',
      Description: 'Health checks are disabled for this target',
    };
  }
  return checkedHealth(group, target, { since: since + knobs.registrationMs, context });
}

function unusedReason(group: TargetGroup, target: Target, { state }: CallContext): TargetHealth | undefined {
  const zones = zonesOf(group, state);
  if (zones === undefined) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (group.targetType === 'instance' && state.instances.get(target.id)?.state !== 'running') {
    return { State: 'unused', Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' };
  }
  const zone = target.availabilityZone;
  if (zone !== undefined && zone !== 'all' && !zones.has(zone)) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
    };
  }
  return undefined;
}

/** The zones of the load balancer that uses the group; undefined when none does. */
function zonesOf(group: TargetGroup, state: CallContext['state']): ReadonlySet<string> | undefined {
  const owner = [...group.usedBy.values()][0];
  const loadBalancer = owner === undefined ? undefined : state.loadBalancers.get(owner);
  if (loadBalancer === undefined) return undefined;
  return new Set(loadBalancer.subnetIds.map((id) => state.subnets.get(id)?.zone ?? ''));
}

const initial: TargetHealth = {
  State: 'initial',
  Reason: 'Elb.InitialHealthChecking',
  Description: 'Initial health checks in progress',
};

/**
 * A new target needs `initialHealthChecks` passing checks, or fails after the unhealthy threshold. A later change that was forced
 * takes the threshold times the interval to show; what `isTargetUp` answers counts at once, as nobody knows since when.
 */
function checkedHealth(
  group: TargetGroup,
  target: Target,
  { since, context }: { readonly since: number; readonly context: CallContext },
): TargetHealth {
  const { now, knobs, isTargetUp } = context;
  const { healthyThreshold, unhealthyThreshold, intervalSeconds } = group.healthCheck;
  const { forced, id, port } = target;
  const isUp = (): boolean =>
    group.targetType === 'alb'
      ? isAlbUp(group, target, context)
      : isTargetUp({ id, port, targetGroup: group, target });
  const up = forced === undefined ? isUp() : forced.up;
  const checks = up
    ? { first: knobs.initialHealthChecks, later: healthyThreshold }
    : { first: unhealthyThreshold, later: unhealthyThreshold };
  // With no initial checks every result shows at once.
  const interval = knobs.initialHealthChecks === 0 ? 0 : intervalSeconds * 1000;
  if (now < since + interval * checks.first) return initial;
  const pending =
    forced !== undefined && forced.since > since && now < forced.since + interval * checks.later;
  if (up !== pending) return { State: 'healthy' };
  const Reason = (forced?.reason ?? 'Target.FailedHealthChecks') as NonNullable<TargetHealth['Reason']>;
  return { State: 'unhealthy', Reason, Description: 'Health checks failed' };
}
