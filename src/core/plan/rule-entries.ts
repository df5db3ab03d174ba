// Which rules a listener should have, and the steps that lead there from those that it has.

import { conditionsKey } from '../domain/conditions-key.ts';
import type { DesiredListener, Known, Tags } from '../domain/desired-group.ts';
import { type ListenerArn, type ResourceId, resourceId, type TargetGroupArn } from '../domain/ids.ts';
import type { ObservedListener, ObservedRule } from '../domain/observed-group.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { RuleContent } from '../domain/rule.ts';
import { isOwned, type PlanContext, targetGroupKey, withArns } from './context.ts';
import { isKept } from './kept.ts';
import { contentKey } from './rule-content.ts';
import type { RuleTransition, WantedRule } from './rule-step.ts';
import { ruleTransition } from './rule-transition.ts';
import { withUnsaidStickiness } from './unsaid-stickiness.ts';

/** A rule that should be on a listener: a desired one, or one kept as it is for a held member. */
export type RuleEntry = {
  readonly content: RuleContent<Known<TargetGroupArn>>;
  readonly key: string;
  readonly member: ObjectRef | undefined;
  readonly path: string;
  /** Undefined: leave the tags of the kept rule alone. */
  readonly tags: Tags | undefined;
};

/** The wanted rules in evaluation order; kept ones stay behind the rule that they follow now. */
export function ruleEntries(
  wanted: Pick<DesiredListener, 'rules'>,
  found: ObservedListener | undefined,
  context: PlanContext,
): readonly RuleEntry[] {
  const entries: RuleEntry[] = wanted.rules.map((rule) => {
    const content = withFoundStickiness(withArns(rule, context.arnOf), found, context);
    return {
      content,
      key: contentKey(content, targetGroupKey),
      member: rule.member,
      path: rule.path,
      tags: rule.tags,
    };
  });
  const desiredKeys = new Set(entries.map((entry) => entry.key));
  let behind = -1;
  for (const rule of found?.rules ?? []) {
    const key = contentKey(rule, targetGroupKey);
    if (desiredKeys.has(key)) {
      behind = entries.findIndex((entry) => entry.key === key);
    } else if (isKept(rule, context)) {
      behind += 1;
      const { conditions, actions, transforms } = rule;
      entries.splice(behind, 0, {
        content: { conditions, actions, transforms },
        key,
        member: undefined,
        path: '',
        tags: undefined,
      });
    }
  }
  return entries;
}

function withFoundStickiness(
  content: RuleContent<Known<TargetGroupArn>>,
  found: ObservedListener | undefined,
  context: PlanContext,
): RuleContent<Known<TargetGroupArn>> {
  const key = conditionsKey(content.conditions);
  const same = (found?.rules ?? []).filter((rule) => conditionsKey(rule.conditions) === key);
  const actions = withUnsaidStickiness(
    content.actions,
    same.map((rule) => rule.actions),
    context,
  );
  return { ...content, actions };
}

/** The steps for one listener that exists, and the rules that they start from. */
export type PlannedRules = {
  readonly entries: readonly RuleEntry[];
  readonly existing: readonly ObservedRule[];
  readonly transition: RuleTransition;
};

/** From the rules that are there to `entries`. `headroom`: how many may be made before one is deleted. */
export function planRules(
  entries: readonly RuleEntry[],
  found: ObservedListener,
  headroom: number,
  context: PlanContext,
): PlannedRules {
  const asWanted = (content: RuleContent<Known<TargetGroupArn>>): WantedRule => ({
    key: contentKey(content, targetGroupKey),
    conditionsKey: conditionsKey(content.conditions),
    conditions: content.conditions,
  });
  const transitionOfRules = ruleTransition({
    wanted: entries.map((entry) => asWanted(entry.content)),
    existing: found.rules.map((rule) => ({
      ...asWanted(rule),
      priority: rule.priority,
      fixed: !isOwned(rule.tags, context),
    })),
    priorities: context.config.policy.rulePriorities,
    headroom,
    reserved: context.config.reservedRulePriorities,
  });
  return { entries, existing: found.rules, transition: transitionOfRules };
}

export type ListenerContext = {
  readonly id: ResourceId;
  readonly port: number;
  readonly arn: Known<ListenerArn>;
  readonly context: PlanContext;
};

/** A rule has no name in AWS; in a plan it goes by its listener and the priority it will have. */
export function ruleId(listener: Pick<ListenerContext, 'id'>, priority: number): ResourceId {
  return resourceId(listener.id.replace(/^listener/, 'rule'), String(priority));
}
