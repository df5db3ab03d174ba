// What all groups together need between load balancers and targets: the shared backend security group, and the rules on
// the security groups of nodes and pods (albc-behaviour §6.2, §6.3). It is its own plan because groups share those rules.

import type { CoreConfig } from '../domain/config.ts';
import {
  type DesiredSecurityGroup,
  type NetworkNeeds,
  type SecurityGroupRule,
  backendSecurityGroupId,
} from '../domain/desired-group.ts';
import {
  type GroupKey,
  type OperationId,
  type SecurityGroupId,
  groupKey,
  operationId,
} from '../domain/ids.ts';
import type { NetworkQuery, ObservedNetwork } from '../domain/network.ts';
import type { ObservedSecurityGroup } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import {
  type NetworkDrifted,
  type NetworkDriftInput,
  networkDrift,
  withDriftOfRules,
  withoutWithheld,
} from './network-drift.ts';
import { differs, missing, unwanted } from './because.ts';
import { type ResolvedNeeds, resolvedNeeds, sourceKey, wantedRules } from './network-openings.ts';
import { labelOf, type Revoke, sharedRuleOperations } from './network-rules.ts';
import { inOrder } from './order.ts';
import { tagChange } from './tags.ts';

type Input = {
  readonly needs: ReadonlyMap<GroupKey, NetworkNeeds>;
  readonly observed: ObservedNetwork;
  /** Whether `needs` holds every group of the cluster, each from a complete snapshot; if not, nothing is revoked or deleted. */
  readonly complete: boolean;
  readonly config: CoreConfig;
  /**
   * Whether nobody else keeps rules with our mark: no object of ALBC's own for its Ingresses, Services or Gateways is left
   * in the cluster.
   */
  readonly alone: boolean;
  /** Sources that were asked for earlier: what was opened to them is ours to close. */
  readonly earlierSources?: ReadonlySet<string>;
  /** `resolvedNeeds` of one need, for those who keep the answers. */
  readonly resolve?: (need: NetworkNeeds) => ResolvedNeeds;
  /** What is known of changes by hand; absent: nothing. */
  readonly drift?: NetworkDriftInput;
};

export type NetworkPlan = Plan & {
  readonly drifted: readonly NetworkDrifted[];
  /** Everything that is wanted, left away or not. */
  readonly rules: ReadonlyMap<SecurityGroupId, readonly SecurityGroupRule[]>;
};

/** Key of the network plan; parentheses cannot occur in a group's name. */
export const networkKey = groupKey('(network)');

/**
 * Grants first, revokes after them, and revokes only with proof (`complete`). While an endpoint's security group is not
 * known, only what a wider rule contains is revoked; so it is for sources that are `unclear`, for those that others rely on,
 * and, while a group has held members, for security groups.
 *
 * Problems (warnings): `SecurityGroupAmbiguous` and `TargetUnusable`, on the member whose target group asks.
 */
export function networkPlan(input: Input): NetworkPlan {
  const { observed, config, complete } = input;
  const needs = [...input.needs].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, need]) => need);
  const resolve = input.resolve ?? ((need) => resolvedNeeds(need, { observed, config }));
  const wanted = wantedRules(needs.map(resolve), { observed, config });
  const drifted = input.drift
    ? networkDrift(wanted.rules, observed, { ...input.drift, needs: input.needs, resolve })
    : [];
  const applied = withoutWithheld(wanted.rules, drifted);
  const isWhole = complete && wanted.whole;
  const proven = isWhole && needs.every(({ partial }) => !partial);
  const backend = needs.find(
    ({ backendSecurityGroup }) => backendSecurityGroup !== undefined,
  )?.backendSecurityGroup;
  const create =
    backend === undefined ? [] : backendOperations(backend, observed.backendSecurityGroup, config);
  const sources = ownSources(needs, input);
  const { others = new Set() } = observed;
  const unclear = new Set([...others, ...needs.flatMap((need) => (need.unclear ?? []).map(sourceKey))]);
  const revoke = (source: SecurityGroupRule['source']): Revoke => {
    if (!complete) return 'none';
    const isProven = isAddresses(source) ? isWhole : proven;
    return isProven && !unclear.has(labelOf(source)) ? 'all' : 'covered';
  };
  const asked = [...applied.keys(), ...wanted.passing.keys()];
  const ids = [...new Set([...observed.securityGroups.keys(), ...asked])].toSorted();
  const rules = ids.flatMap((id) =>
    sharedRuleOperations({
      id,
      wanted: applied.get(id) ?? [],
      passing: wanted.passing.get(id) ?? [],
      found: observed.securityGroups.get(id)?.ingress ?? [],
      sources: isOnlyOurs(observed.securityGroups.get(id), input) ? 'every' : sources,
      revoke,
      afterCreate: create.map((operation) => operation.id),
    }),
  );
  const revokes = rules.filter(({ kind }) => kind === 'revokeIngress').map(({ id }) => id);
  const remove = backend === undefined && proven ? deletion(input, revokes) : [];
  return {
    key: networkKey,
    operations: inOrder([...create, ...withDriftOfRules(rules, drifted), ...remove]),
    held: [],
    problems: wanted.problems,
    foreign: [],
    drift: drifted.map(({ drift }) => drift),
    drifted,
    rules: wanted.rules,
  };
}

/** What must be looked up in AWS for these needs. */
export function networkQuery(needs: ReadonlyMap<GroupKey, NetworkNeeds>): NetworkQuery {
  const openings = [...needs.values()].flatMap((need) => need.openings);
  const endpoints = (type: 'instance' | 'ip'): readonly string[] =>
    [
      ...new Set(
        openings.filter(({ targetType }) => targetType === type).flatMap((opening) => opening.endpoints),
      ),
    ].toSorted();
  const nodeAddresses = [...new Set(openings.flatMap((opening) => opening.nodeAddresses ?? []))].toSorted();
  return {
    instanceIds: endpoints('instance'),
    podAddresses: endpoints('ip'),
    ...(nodeAddresses.length === 0 ? {} : { nodeAddresses }),
  };
}

/** Only bindings ask for these, and each says itself what it is not sure of: what groups have open are security groups. */
const isAddresses = ({ kind }: SecurityGroupRule['source']): boolean => kind === 'ipv4' || kind === 'ipv6';

/**
 * Whether every rule with our mark on this group was made for something of this cluster, so that what nobody wants is left
 * over. ALBC takes that for granted; the tag says so for certain only where it is `owned`.
 */
function isOnlyOurs(group: ObservedSecurityGroup | undefined, { alone, config }: Input): boolean {
  const isOwned = group?.tags[`kubernetes.io/cluster/${config.clusterName}`] === 'owned';
  return alone && (isOwned || config.policy.compatibility === 'albc');
}

/** Every security group whose access to targets is ours to keep: the shared one, the groups' own, those that are asked for. */
function ownSources(
  needs: readonly NetworkNeeds[],
  { observed, config, earlierSources = new Set() }: Input,
): ReadonlySet<string> {
  const shared = [observed.backendSecurityGroup?.id, config.backendSecurityGroup].filter(
    (id) => id !== undefined,
  );
  const asked = needs.flatMap(({ openings }) => openings.map(({ source }) => sourceKey(source)));
  return new Set([
    ...shared,
    ...asked,
    ...earlierSources,
    ...needs.flatMap((need) => need.ownSources.map(sourceKey)),
  ]);
}

function backendOperations(
  wanted: DesiredSecurityGroup,
  found: ObservedSecurityGroup | undefined,
  config: CoreConfig,
): readonly Operation[] {
  const { id: subject, name, description, tags } = wanted;
  if (found === undefined) {
    const because = missing('security group that lets load balancers reach nodes and pods');
    const id = operationId('createSecurityGroup', subject);
    return [{ kind: 'createSecurityGroup', id, subject, because, dependsOn: [], name, description, tags }];
  }
  const change = tagChange(tags, found.tags, { config, previous: undefined });
  if (change === undefined) return [];
  return [
    {
      kind: 'setSecurityGroupTags',
      id: operationId('setSecurityGroupTags', subject),
      subject,
      because: differs(change.changes, false),
      dependsOn: [],
      securityGroup: found.id,
      add: change.add,
      remove: change.remove,
    },
  ];
}

/** Only a group that our tags name, and never one that the operator gave. */
function deletion({ observed, config }: Input, after: readonly OperationId[]): readonly Operation[] {
  const found = observed.backendSecurityGroup;
  if (found === undefined || found.id === config.backendSecurityGroup || !isBackendOf(found, config))
    return [];
  if (observed.others?.has(found.id) === true) return [];
  return [
    {
      kind: 'deleteSecurityGroup',
      id: operationId('deleteSecurityGroup', backendSecurityGroupId),
      subject: backendSecurityGroupId,
      because: unwanted('no load balancer uses the shared backend security group'),
      dependsOn: after,
      securityGroup: found.id,
    },
  ];
}

function isBackendOf({ tags }: ObservedSecurityGroup, { clusterName }: CoreConfig): boolean {
  return tags['elbv2.k8s.aws/cluster'] === clusterName && tags['elbv2.k8s.aws/resource'] === 'backend-sg';
}
