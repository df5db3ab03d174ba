import { SimulatedError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { Listener, LoadBalancer, Rule, TargetGroup, TrustStore } from '../state.ts';

/** Lookups by ARN that answer AWS's not-found error. A resource younger than the describe lag is not found yet. */
const finder =
  <Item extends { readonly createdAt: number }>(
    code: string,
    what: string,
    items: (context: CallContext) => ReadonlyMap<string, Item>,
  ) =>
  (context: CallContext, arn: string | undefined): Item => {
    const item = items(context).get(arn ?? '');
    if (item === undefined || !isVisible(context, item))
      throw new SimulatedError(code, `${what} '${arn}' not found`);
    return item;
  };

export const isVisible = (context: CallContext, item: { readonly createdAt: number }): boolean =>
  context.now - item.createdAt >= context.knobs.describeLagMs;

export const findLoadBalancer = finder<LoadBalancer>(
  'LoadBalancerNotFound',
  'Load balancer',
  ({ state }) => state.loadBalancers,
);
export const findListener = finder<Listener>('ListenerNotFound', 'Listener', ({ state }) => state.listeners);
export const findRule = finder<Rule>('RuleNotFound', 'Rule', ({ state }) => state.rules);
export const findTargetGroup = finder<TargetGroup>(
  'TargetGroupNotFound',
  'Target group',
  ({ state }) => state.targetGroups,
);
export const findTrustStore = finder<TrustStore>(
  'TrustStoreNotFound',
  'Trust store',
  ({ state }) => state.trustStores,
);

/** Everything of a map that can be seen, in the order it was made. */
export const visible = <Item extends { readonly createdAt: number }>(
  context: CallContext,
  items: ReadonlyMap<string, Item>,
): readonly Item[] => [...items.values()].filter((item) => isVisible(context, item));

/** The listeners of a load balancer. */
export const listenersOf = (
  { state }: Pick<CallContext, 'state'>,
  loadBalancerArn: string,
): readonly Listener[] =>
  [...state.listeners.values()].filter((listener) => listener.loadBalancerArn === loadBalancerArn);

/** The rules of a listener by priority, the default rule last. */
export const rulesOf = ({ state }: Pick<CallContext, 'state'>, listenerArn: string): readonly Rule[] =>
  [...state.rules.values()]
    .filter((rule) => rule.listenerArn === listenerArn)
    .sort((a, b) => order(a) - order(b));

const order = (rule: Rule): number =>
  rule.priority === 'default' ? Number.POSITIVE_INFINITY : rule.priority;

/** `provisioning` until the knob's time has passed; the data plane serves an active one only. */
export const loadBalancerState = (
  item: LoadBalancer,
  context: Pick<CallContext, 'knobs' | 'now'>,
): 'provisioning' | 'active' =>
  context.now - item.createdAt < context.knobs.provisioningMs ? 'provisioning' : 'active';
