// What a group needs of the network now: by its plan, and while something of it that nobody wants any more may still get
// traffic.

import { withoutStrangers } from '../core/domain/adoption.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import {
  backendSecurityGroupId,
  type DesiredGroup,
  type NetworkNeeds,
  type NetworkOpening,
  type OpeningSource,
} from '../core/domain/desired-group.ts';
import type { Facts } from '../core/domain/facts.ts';
import { type ResourceId, resourceId, type SecurityGroupId } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { isOfLoadBalancer } from '../core/plan/frontend-targets.ts';
import { unknownNeeds } from '../core/desired/network-needs.ts';
import { backendSecurityGroup } from '../core/desired/security-groups.ts';
import { targetGroupId } from '../core/desired/target-groups.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { desiredTargets } from '../core/targets/select.ts';
import { reachable } from '../core/targets/selection.ts';
import type { Memory } from './memory.ts';
import type { ClusterPort } from './ports.ts';
import { openingFor } from './targets-loop.ts';

type Input = {
  readonly planned: GroupPlan;
  readonly facts: Facts;
  /** The one that the plan was made from. */
  readonly snapshot: Snapshot;
  readonly observed: ObservedGroup;
  readonly needsBefore: NetworkNeeds | undefined;
};

type Context = {
  readonly cluster: Pick<ClusterPort, 'snapshot'>;
  readonly config: CoreConfig;
  readonly network: { readonly knownIds: () => ReadonlyMap<ResourceId, string> };
  readonly memory: Pick<Memory, 'group'>;
};

/** Where nothing may be written and nothing is there that serves, nothing is opened for the group, and nothing closed either. */
export function needsNow(input: Input, context: Context): NetworkNeeds {
  const { standstill } = input.planned.plan;
  const { loadBalancers } = withoutStrangers(input.observed, undefined);
  const isShut = standstill !== undefined && loadBalancers.length === 0;
  return isShut ? unknownNeeds : presentNeeds(input, context);
}

/**
 * What the group needs of the network: by its plan, by what is still there of others, and towards the targets of now. The
 * plan may be minutes old when it is done, and the targets loop has gone on meanwhile.
 */
function presentNeeds(
  { planned: { model, desired }, facts, snapshot, observed, needsBefore }: Input,
  { cluster, config, network, memory }: Context,
): NetworkNeeds {
  const own = needsOf(desired, observed);
  const { observedAt, settledAt } = memory.group(model.key);
  const isUnseen = model.held.length > 0 && observedAt < settledAt;
  const left = stillNeeded({ ...own, partial: own.partial || isUnseen }, needsBefore, { desired, observed });
  const around = { desired, observed, config, knownIds: network.knownIds() };
  const needs = stillAttached(left, needsBefore, around);
  const present = cluster.snapshot();
  if (present === snapshot) return needs;
  const intents = new Map(
    model.targetGroups.map((intent) => [targetGroupId(config.clusterName, model.key, intent), intent]),
  );
  return {
    ...needs,
    openings: needs.openings.map((opening) => {
      const intent = intents.get(opening.targetGroup);
      if (intent === undefined) return opening;
      const selection = desiredTargets(intent, present, { vpc: facts.vpc, config });
      return openingFor(opening, reachable(selection));
    }),
  };
}

/** Needs with the ids of the group's own security groups filled in, where AWS has given them. */
function needsOf({ network, securityGroups }: DesiredGroup, observed: ObservedGroup): NetworkNeeds {
  const idByName = new Map(observed.securityGroups.map(({ name, id }) => [name, id]));
  const idOf = new Map(securityGroups.map(({ id, name }) => [id, idByName.get(name)]));
  return {
    ...network,
    openings: network.openings.map((opening) => {
      const { source } = opening;
      const known: SecurityGroupId | undefined =
        typeof source === 'object' && 'ref' in source ? idOf.get(source.ref) : undefined;
      return known === undefined ? opening : { ...opening, source: known };
    }),
  };
}

/**
 * The needs together with those of target groups that are still there, though not wanted: until they are gone, requests
 * may reach them, be it because traffic moves only when their successors are healthy or because AWS refuses to delete.
 * Where nobody remembers what such a target group needs, nothing is revoked (`partial`).
 */
function stillNeeded(
  needs: NetworkNeeds,
  before: NetworkNeeds | undefined,
  { desired, observed }: { readonly desired: DesiredGroup; readonly observed: ObservedGroup },
): NetworkNeeds {
  const isHeld = desired.model.held.length > 0;
  // Not those of `needs`: a wanted target group without targets needs nothing opened.
  const wanted = new Set(desired.targetGroups.map(({ id }) => id));
  const left = new Set(
    observed.targetGroups
      .filter((group) => !isOfLoadBalancer(group))
      .map(({ name }) => resourceId('target-group', name))
      .filter((id) => !wanted.has(id)),
  );
  if (left.size === 0) return needs;
  const kept = (before?.openings ?? []).filter(({ targetGroup }) => left.has(targetGroup));
  const known = new Set(kept.map(({ targetGroup }) => targetGroup));
  return {
    ...needs,
    backendSecurityGroup: needs.backendSecurityGroup ?? before?.backendSecurityGroup,
    openings: [...needs.openings, ...(isHeld ? kept : kept.map(asPassing))],
    partial: needs.partial || [...left].some((id) => !known.has(id)),
    ownSources: [...new Set([...needs.ownSources, ...(before?.ownSources ?? [])])],
  };
}

/** What only waits for its deletion; what a held member has may stay for good. */
const asPassing = (opening: NetworkOpening): NetworkOpening => ({ ...opening, passing: true });

/**
 * The needs together with what the load balancer's security groups had that are no longer wanted on it: as long as they are
 * attached, be it because AWS refuses SetSecurityGroups, its requests come from them. Where nobody remembers what they
 * need, nothing is revoked (`partial`).
 */
function stillAttached(
  needs: NetworkNeeds,
  before: NetworkNeeds | undefined,
  {
    desired,
    observed,
    config,
    knownIds,
  }: {
    readonly desired: DesiredGroup;
    readonly observed: ObservedGroup;
    readonly config: CoreConfig;
    readonly knownIds: ReadonlyMap<ResourceId, string>;
  },
): NetworkNeeds {
  const idByName = new Map(observed.securityGroups.map(({ name, id }) => [name, id]));
  const ids = new Map<ResourceId, string | undefined>([
    ...knownIds,
    ...desired.securityGroups.map(({ id, name }) => [id, idByName.get(name)] as const),
  ]);
  const idOf = (source: OpeningSource): string | undefined => {
    if (typeof source === 'string') return source;
    return 'ref' in source ? ids.get(source.ref) : source.cidr;
  };
  const wanted = new Set(desired.loadBalancer?.securityGroups.map(idOf));
  const attached = new Set(
    observed.loadBalancers
      .filter(({ type }) => type === 'application')
      .flatMap((balancer) => balancer.securityGroups),
  );
  const unwanted = new Set<string | undefined>([...attached].filter((id) => !wanted.has(id)));
  const isShared = unwanted.has(knownIds.get(backendSecurityGroupId));
  const shared = isShared ? (before?.backendSecurityGroup ?? backendSecurityGroup(config)) : undefined;
  const backend = needs.backendSecurityGroup ?? shared;
  // Nothing is wanted: the load balancer is a held member's, or on its way out.
  if (desired.loadBalancer === undefined) return { ...needs, backendSecurityGroup: backend };
  if (unwanted.size === 0) return needs;
  const targetGroups = new Set(observed.targetGroups.map(({ name }) => resourceId('target-group', name)));
  const kept = (before?.openings ?? []).filter(
    ({ source, targetGroup }) => unwanted.has(idOf(source)) && targetGroups.has(targetGroup),
  );
  const remembered = new Set(kept.map(({ source }) => idOf(source)));
  return {
    ...needs,
    backendSecurityGroup: backend,
    openings: [...needs.openings, ...kept.filter((opening) => !needs.openings.includes(opening))],
    partial: needs.partial || [...unwanted].some((id) => !remembered.has(id)),
  };
}
