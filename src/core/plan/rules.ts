import { isEqual } from '../../lib/canonical.ts';
import type { DesiredListener, Known, Tags } from '../domain/desired-group.ts';
import { conditionsKey } from '../domain/conditions-key.ts';
import {
  type ListenerArn,
  type OperationId,
  operationId,
  type ResourceId,
  resourceId,
  type TargetGroupArn,
} from '../domain/ids.ts';
import type { ObservedListener, ObservedRule } from '../domain/observed-group.ts';
import type { Because, FieldChange, Operation } from '../domain/operation.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { RuleContent } from '../domain/rule.ts';
import { differs, missing, nameOf, transition, unwanted } from './because.ts';
import { isOwned, type PlanContext, targetGroupKey, withArns } from './context.ts';
import { ingressTag, isKept } from './kept.ts';
import { contentKey } from './rule-content.ts';
import { assign } from './rule-priorities.ts';
import { type RuleStep, type RuleTransition, ruleTransition, type WantedRule } from './rule-transition.ts';
import { tagsAfterSecret } from './secret-hashes.ts';
import { tagChange } from './tags.ts';

/** A rule that should be on a listener: a desired one, or one kept as it is for a held member. */
export type RuleEntry = {
  readonly content: RuleContent<Known<TargetGroupArn>>;
  readonly key: string;
  readonly member: ObjectRef | undefined;
  readonly path: string;
  /** Undefined: leave the tags of the kept rule alone. */
  readonly tags: Tags | undefined;
};

const resourceTag = 'ingress.k8s.aws/resource';

/** The wanted rules in evaluation order; kept ones stay behind the rule that they follow now. */
export function ruleEntries(
  wanted: Pick<DesiredListener, 'rules'>,
  found: ObservedListener | undefined,
  context: PlanContext,
): readonly RuleEntry[] {
  const entries: RuleEntry[] = wanted.rules.map((rule) => {
    const content = withArns(rule, context.arnOf);
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

/** The steps for one listener that exists, and the rules that they start from. */
export type PlannedRules = {
  readonly entries: readonly RuleEntry[];
  readonly existing: readonly ObservedRule[];
  readonly transition: RuleTransition;
};

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

type ListenerContext = {
  readonly id: ResourceId;
  readonly port: number;
  readonly arn: Known<ListenerArn>;
  readonly context: PlanContext;
};

/** The rules of a listener that the same plan makes: in any order, for no request reaches them before. */
export function newRules(
  entries: readonly RuleEntry[],
  listener: ListenerContext,
  after: (entry: RuleEntry) => readonly OperationId[],
): readonly Operation[] {
  const priorities = assign(
    entries.map(() => undefined),
    { existing: [], reserved: listener.context.config.reservedRulePriorities },
  );
  return entries.map((entry, index) => {
    const priority = priorities[index] as number;
    return createRule(entry, priority, priority, { ...listener, dependsOn: after(entry) });
  });
}

function createRule(
  entry: RuleEntry,
  priority: number,
  finalPriority: number,
  listener: ListenerContext & { readonly dependsOn: readonly OperationId[] },
): Operation {
  const subject = ruleId(listener, entry, finalPriority);
  return {
    kind: 'createRule',
    id: operationId('createRule', subject),
    subject,
    because: entry.member
      ? missing(`${entry.path} of ${nameOf(entry.member)}`, entry.member)
      : missing('rule of a held Ingress'),
    dependsOn: listener.dependsOn,
    listener: listener.arn,
    priority,
    content: entry.content,
    tags: withResource(entry.tags ?? {}, listener.port, finalPriority),
  };
}

/** A rule has no name in AWS; in a plan it goes by its listener and the priority it will have. */
function ruleId(listener: ListenerContext, _entry: RuleEntry, priority: number): ResourceId {
  return resourceId(listener.id.replace(/^listener/, 'rule'), String(priority));
}

function withResource(tags: Tags, port: number, priority: number): Tags {
  return Object.keys(tags).length === 0 ? tags : { ...tags, [resourceTag]: `${port}:${priority}` };
}

/**
 * One operation after the other, as the transition wants it. `defaultAction` is put in at its place in the chain.
 * A refused step stops those behind it; the refused member is held in the next plan, so its neighbours go on.
 */
export function ruleOperations(
  planned: PlannedRules,
  listener: ListenerContext & { readonly arn: ListenerArn },
  chain: {
    readonly after: readonly OperationId[];
    readonly defaultAction: ((dependsOn: readonly OperationId[]) => Operation) | undefined;
  },
): readonly Operation[] {
  const operations: Operation[] = [];
  let last = chain.after;
  for (const step of planned.transition.steps) {
    const operation =
      step.kind === 'default'
        ? chain.defaultAction?.(last)
        : stepOperation(step, planned, { ...listener, dependsOn: last });
    if (operation === undefined) continue;
    operations.push(operation);
    last = [operation.id];
  }
  return [...operations, ...tagOperations(planned, listener, last)];
}

function stepOperation(
  step: Exclude<RuleStep, { kind: 'default' }>,
  planned: PlannedRules,
  listener: ListenerContext & { readonly arn: ListenerArn; readonly dependsOn: readonly OperationId[] },
): Operation {
  const { entries, existing, transition: plannedTransition } = planned;
  const { dependsOn } = listener;
  switch (step.kind) {
    case 'create':
      return createRule(
        entries[step.wanted] as RuleEntry,
        step.priority,
        plannedTransition.priorities[step.wanted] as number,
        listener,
      );
    case 'modify': {
      const entry = entries[step.wanted] as RuleEntry;
      const rule = existing[step.existing] as ObservedRule;
      const subject = ruleId(listener, entry, plannedTransition.priorities[step.wanted] as number);
      const resetTransforms = rule.transforms.length > 0 && entry.content.transforms.length === 0;
      return {
        kind: 'modifyRule',
        id: operationId('modifyRule', subject),
        subject,
        because: becauseOf(entry, rule, listener),
        dependsOn,
        rule: rule.arn,
        content: entry.content,
        resetTransforms,
      };
    }
    case 'setPriorities': {
      const priorities = step.priorities.map((setting) => ({
        rule:
          setting.kind === 'existing'
            ? (existing[setting.existing] as ObservedRule).arn
            : ({
                ref: ruleId(
                  listener,
                  entries[setting.wanted] as RuleEntry,
                  plannedTransition.priorities[setting.wanted] as number,
                ),
                attribute: 'arn',
              } as const),
        priority: setting.priority,
      }));
      const because = transition(`order of ${priorities.length} rules of listener ${listener.port}`);
      // A transition sets priorities at most twice; the first one only numbers anew and is told apart by what it depends on.
      const { steps } = planned.transition;
      const isFirst = step === steps[0] || step !== steps.findLast(({ kind }) => kind === 'setPriorities');
      const id = operationId('setRulePriorities', listener.id, isFirst ? undefined : 'in final order');
      return {
        kind: 'setRulePriorities',
        id,
        subject: listener.id,
        because,
        dependsOn,
        listener: listener.arn,
        priorities,
      };
    }
    case 'delete': {
      const rule = existing[step.existing] as ObservedRule;
      const subject = resourceId(listener.id.replace(/^listener/, 'rule'), rule.arn);
      const because = unwanted(
        `no Ingress asks for rule ${rule.priority} of listener ${listener.port} any more`,
      );
      return {
        kind: 'deleteRule',
        id: operationId('deleteRule', subject),
        subject,
        because,
        dependsOn,
        rule: rule.arn,
      };
    }
  }
}

function becauseOf(entry: RuleEntry, rule: ObservedRule, listener: ListenerContext): Because {
  const changes: FieldChange[] = (['conditions', 'actions', 'transforms'] as const)
    .filter((field) => !isEqual(rule[field], entry.content[field]))
    .map((field) => ({ field, from: JSON.stringify(rule[field]), to: JSON.stringify(entry.content[field]) }));
  return differs(changes, wasWanted(entry, listener), entry.member);
}

/** Whether the last applied plan wanted this very rule on this listener. */
function wasWanted(entry: RuleEntry, { id, context }: ListenerContext): boolean {
  const before = context.previous?.loadBalancer?.listeners.find((listener) => listener.id === id);
  return (before?.rules ?? []).some(
    (rule) => contentKey(withArns(rule, context.arnOf), targetGroupKey) === entry.key,
  );
}

/**
 * ALBC's resource tag of a rule is `port:priority` and moves with it (`compact`). With stable priorities the one it was
 * made with stays, and a rule that ALBC made is not tagged anew only to name its Ingress: the first plan after a
 * take-over is empty.
 */
function tagOperations(
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
    const subject = ruleId(listener, entry, priority);
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
