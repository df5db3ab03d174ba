import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel, ListenerIntent, TargetGroupIntent } from '../domain/group-model.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Action } from '../domain/rule.ts';
import { targetGroupName } from './names.ts';

/**
 * Whether ALBC would fail at a listener or a rule of this group: because the gate WeightedTargetGroups is off, or because AWS
 * makes no HTTPS listener without a certificate.
 */
export function failsLate(
  { listeners }: Pick<GroupModel, 'listeners'>,
  { observed, config }: { readonly observed: ObservedGroup; readonly config: CoreConfig },
): boolean {
  if (config.policy.gatedForwards === 'hold') return false;
  if (listeners.some((listener) => isBare(listener, observed))) return true;
  if (config.featureGates.WeightedTargetGroups) return false;
  return listeners.some(
    ({ defaultActions, rules }) =>
      isWeighted(defaultActions) || rules.some(({ actions }) => isWeighted(actions)),
  );
}

/** Not made yet, and nobody names a certificate or a host for which one could be found. */
export function isBare(
  {
    port,
    protocol,
    certificates,
    discoverCertificatesFor,
  }: Pick<ListenerIntent, 'port' | 'protocol' | 'certificates' | 'discoverCertificatesFor'>,
  { loadBalancers }: Pick<ObservedGroup, 'loadBalancers'>,
): boolean {
  if (protocol === 'HTTP' || certificates.length + discoverCertificatesFor.length > 0) return false;
  return !loadBalancers.some(({ listeners }) => listeners.some((listener) => listener.port === port));
}

const isWeighted = (actions: readonly Action<unknown>[]): boolean =>
  actions.some((action) => action.kind === 'forward' && action.targetGroups.length > 1);

/** Whether something in AWS forwards to the target group: ALBC fills a new one only after the rules. */
export function isInUse(
  intent: TargetGroupIntent,
  { key }: GroupModel,
  { observed, config }: { readonly observed: ObservedGroup; readonly config: CoreConfig },
): boolean {
  const name = targetGroupName(config.clusterName, key, intent);
  const arn = observed.targetGroups.find((group) => group.name === name)?.arn;
  const listeners = observed.loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  const actions = listeners.flatMap(({ defaultActions, rules }) => [
    ...defaultActions,
    ...rules.flatMap((rule) => rule.actions),
  ]);
  return actions.some(
    (action) =>
      action.kind === 'forward' && action.targetGroups.some(({ targetGroup }) => targetGroup === arn),
  );
}
