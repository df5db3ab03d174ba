import type {
  CreateRuleInput,
  CreateRuleOutput,
  DeleteRuleInput,
  DescribeRulesInput,
  DescribeRulesOutput,
  ModifyRuleInput,
  ModifyRuleOutput,
  Rule as SdkRule,
  SetRulePrioritiesInput,
  SetRulePrioritiesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import { elbId } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { Listener, LoadBalancer, Rule } from '../state.ts';
import { mergedTags, setTags } from '../tags.ts';
import { elbPage } from './paging.ts';
import { normaliseActions } from './actions.ts';
import { normaliseConditions } from './conditions.ts';
import { findListener, findRule, isVisible, listenersOf, rulesOf } from './lookup.ts';
import { checkReferences, setReferences } from './references.ts';
import { checkTransforms } from './transforms.ts';

export function createRule(input: CreateRuleInput, context: CallContext): CreateRuleOutput {
  const { state } = context;
  const listener = findListener(context, input.ListenerArn);
  const loadBalancer = ownerOf(listener, context);
  const priority = checkPriority(input.Priority);
  if (rulesOf(context, listener.arn).some((rule) => rule.priority === priority))
    throw priorityInUse(priority);
  checkRuleCount(loadBalancer, context);
  const actions = normaliseActions(input.Actions, listener, context);
  checkReferences(loadBalancer, actions, undefined, context);
  const rule: Rule = {
    arn: `${listener.arn.replace(':listener/', ':listener-rule/')}/${elbId(state.ids)}`,
    listenerArn: listener.arn,
    createdAt: context.now,
    priority,
    conditions: normaliseConditions(input.Conditions, context),
    actions,
    transforms: checkTransforms(input.Transforms),
  };
  const tags = mergedTags(context, rule.arn, input.Tags ?? []);
  addRule(rule, loadBalancer, context);
  setTags(context, rule.arn, tags);
  return { Rules: [renderRule(rule)] };
}

/** Stores a rule (a default rule too) and notes where it forwards. */
export function addRule(rule: Rule, loadBalancer: LoadBalancer, context: CallContext): void {
  context.state.rules.set(rule.arn, rule);
  setReferences(rule.arn, loadBalancer.arn, rule.actions, context);
}

export function removeRule(rule: Rule, context: CallContext): void {
  setReferences(rule.arn, '', [], context);
  context.state.rules.delete(rule.arn);
  context.state.tags.delete(rule.arn);
}

function checkPriority(priority: number | undefined): number {
  if (priority !== undefined && Number.isInteger(priority) && priority >= 1 && priority <= 50_000)
    return priority;
  throw validationError(`Rule priority '${priority}' must be a whole number between 1 and 50000`);
}

const priorityInUse = (priority: number): SimulatedError =>
  new SimulatedError('PriorityInUse', `Priority '${priority}' is currently in use`);

/** The quota counts the rules of all listeners together, without default rules. */
function checkRuleCount(loadBalancer: LoadBalancer, context: CallContext): void {
  const own = new Set(listenersOf(context, loadBalancer.arn).map(({ arn }) => arn));
  const count = [...context.state.rules.values()].filter(
    (rule) => own.has(rule.listenerArn) && rule.priority !== 'default',
  ).length;
  const limit = context.knobs.quotas['rules-per-application-load-balancer'];
  if (count >= limit)
    throw new SimulatedError('TooManyRules', `The maximum number of rules has been reached: ${limit}`);
}

export function ownerOf(listener: Listener, { state }: CallContext): LoadBalancer {
  const loadBalancer = state.loadBalancers.get(listener.loadBalancerArn);
  if (loadBalancer === undefined)
    throw new SimulatedError('LoadBalancerNotFound', `Load balancer '${listener.loadBalancerArn}' not found`);
  return loadBalancer;
}

/** An empty or absent list leaves that part of the rule as it is; only ResetTransforms takes the transforms away. */
export function modifyRule(input: ModifyRuleInput, context: CallContext): ModifyRuleOutput {
  const rule = findRule(context, input.RuleArn);
  if (rule.priority === 'default')
    throw notPermitted('Default rules cannot be modified; modify the listener');
  if (input.ResetTransforms === true && (input.Transforms ?? []).length > 0) {
    throw validationError('Transforms and ResetTransforms cannot be specified together');
  }
  const listener = findListener(context, rule.listenerArn);
  const loadBalancer = ownerOf(listener, context);
  const actions = isEmpty(input.Actions) ? rule.actions : normaliseActions(input.Actions, listener, context);
  const conditions = isEmpty(input.Conditions)
    ? rule.conditions
    : normaliseConditions(input.Conditions, context);
  const transforms = isEmpty(input.Transforms) ? rule.transforms : checkTransforms(input.Transforms);
  checkReferences(loadBalancer, actions, rule.arn, context);
  Object.assign(rule, { actions, conditions, transforms: input.ResetTransforms === true ? [] : transforms });
  setReferences(rule.arn, loadBalancer.arn, actions, context);
  return { Rules: [renderRule(rule)] };
}

const isEmpty = (list: readonly unknown[] | undefined): boolean => list === undefined || list.length === 0;
const notPermitted = (message: string): SimulatedError =>
  new SimulatedError('OperationNotPermitted', message);

export function deleteRule(input: DeleteRuleInput, context: CallContext): object {
  const rule = findRule(context, input.RuleArn);
  if (rule.priority === 'default') throw notPermitted('Default rules cannot be deleted');
  removeRule(rule, context);
  return {};
}

/** Sets several priorities at once: swaps are fine, two rules of one listener with the same priority at the end are not. */
export function setRulePriorities(
  input: SetRulePrioritiesInput,
  context: CallContext,
): SetRulePrioritiesOutput {
  const changes = new Map<Rule, number>();
  for (const { RuleArn, Priority } of input.RulePriorities ?? []) {
    const rule = findRule(context, RuleArn);
    if (rule.priority === 'default') throw notPermitted('The priority of a default rule cannot be set');
    if (changes.has(rule)) throw validationError(`Rule '${RuleArn}' was specified more than once`);
    changes.set(rule, checkPriority(Priority));
  }
  if (new Set([...changes.keys()].map(({ listenerArn }) => listenerArn)).size > 1) {
    throw validationError('All rules must belong to the same listener');
  }
  const listenerArn = [...changes.keys()][0]?.listenerArn ?? '';
  const taken = new Set<number | string>();
  for (const rule of rulesOf(context, listenerArn)) {
    const priority = changes.get(rule) ?? rule.priority;
    if (taken.has(priority)) throw priorityInUse(Number(priority));
    taken.add(priority);
  }
  for (const [rule, priority] of changes) rule.priority = priority;
  return { Rules: [...changes.keys()].map(renderRule) };
}

export function describeRules(input: DescribeRulesInput, context: CallContext): DescribeRulesOutput {
  const { ListenerArn, RuleArns = [] } = input;
  if ((ListenerArn !== undefined) === RuleArns.length > 0)
    throw validationError('Specify either a listener or rules');
  const rules =
    ListenerArn === undefined
      ? RuleArns.map((item) => findRule(context, item))
      : rulesOf(context, findListener(context, ListenerArn).arn).filter((rule) => isVisible(context, rule));
  const { items, NextMarker } = elbPage(rules, input, context);
  return { Rules: items.map(renderRule), NextMarker };
}

const renderRule = (rule: Rule): SdkRule => ({
  RuleArn: rule.arn,
  Priority: String(rule.priority),
  Conditions: [...rule.conditions],
  Actions: [...rule.actions],
  IsDefault: rule.priority === 'default',
  Transforms: [...rule.transforms],
});
