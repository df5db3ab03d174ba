// The tags of rules: ALBC's name for a rule among them.

import type { Tags } from '../domain/desired-group.ts';
import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedRule } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import { differs } from './because.ts';
import { ingressTag } from './kept.ts';
import { type ListenerContext, type PlannedRules, ruleId } from './rule-entries.ts';
import { tagsAfterSecret } from './secret-hashes.ts';
import { tagChange } from './tags.ts';

const resourceTag = 'ingress.k8s.aws/resource';

/** Tags of a new rule, with ALBC's name for it where there are any. */
export function withResource(tags: Tags, port: number, priority: number): Tags {
  return Object.keys(tags).length === 0 ? tags : { ...tags, [resourceTag]: `${port}:${priority}` };
}

/**
 * ALBC's resource tag of a rule is `port:priority` and moves with it (`compact`). With stable priorities the one it was
 * made with stays, and a rule that ALBC made is not tagged anew only to name its Ingress: the first plan after a
 * take-over is empty.
 */
export function tagOperations(
  planned: PlannedRules,
  listener: ListenerContext,
  dependsOn: readonly OperationId[],
): readonly Operation[] {
  const { config, previous } = listener.context;
  return planned.entries.flatMap((entry, index): Operation[] => {
    const old = planned.transition.continues[index];
    if (old === undefined || entry.tags === undefined || Object.keys(entry.tags).length === 0) return [];
    const rule = planned.existing[old] as ObservedRule;
    const priority = planned.transition.priorities[index] as number;
    const isCompact = config.policy.rulePriorities === 'compact';
    const isWritten = planned.transition.steps.some(
      (step) => step.kind === 'modify' && step.existing === old,
    );
    const { [ingressTag]: ingress, ...shared } = tagsAfterSecret(entry.tags, rule.tags, isWritten);
    const wanted = {
      ...shared,
      ...(ingress !== undefined && rule.tags[ingressTag] !== undefined && { [ingressTag]: ingress }),
      [resourceTag]: isCompact
        ? `${listener.port}:${priority}`
        : (rule.tags[resourceTag] ?? `${listener.port}:${priority}`),
    };
    const before = previous === undefined ? undefined : { ...rule.tags };
    const change = tagChange(wanted, rule.tags, {
      config,
      previous: before && pick(before, previousKeys(listener)),
    });
    if (change === undefined) return [];
    const subject = ruleId(listener, priority);
    const id = operationId('setTags', subject);
    const because = differs(change.changes, false, entry.member);
    return [
      {
        kind: 'setTags',
        id,
        subject,
        because,
        dependsOn,
        resource: rule.arn,
        add: change.add,
        remove: change.remove,
      },
    ];
  });
}

/** Tag keys that the last applied plan put on rules of this listener. */
function previousKeys({ id, context }: ListenerContext): ReadonlySet<string> {
  const before = context.previous?.loadBalancer?.listeners.find((listener) => listener.id === id);
  return new Set((before?.rules ?? []).flatMap((rule) => Object.keys(rule.tags)));
}

function pick(tags: Tags, keys: ReadonlySet<string>): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => keys.has(key)));
}
