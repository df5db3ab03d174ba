// What a process that ends in order leaves to the next one, so that a restart need not read all of AWS before it can serve a
// change of endpoints (docs/adr/0018-bequest.md).
//
// It is hearsay: from it a process may conclude that there is nothing to do, and nothing else. Whoever finds something to do
// reads AWS first, and the audit reads everything within its interval.

import type { GroupKey, TargetGroupArn } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { ObservedTarget } from '../core/domain/target.ts';
import type { Binding, GroupMemory, Memory } from './memory.ts';

/** One group: what AWS has of it, with the targets of its target groups where they are known. */
export type Bequest = {
  readonly observed: ObservedGroup;
  readonly observedAt: number;
  readonly writtenAt: number;
};

/** Of each group that has something in AWS, and of which everything is certain. */
export function bequests(memory: Memory): readonly Bequest[] {
  const known = new Map<TargetGroupArn, readonly ObservedTarget[]>();
  for (const binding of memory.bindings()) {
    if (binding.targets !== undefined && isSimple(binding)) known.set(binding.arn, binding.targets);
  }
  return [...memory.groups().values()].flatMap((group) =>
    group.observed === undefined || group.observed.loadBalancers.length === 0 || !isCertain(group)
      ? []
      : [
          {
            observed: withTargets(group.observed, known),
            observedAt: group.observedAt,
            writtenAt: group.writtenAt,
          },
        ],
  );
}

/** What was inherited and never read is not passed on: it would grow old. */
const isCertain = ({ inherited, staleSince, reread, observedAt, settledAt }: GroupMemory): boolean =>
  !inherited && staleSince === undefined && !reread && observedAt >= settledAt;

/** Not where more than the endpoints of one Service in one cluster decides. */
const isSimple = ({ inherited, intent, bound }: Binding): boolean =>
  inherited !== true && bound === undefined && intent.overflow === undefined && !intent.multiCluster;

function withTargets(
  observed: ObservedGroup,
  known: ReadonlyMap<TargetGroupArn, readonly ObservedTarget[]>,
): ObservedGroup {
  const targetGroups = observed.targetGroups.map((group) => ({
    ...group,
    targets: known.get(group.arn) ?? group.targets,
  }));
  return { ...observed, targetGroups };
}

/** Takes what another process left for these groups. Returns how many groups are known by it now. */
export function inherit(
  left: readonly Bequest[],
  { memory, keys }: { readonly memory: Memory; readonly keys: readonly GroupKey[] },
): number {
  const wanted = new Set(keys);
  const taken = left.filter(({ observed }) => wanted.has(observed.key));
  for (const { observed, ...times } of taken)
    memory.update(observed.key, { observed, ...times, inherited: true });
  return taken.length;
}
