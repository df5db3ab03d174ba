// Objects that ALBC kept for target groups of Ingresses which are served here now. Their targets stay registered.

import type { GroupKey } from '../core/domain/ids.ts';
import { bindingFinalizer, bindingRef, groupOfBinding, isWrittenByUser } from '../core/model/binding.ts';
import type { Log } from '../telemetry/log.ts';
import type { Memory } from './memory.ts';
import { type AwsPort, type ClusterPort, type WritePort, written } from './ports.ts';

type Context = {
  readonly cluster: Pick<ClusterPort, 'snapshot'>;
  readonly memory: Memory;
  readonly write: Pick<WritePort, 'discard'>;
  readonly log: Log;
};

/**
 * Removes those of a group that is gone, as nobody else would. Only where the target group is gone too: ALBC may have a group
 * of the same name beside us.
 */
export async function discardBindings(
  key: GroupKey,
  { cluster, aws, write, log }: Omit<Context, 'memory'> & { readonly aws: Pick<AwsPort, 'targetGroup'> },
  run: { readonly signal: AbortSignal },
): Promise<void> {
  for (const binding of cluster.snapshot().targetGroupBindings.values()) {
    if (isWrittenByUser(binding) || groupOfBinding(binding) !== key) continue;
    const { targetGroupArn: arn, targetGroupName: name, role } = binding;
    if ((await aws.targetGroup({ arn, name, role }, run)) !== undefined) continue;
    log.info({ group: key, object: binding.meta.name }, 'Removing the TargetGroupBinding of a deleted group');
    const object = bindingRef(binding);
    await written('remove a TargetGroupBinding of ALBC', write.discard(object, bindingFinalizer, run));
  }
}

/** Removes those of a group whose target group the targets loop keeps filled, once the group was applied in full. */
export async function adoptBindings(
  key: GroupKey,
  { cluster, memory, write, log }: Context,
  run: { readonly signal: AbortSignal },
): Promise<void> {
  if (memory.group(key).previous === undefined) return;
  for (const binding of cluster.snapshot().targetGroupBindings.values()) {
    if (isWrittenByUser(binding) || groupOfBinding(binding) !== key) continue;
    const taken = memory.binding(binding.meta.name);
    if (taken?.group !== key || taken.arn !== binding.targetGroupArn) continue;
    log.info(
      { group: key, object: binding.meta.name },
      'Taking over a target group from its TargetGroupBinding',
    );
    const object = bindingRef(binding);
    await written('remove a TargetGroupBinding of ALBC', write.discard(object, bindingFinalizer, run));
  }
}
