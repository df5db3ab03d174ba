import type { CoreConfig } from '../domain/config.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { type ObservedTarget, isDraining, targetKey } from '../domain/target.ts';
import { instanceTargets } from './instances.ts';
import type { Selection } from './selection.ts';

/**
 * The `target-node-labels` of a held member may have changed with the edit that it is held for, and after a restart nobody
 * remembers the old ones. So registered nodes that only these labels speak against stay.
 */
export function withUnprovenLabels(
  selection: Selection,
  observed: readonly ObservedTarget[],
  input: { readonly intent: TargetsIntent; readonly snapshot: Snapshot; readonly config: CoreConfig },
): Selection {
  const { intent, snapshot, config } = input;
  if (intent.unproven !== true || intent.targetType !== 'instance') return selection;
  const present = new Set(observed.filter(({ state }) => !isDraining(state)).map(targetKey));
  const wanted = new Set(selection.value.map(targetKey));
  const { value } = instanceTargets({ ...intent, nodeLabels: {} }, snapshot, config);
  const more = value.filter((target) => present.has(targetKey(target)) && !wanted.has(targetKey(target)));
  return more.length === 0 ? selection : { ...selection, value: [...selection.value, ...more] };
}
