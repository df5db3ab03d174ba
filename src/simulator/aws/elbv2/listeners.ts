import type {
  CreateListenerInput,
  CreateListenerOutput,
  DeleteListenerInput,
  DescribeListenersInput,
  DescribeListenersOutput,
  Listener as SdkListener,
  ModifyListenerInput,
  ModifyListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import { elbId } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { Listener, LoadBalancer, Rule } from '../state.ts';
import { mergedTags, setTags } from '../tags.ts';
import { elbPage } from './paging.ts';
import { checkNotTarget } from './alb-targets.ts';
import { normaliseActions } from './actions.ts';
import { newListenerAttributes } from './listener-attributes.ts';
import { checkTls, type TlsSettings } from './listener-tls.ts';
import { findListener, findLoadBalancer, isVisible, listenersOf, rulesOf } from './lookup.ts';
import { checkReferences, setReferences } from './references.ts';
import { addRule, ownerOf, removeRule } from './rules.ts';

/** Creates a listener with its default rule, or returns the one on that port when it was created with the same settings. */
export function createListener(input: CreateListenerInput, context: CallContext): CreateListenerOutput {
  const { state, knobs } = context;
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  const { port, protocol } = checkEndpoint(loadBalancer, input.Port, input.Protocol);
  const actions = normaliseActions(input.DefaultActions, { protocol }, context);
  const tls = checkTls(protocol, input, { current: undefined, loadBalancerArn: loadBalancer.arn }, context);
  const siblings = listenersOf(context, loadBalancer.arn);
  const existing = siblings.find((listener) => listener.port === port);
  if (existing !== undefined) {
    if (!isSame(existing, { protocol, actions, tls }, context)) throw duplicate(port);
    return { Listeners: [renderListener(existing, context)] };
  }
  if (siblings.length >= knobs.quotas[`listeners-per-${loadBalancer.type}-load-balancer`]) {
    throw new SimulatedError('TooManyListeners', 'The maximum number of listeners has been reached');
  }
  checkReferences(loadBalancer, actions, undefined, context);
  const arn = `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${elbId(state.ids)}`;
  const rule: Rule = {
    arn: `${arn.replace(':listener/', ':listener-rule/')}/${elbId(state.ids)}`,
    listenerArn: arn,
    createdAt: context.now,
    priority: 'default',
    conditions: [],
    actions,
    transforms: [],
  };
  const listener: Listener = {
    arn,
    loadBalancerArn: loadBalancer.arn,
    createdAt: context.now,
    port,
    protocol,
    ...tls,
    extraCertificateArns: [],
    defaultRuleArn: rule.arn,
    attributes: newListenerAttributes(),
  };
  const tags = mergedTags(context, arn, input.Tags ?? []);
  state.listeners.set(arn, listener);
  addRule(rule, loadBalancer, context);
  setTags(context, arn, tags);
  return { Listeners: [renderListener(listener, context)] };
}

function checkEndpoint(
  { type }: LoadBalancer,
  port: number | undefined,
  protocol: string | undefined,
): Pick<Listener, 'port' | 'protocol'> {
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw validationError(`Listener port '${port}' must be between 1 and 65535`);
  }
  if (type === 'network') {
    if (protocol === 'TCP') return { port, protocol };
    throw new SimulatedError(
      'UnsupportedProtocol',
      `Listener protocol '${protocol}' is not simulated for network load balancers; 'TCP' is`,
    );
  }
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw new SimulatedError(
      'UnsupportedProtocol',
      `Listener protocol '${protocol}' must be one of 'HTTP, HTTPS'`,
    );
  }
  return { port, protocol };
}

const duplicate = (port: number): SimulatedError =>
  new SimulatedError('DuplicateListener', `A listener already exists on port ${port} for this load balancer`);

type Wanted = { readonly protocol: string; readonly actions: Rule['actions']; readonly tls: TlsSettings };

function isSame(existing: Listener, wanted: Wanted, { state }: CallContext): boolean {
  const now = [
    existing.protocol,
    state.rules.get(existing.defaultRuleArn)?.actions,
    existing.sslPolicy,
    existing.defaultCertificateArn,
  ];
  const asked = [wanted.protocol, wanted.actions, wanted.tls.sslPolicy, wanted.tls.defaultCertificateArn];
  return JSON.stringify(now) === JSON.stringify(asked);
}

/** Changes what is given. Going to HTTP drops policy and certificates, going to HTTPS needs both. */
export function modifyListener(input: ModifyListenerInput, context: CallContext): ModifyListenerOutput {
  const listener = findListener(context, input.ListenerArn);
  const loadBalancer = ownerOf(listener, context);
  const { port, protocol } = checkEndpoint(
    loadBalancer,
    input.Port ?? listener.port,
    input.Protocol ?? listener.protocol,
  );
  const clash = listenersOf(context, loadBalancer.arn).some(
    (other) => other !== listener && other.port === port,
  );
  if (clash) throw duplicate(port);
  const tls = checkTls(protocol, input, { current: listener, loadBalancerArn: loadBalancer.arn }, context);
  if ((input.DefaultActions ?? []).length > 0)
    changeDefaultActions(listener, loadBalancer, input, { protocol, context });
  Object.assign(listener, { port, protocol, ...tls });
  if (protocol === 'HTTP') listener.extraCertificateArns = [];
  return { Listeners: [renderListener(listener, context)] };
}

function changeDefaultActions(
  listener: Listener,
  loadBalancer: LoadBalancer,
  input: ModifyListenerInput,
  { protocol, context }: { readonly protocol: Listener['protocol']; readonly context: CallContext },
): void {
  const actions = normaliseActions(input.DefaultActions, { protocol }, context);
  checkReferences(loadBalancer, actions, listener.defaultRuleArn, context);
  const rule = context.state.rules.get(listener.defaultRuleArn);
  if (rule !== undefined) rule.actions = actions;
  setReferences(listener.defaultRuleArn, loadBalancer.arn, actions, context);
}

export function deleteListener(input: DeleteListenerInput, context: CallContext): object {
  const listener = findListener(context, input.ListenerArn);
  checkNotTarget(listener, context);
  removeListener(listener, context);
  return {};
}

/** Takes a listener away with its rules. */
export function removeListener(listener: Listener, context: CallContext): void {
  for (const rule of rulesOf(context, listener.arn)) removeRule(rule, context);
  context.state.listeners.delete(listener.arn);
  context.state.tags.delete(listener.arn);
}

export function describeListeners(
  input: DescribeListenersInput,
  context: CallContext,
): DescribeListenersOutput {
  const { LoadBalancerArn, ListenerArns = [] } = input;
  if ((LoadBalancerArn !== undefined) === ListenerArns.length > 0)
    throw validationError('Specify either a load balancer or listeners');
  const listeners =
    LoadBalancerArn === undefined
      ? ListenerArns.map((item) => findListener(context, item))
      : listenersOf(context, findLoadBalancer(context, LoadBalancerArn).arn).filter((item) =>
          isVisible(context, item),
        );
  const { items, NextMarker } = elbPage(listeners, input, context);
  return { Listeners: items.map((item) => renderListener(item, context)), NextMarker };
}

function renderListener(listener: Listener, { state }: CallContext): SdkListener {
  const certificate = listener.defaultCertificateArn;
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    Certificates: certificate === undefined ? undefined : [{ CertificateArn: certificate }],
    SslPolicy: listener.sslPolicy,
    DefaultActions: [...(state.rules.get(listener.defaultRuleArn)?.actions ?? [])],
    MutualAuthentication: listener.mutualAuthentication,
  };
}
