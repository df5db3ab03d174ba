import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Memory } from './memory.ts';

/** An observation with the targets that the targets loop knows of, for plans that rest on who is registered where. */
export function withRegistered(observed: ObservedGroup, memory: Memory): ObservedGroup {
  const bindings = [...memory.bindings()].filter(({ group }) => group === observed.key);
  if (bindings.every(({ intent }) => intent.overflow === undefined)) return observed;
  const targets = new Map(bindings.map(({ arn, targets: known }) => [arn, known]));
  return {
    ...observed,
    targetGroups: observed.targetGroups.map((group) => ({
      ...group,
      targets: targets.get(group.arn) ?? group.targets,
    })),
  };
}
