// Listeners and rules as they are after one done operation: the part of `remember` below a load balancer.

import type { Known } from '../domain/desired-group.ts';
import type { ListenerArn, RuleArn, TargetGroupArn } from '../domain/ids.ts';
import type { ObservedListener, ObservedLoadBalancer, ObservedRule } from '../domain/observed-group.ts';
import type { KnownAction, ListenerSpec, Look, OperationOf } from '../domain/operation.ts';
import type { Action, RuleContent } from '../domain/rule.ts';
import type { Done } from './done.ts';

/** Load balancers after a listener was made on one of them. */
export function rememberNewListener(
  loadBalancers: readonly ObservedLoadBalancer[],
  operation: OperationOf<'createListener'>,
  { attributes, look }: Done,
): readonly ObservedLoadBalancer[] {
  const loadBalancerArn = look(operation.loadBalancer);
  const arn = attributes.arn as ListenerArn;
  const listener: ObservedListener = {
    arn,
    certificates: [],
    attributes: {},
    tags: operation.tags,
    rules: [],
    ...fromSpec(operation.spec, look),
  };
  return loadBalancers.map((loadBalancer) =>
    loadBalancer.arn === loadBalancerArn
      ? {
          ...loadBalancer,
          listeners: [...loadBalancer.listeners.filter((other) => other.arn !== arn), listener].toSorted(
            (a, b) => a.port - b.port,
          ),
        }
      : loadBalancer,
  );
}

function fromSpec(spec: ListenerSpec, look: Look) {
  const { port, protocol, sslPolicy, certificateArn, mutualAuthentication } = spec;
  return {
    port,
    protocol,
    sslPolicy,
    defaultCertificate: certificateArn,
    mutualAuthentication,
    defaultActions: spec.defaultActions.map((action) => resolved(action, look)),
  };
}

/** Listeners after one was changed or deleted. */
export function rememberListener(
  listeners: readonly ObservedListener[],
  operation: OperationOf<
    | 'modifyListener'
    | 'modifyListenerAttributes'
    | 'addListenerCertificate'
    | 'removeListenerCertificate'
    | 'deleteListener'
  >,
  { look }: Done,
): readonly ObservedListener[] {
  const arn = look(operation.listener);
  if (operation.kind === 'deleteListener') return listeners.filter((listener) => listener.arn !== arn);
  return listeners.map((listener) => {
    if (listener.arn !== arn) return listener;
    const certificates = listener.certificates ?? [];
    switch (operation.kind) {
      case 'modifyListener': {
        const { mutualAuthentication, ...rest } = fromSpec(operation.spec, look);
        return {
          ...listener,
          ...rest,
          mutualAuthentication: mutualAuthentication ?? listener.mutualAuthentication,
        };
      }
      case 'modifyListenerAttributes':
        return { ...listener, attributes: { ...listener.attributes, ...operation.attributes } };
      case 'addListenerCertificate':
        return {
          ...listener,
          certificates: [...new Set([...certificates, operation.certificateArn])].toSorted(),
        };
      case 'removeListenerCertificate':
        return {
          ...listener,
          certificates: certificates.filter((certificate) => certificate !== operation.certificateArn),
        };
    }
  });
}

/** The listener after one of its rules was made, changed, moved or deleted. */
export function rememberRule(
  listener: ObservedListener,
  operation: OperationOf<'createRule' | 'modifyRule' | 'setRulePriorities' | 'deleteRule'>,
  { attributes, look }: Done,
): ObservedListener {
  const withRules = (rules: readonly ObservedRule[]) => ({
    ...listener,
    rules: rules.toSorted((a, b) => a.priority - b.priority),
  });
  switch (operation.kind) {
    case 'createRule': {
      if (look(operation.listener) !== listener.arn) return listener;
      const arn = attributes.arn as RuleArn;
      const rule = {
        arn,
        priority: operation.priority,
        tags: operation.tags,
        ...resolvedContent(operation.content, look),
      };
      return withRules([...listener.rules.filter((other) => other.arn !== arn), rule]);
    }
    case 'modifyRule':
      return withRules(
        listener.rules.map((rule) =>
          rule.arn === operation.rule ? { ...rule, ...resolvedContent(operation.content, look) } : rule,
        ),
      );
    case 'setRulePriorities': {
      const priorities = new Map(
        operation.priorities.map((setting) => [look(setting.rule), setting.priority]),
      );
      return withRules(
        listener.rules.map((rule) => ({ ...rule, priority: priorities.get(rule.arn) ?? rule.priority })),
      );
    }
    case 'deleteRule': {
      const arn = look(operation.rule);
      return withRules(listener.rules.filter((rule) => rule.arn !== arn));
    }
  }
}

function resolvedContent(
  content: RuleContent<Known<TargetGroupArn>>,
  look: Look,
): RuleContent<TargetGroupArn> {
  return { ...content, actions: content.actions.map((action) => resolved(action, look)) };
}

function resolved(action: KnownAction, look: Look): Action<TargetGroupArn> {
  return action.kind === 'forward'
    ? {
        ...action,
        targetGroups: action.targetGroups.map((entry) => ({
          ...entry,
          targetGroup: look(entry.targetGroup),
        })),
      }
    : action;
}
