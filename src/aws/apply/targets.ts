import { DeregisterTargetsCommand, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroupArn } from '../../core/domain/ids.ts';
import type { Handlers } from '../../core/domain/operation.ts';
import { isDraining, type ObservedTarget, type Target } from '../../core/domain/target.ts';
import { chunks } from '../batches.ts';
import { callsAs, type AwsContext, type Signalled } from '../context.ts';
import { type AwsError, isKind, refused } from '../errors.ts';
import { observeTargets } from '../observe/targets.ts';
import { isNew, onceVisible } from './retry.ts';
import { TargetZones } from './target-zones.ts';

/** AWS documents no size; ALBC has used 200 for years (its targets_manager.go). */
const batchSize = 200;

export function targetHandlers(
  context: AwsContext,
): Pick<Handlers, 'registerLoadBalancer' | 'registerTargets' | 'deregisterTargets' | 'awaitHealthyTargets'> {
  const { calls, clock } = context;
  const zones = new TargetZones(clock);
  return {
    registerLoadBalancer: async ({ targetGroup, loadBalancer, port }, look, { signal }) => {
      const command = new RegisterTargetsCommand({
        TargetGroupArn: look(targetGroup),
        Targets: [{ Id: loadBalancer, Port: port }],
      });
      await onceVisible({ clock, signal, isNew: isNew(targetGroup) }, () => calls.elbv2(command, { signal }));
      return {};
    },

    registerTargets: async ({ targetGroup, targets, role }, look, { signal }) => {
      const arn = look(targetGroup);
      const send = async (batch: readonly Target[]): Promise<void> => {
        const Targets = batch.map((target) => wireTarget(target, zones.zoneOf(arn, target)));
        const command = new RegisterTargetsCommand({ TargetGroupArn: arn, Targets });
        await onceVisible({ clock, signal, isNew: isNew(targetGroup) }, () =>
          callsAs(calls, role)(command, { signal }),
        );
      };
      const register = async (batch: readonly Target[]): Promise<void> => {
        try {
          await send(batch);
        } catch (error) {
          if (!zones.learns(arn, batch, error)) throw error;
          await send(batch);
        }
      };
      const refusals: Refused[] = [];
      for (const batch of chunks(targets, batchSize))
        refusals.push(...(await takenOrRefused(batch, register)));
      const [first] = refusals;
      if (first === undefined) return {};
      if (refusals.length === targets.length) throw first.error;
      return { refusedTargets: refusals.map(({ target, error }) => ({ target, why: error.message })) };
    },

    // AWS answers the deregistration of an unknown target with success; a target group that is gone has none.
    deregisterTargets: async ({ targetGroup, targets, role }, _look, { signal }) => {
      try {
        for (const batch of chunks(targets, batchSize)) {
          const command = new DeregisterTargetsCommand({
            TargetGroupArn: targetGroup,
            Targets: batch.map((target) => wireTarget(target, target.availabilityZone)),
          });
          await callsAs(calls, role)(command, { signal });
        }
      } catch (error) {
        if (!isKind(error, 'notFound')) throw error;
      }
      return {};
    },

    awaitHealthyTargets: async ({ targetGroup, count, timeoutSeconds }, look, { signal }) => {
      await awaitHealthy(
        context,
        { arn: look(targetGroup), count, timeoutMs: timeoutSeconds * 1000 },
        { signal },
      );
      return {};
    },
  };
}

type Refused = { readonly target: Target; readonly error: AwsError };

/**
 * AWS refuses a whole call for one target that it cannot take (an instance that stops, or one of another VPC): such a
 * batch is halved until those are alone.
 */
async function takenOrRefused(
  batch: readonly Target[],
  register: (batch: readonly Target[]) => Promise<void>,
): Promise<readonly Refused[]> {
  try {
    await register(batch);
    return [];
  } catch (error) {
    if (!isOfOneTarget(error)) throw error;
    const [target] = batch;
    if (target !== undefined && batch.length === 1) return [{ target, error }];
    const refusals: Refused[] = [];
    for (const half of chunks(batch, Math.ceil(batch.length / 2))) {
      refusals.push(...(await takenOrRefused(half, register)));
    }
    return refusals;
  }
}

const isOfOneTarget = (error: unknown): error is AwsError =>
  isKind(error, 'invalid') || (isKind(error, 'conflict') && error.code === 'InvalidTarget');

const wireTarget = ({ id, port }: Target, zone: string | undefined) => ({
  Id: id,
  Port: port,
  ...(zone === undefined ? {} : { AvailabilityZone: zone }),
});

/** A new target needs one passed health check, so the first look comes soon and later ones at most every 8 s. */
const firstPollMs = 2_000;
const slowestPollMs = 8_000;

async function awaitHealthy(
  { calls, clock }: AwsContext,
  {
    arn,
    count,
    timeoutMs,
  }: { readonly arn: TargetGroupArn; readonly count: number; readonly timeoutMs: number },
  { signal }: Signalled,
): Promise<void> {
  const deadline = clock.now() + timeoutMs;
  let most = 0;
  for (let wait = firstPollMs; ; wait = Math.min(wait * 2, slowestPollMs)) {
    // A description may be older than the target group.
    const targets = await onceVisible({ clock, signal, isNew: true }, () =>
      observeTargets({ calls }, arn, { signal }),
    );
    const healthy = targets.filter(({ state }) => state === 'healthy').length;
    const registered = targets.filter(({ state }) => !isDraining(state)).length;
    most = Math.max(most, registered);
    // Pods that have gone meanwhile get well no more.
    const needed = Math.min(count, Math.max(1, Math.ceil((count * registered) / Math.max(1, most))));
    if (healthy >= needed) return;
    const left = deadline - clock.now();
    if (left <= 0) throw notHealthy({ targets, healthy, count: needed, timeoutMs });
    await clock.sleep(Math.min(wait, left), { signal });
  }
}

function notHealthy(found: {
  readonly targets: readonly ObservedTarget[];
  readonly healthy: number;
  readonly count: number;
  readonly timeoutMs: number;
}): Error {
  const sick = found.targets.find(({ state }) => state !== 'healthy');
  const example =
    sick === undefined
      ? ''
      : `; ${sick.id}:${sick.port} is ${sick.state} (${sick.reason || 'no reason given'})`;
  return refused('conflict', {
    code: 'TargetsNotHealthy',
    action: 'elasticloadbalancing:DescribeTargetHealth',
    message: `${found.healthy} of ${found.count} needed targets are healthy after ${found.timeoutMs / 1000} s${example}`,
  });
}
