// Equality of rule contents, which rule transitions ask for.

import { canonical } from '../../lib/canonical.ts';
import { conditionsKey } from '../domain/conditions-key.ts';
import type { Action, RuleContent } from '../domain/rule.ts';

/** `keyOf` names a target group so that the desired and the observed form of the same one give the same text. */
export function actionsKey<T>(actions: readonly Action<T>[], keyOf: (targetGroup: T) => string): string {
  return canonical(
    actions.map((action) =>
      action.kind === 'forward'
        ? {
            kind: action.kind,
            stickinessSeconds: action.stickinessSeconds,
            targetGroups: action.targetGroups
              .map((entry) => ({
                targetGroup: keyOf(entry.targetGroup),
                weight: action.targetGroups.length === 1 ? 1 : entry.weight,
              }))
              .toSorted((a, b) => (a.targetGroup < b.targetGroup ? -1 : 1)),
          }
        : action,
    ),
  );
}

/** Equal for rules that do the same; `keyOf` tells target groups apart. */
export function contentKey<T>(content: RuleContent<T>, keyOf: (targetGroup: T) => string): string {
  return [
    conditionsKey(content.conditions),
    actionsKey(content.actions, keyOf),
    canonical(content.transforms),
  ].join('\n\n');
}
