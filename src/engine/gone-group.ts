// The end of a group: nobody asks for it, and AWS has nothing of it.

import type { GroupModel } from '../core/domain/group-model.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../core/domain/observed-group.ts';
import { discardBindings } from './adopt-bindings.ts';
import type { GroupContext, Run } from './group-run.ts';
import type { Memory } from './memory.ts';
import { unsettledFor } from './observation.ts';
import { type TargetList, written } from './ports.ts';

/** Whether there is nothing to do for a key: no object names it, and nothing of it is known in AWS. */
export function isNobodys(model: GroupModel, memory: Pick<Memory, 'group'>): boolean {
  const { members, held, leaving, key } = model;
  const isUnknown = members.length + held.length + leaving.length === 0;
  return isUnknown && isGone(model, memory.group(key).observed ?? emptyObservedGroup(key));
}

/** Whether the group is gone for certain; where only a later look can tell, the milliseconds until then. */
export function goneOf(
  model: GroupModel,
  after: ObservedGroup,
  context: GroupContext,
): { readonly gone: boolean; readonly waitMs: number | undefined } {
  if (!isGone(model, after)) return { gone: false, waitMs: undefined };
  const waitMs = unsettledFor(model.key, context);
  return { gone: waitMs === undefined, waitMs };
}

function isGone(model: GroupModel, observed: ObservedGroup): boolean {
  const { loadBalancers, targetGroups, securityGroups, certificates } = observed;
  const isEmpty = [loadBalancers, targetGroups, securityGroups, certificates].every(
    (all) => all.length === 0,
  );
  return isEmpty && model.members.length === 0 && model.held.length === 0;
}

/** Objects in Kubernetes that stand for what was deleted. Before finalizers go: nobody would come back for these. */
export async function dropLeftovers(
  key: GroupKey,
  { lists, gone }: { readonly lists: readonly TargetList[]; readonly gone: boolean },
  context: GroupContext,
  run: Run,
): Promise<void> {
  for (const list of lists)
    await written('drop the list of own targets', context.write.dropOwnTargets(list, run));
  if (gone) await discardBindings(key, context, run);
}
