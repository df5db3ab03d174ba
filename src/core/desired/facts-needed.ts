import type { CoreConfig } from '../domain/config.ts';
import type { FactsQuery } from '../domain/facts.ts';
import type { GroupModel, TargetGroupRef } from '../domain/group-model.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Action } from '../domain/rule.ts';
import { frontendSubnets } from './frontend-nlb.ts';
import { presentLoadBalancer } from './present.ts';
import { keepsSubnets, type SubnetsIntent } from './subnets.ts';

/** What must be looked up before `desiredGroup` can decide; an empty group needs nothing. */
export function factsNeeded(model: GroupModel, observed: ObservedGroup, config: CoreConfig): FactsQuery {
  const { listeners, loadBalancer, targetGroups } = model;
  if (model.members.length === 0) return nothing;
  const actions = listeners.flatMap(({ defaultActions, rules }) => [
    ...defaultActions,
    ...rules.flatMap((rule) => rule.actions),
  ]);
  return {
    vpc: targetGroups.some(({ targetType }) => targetType === 'ip'),
    subnets: subnetsNeeded(model, observed, config),
    securityGroups:
      loadBalancer.securityGroups.kind === 'given' || model.frontendNlb?.securityGroups !== undefined,
    certificates: listeners.some(({ discoverCertificatesFor }) => discoverCertificatesFor.length > 0),
    quotas: true,
    // A limit that is taken for lower than it is would split a Service in vain.
    ...(targetGroups.some(({ overflow }) => overflow !== undefined) ? { serviceQuotas: true } : {}),
    targetGroupNames: sorted(actions.flatMap(targetGroupNames)),
    trustStoreNames: sorted(
      listeners.flatMap(({ mutualAuthentication }) => {
        const store = mutualAuthentication?.trustStore;
        return store === undefined || store.startsWith('arn:') ? [] : [store];
      }),
    ),
    webAclNames: loadBalancer.webAcl?.kind === 'name' ? [loadBalancer.webAcl.name] : [],
    shield: loadBalancer.shieldProtection !== undefined,
  };
}

const nothing: FactsQuery = {
  vpc: false,
  subnets: 'none',
  securityGroups: false,
  certificates: false,
  quotas: false,
  targetGroupNames: [],
  trustStoreNames: [],
  webAclNames: [],
  shield: false,
};

/** Route tables only count for discovery, and only where no role tag is found; facts may ask for them then. */
function subnetsNeeded(
  model: GroupModel,
  observed: ObservedGroup,
  config: CoreConfig,
): FactsQuery['subnets'] {
  const { loadBalancer, frontendNlb } = model;
  const front = frontendNlb === undefined ? [] : [frontendSubnets(frontendNlb, model)];
  const all: readonly SubnetsIntent[] = [loadBalancer, ...front];
  const looking = all.filter(
    (intent) => !keepsSubnets(intent, presentLoadBalancer(observed, intent.scheme, typeOf(intent))),
  );
  if (looking.length === 0) return 'none';
  const discovers = looking.some(({ subnets }) => subnets.kind === 'discover');
  return discovers && config.featureGates.SubnetDiscoveryByReachability ? 'withRoutes' : 'all';
}

const typeOf = ({ type }: SubnetsIntent) => type ?? 'application';

function targetGroupNames(action: Action<TargetGroupRef>): readonly string[] {
  if (action.kind !== 'forward') return [];
  return action.targetGroups.flatMap(({ targetGroup }) =>
    targetGroup.kind === 'name' ? [targetGroup.name] : [],
  );
}

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
