// Lists of own targets that go with their target groups (albc-behaviour §7.7).

import { resourceTag } from '../core/desired/tags.ts';
import { resourceId } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Memory } from './memory.ts';
import type { TargetList } from './ports.ts';
import { listOf } from './own-targets.ts';

/**
 * The lists of target groups that were deleted. Whether there is one is known of a target group that was filled in this
 * process; of others there may be one, under the namespace that ALBC's tag names.
 */
export function listsOf(
  { targetGroups }: ObservedGroup,
  outcomes: readonly Outcome[],
  memory: Pick<Memory, 'binding'>,
): readonly TargetList[] {
  const deleted = new Set(
    outcomes.flatMap(({ kind, operation }) =>
      kind === 'done' && operation.kind === 'deleteTargetGroup' ? [operation.subject] : [],
    ),
  );
  return targetGroups.flatMap(({ name, tags }): readonly TargetList[] => {
    if (!deleted.has(resourceId('target-group', name))) return [];
    const known = memory.binding(name);
    if (known !== undefined) return known.intent.multiCluster ? [listOf(name, known.intent)] : [];
    const resource = tags[resourceTag] ?? '';
    const [namespace] = resource.split('/');
    return namespace === undefined || !resource.includes('/') ? [] : [{ namespace, binding: name }];
  });
}
