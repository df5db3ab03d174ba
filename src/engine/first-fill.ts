import type { CoreConfig } from '../core/domain/config.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { isAlone } from '../core/model/binding.ts';
import type { Binding } from './memory.ts';

/**
 * The targets that may be taken out of a user's target group; undefined: all. Where ALBC keeps things in the cluster, a
 * new binding may be its own as well, and it says so only after it has filled it: the first time only what this process
 * registered is ours to take out.
 */
export function removable(
  { name, bound, own, intent }: Binding,
  { snapshot, config }: { readonly snapshot: Snapshot; readonly config: CoreConfig },
): ReadonlySet<string> | undefined {
  if (bound === undefined || intent.multiCluster || isAlone(snapshot, config.policy)) return undefined;
  const binding = snapshot.targetGroupBindings.get(name as NamespacedName);
  return binding?.observedGeneration === 0 ? own : undefined;
}
