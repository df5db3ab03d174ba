// The rules of a listener as operations, in the order of their transition.

import { isEqual } from '../../lib/canonical.ts';
import { type ListenerArn, type OperationId, operationId, resourceId } from '../domain/ids.ts';
import type { ObservedRule } from '../domain/observed-group.ts';
import type { Because, FieldChange, Operation } from '../domain/operation.ts';
import { differs, missing, nameOf, transition, unwanted } from './because.ts';
import { targetGroupKey, withArns } from './context.ts';
import { contentKey } from './rule-content.ts';
import { type ListenerContext, type PlannedRules, type RuleEntry, ruleId } from './rule-entries.ts';
import { assign } from './rule-priorities.ts';
import { tagOperations, withResource } from './rule-tags.ts';
import type { RuleStep } from './rule-step.ts';

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
  const subject = ruleId(listener, finalPriority);
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

type StepListener = ListenerContext & {
  readonly arn: ListenerArn;
  readonly dependsOn: readonly OperationId[];
};

function stepOperation(
  step: Exclude<RuleStep, { kind: 'default' }>,
  planned: PlannedRules,
  listener: StepListener,
): Operation {
  const { entries, transition: plannedTransition } = planned;
  switch (step.kind) {
    case 'create': {
      const final = plannedTransition.priorities[step.wanted] as number;
      return createRule(entries[step.wanted] as RuleEntry, step.priority, final, listener);
    }
    case 'modify':
      return modifyRule(step, planned, listener);
    case 'setPriorities':
      return setPriorities(step, planned, listener);
    case 'delete':
      return deleteRule(planned.existing[step.existing] as ObservedRule, listener);
  }
}

type Step<Kind extends RuleStep['kind']> = Extract<RuleStep, { readonly kind: Kind }>;

function modifyRule(
  step: Step<'modify'>,
  { entries, existing, transition: { priorities } }: PlannedRules,
  listener: StepListener,
): Operation {
  const entry = entries[step.wanted] as RuleEntry;
  const rule = existing[step.existing] as ObservedRule;
  const subject = ruleId(listener, priorities[step.wanted] as number);
  const resetTransforms = rule.transforms.length > 0 && entry.content.transforms.length === 0;
  return {
    kind: 'modifyRule',
    id: operationId('modifyRule', subject),
    subject,
    because: becauseOf(entry, rule, listener),
    dependsOn: listener.dependsOn,
    rule: rule.arn,
    content: entry.content,
    resetTransforms,
  };
}

function setPriorities(
  step: Step<'setPriorities'>,
  { existing, transition: { steps, priorities: final } }: PlannedRules,
  listener: StepListener,
): Operation {
  const priorities = step.priorities.map((setting) => ({
    rule:
      setting.kind === 'existing'
        ? (existing[setting.existing] as ObservedRule).arn
        : ({ ref: ruleId(listener, final[setting.wanted] as number), attribute: 'arn' } as const),
    priority: setting.priority,
  }));
  // A transition sets priorities at most twice; the first one only numbers anew and is told apart by what it depends on.
  const isFirst = step === steps[0] || step !== steps.findLast(({ kind }) => kind === 'setPriorities');
  return {
    kind: 'setRulePriorities',
    id: operationId('setRulePriorities', listener.id, isFirst ? undefined : 'in final order'),
    subject: listener.id,
    because: transition(`order of ${priorities.length} rules of listener ${listener.port}`),
    dependsOn: listener.dependsOn,
    listener: listener.arn,
    priorities,
  };
}

function deleteRule(rule: ObservedRule, { id, port, dependsOn }: StepListener): Operation {
  const subject = resourceId(id.replace(/^listener/, 'rule'), rule.arn);
  return {
    kind: 'deleteRule',
    id: operationId('deleteRule', subject),
    subject,
    because: unwanted(`no Ingress asks for rule ${rule.priority} of listener ${port} any more`),
    dependsOn,
    rule: rule.arn,
  };
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
