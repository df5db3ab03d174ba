import type { CoreConfig } from '../domain/config.ts';
import { modeOf, modesFor } from '../domain/drift.ts';
import type { DesiredTargetGroup, NetworkNeeds, NetworkOpening } from '../domain/desired-group.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { DesiredTarget } from '../domain/target.ts';
import type { SecurityGroups } from './security-groups.ts';

/**
 * The ports that nodes and pods must open for this group (albc-behaviour §6.3): those the targets are registered with,
 * the health check's and the target control port. Nothing when security groups were given without rule management.
 *
 * Targets outside the VPC (zone `all`) have no network interface, hence no security group that we could open.
 */
export function networkNeeds(input: {
  readonly targetGroups: readonly DesiredTargetGroup[];
  readonly securityGroups: SecurityGroups;
  readonly model: GroupModel;
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
}): NetworkNeeds {
  const { targetGroups, securityGroups, model, observed } = input;
  const { source, backend } = securityGroups;
  const openings = source === undefined ? [] : targetGroups.flatMap((group) => opening(group, source));
  return { ...noNeeds(model, observed, input.config), backendSecurityGroup: backend, openings };
}

/** What a group needs that AWS has and the cluster knows nothing of. */
export const unknownNeeds: NetworkNeeds = {
  backendSecurityGroup: undefined,
  openings: [],
  partial: true,
  ownSources: [],
};

/**
 * A group without members opens nothing; what a held member had open is not known, so nothing may be closed either, unless
 * the group has no target group at all.
 */
export function noNeeds(model: GroupModel, observed: ObservedGroup, config: CoreConfig): NetworkNeeds {
  const { policy } = config;
  const drift = modeOf('targetSecurityGroup.ingress', modesFor(model, config));
  return {
    ...(drift === 'repair' ? {} : { drift }),
    backendSecurityGroup: undefined,
    openings: [],
    // A group that is held whole keeps its target groups, and with them what is remembered of their needs.
    partial:
      model.held.length > 0 && policy.memberErrors === 'quarantine' && observed.targetGroups.length > 0,
    ownSources: observed.securityGroups.map(({ id }) => id).toSorted(),
  };
}

/** Those of the nodes of these targets, where they matter. */
export function nodeAddresses(targets: readonly DesiredTarget[]): Pick<NetworkOpening, 'nodeAddresses'> {
  const found = new Set(targets.flatMap(({ nodeAddress }) => nodeAddress ?? []));
  return found.size === 0 ? {} : { nodeAddresses: [...found].toSorted() };
}

function opening(group: DesiredTargetGroup, source: NetworkOpening['source']): readonly NetworkOpening[] {
  const inside = [...group.targets, ...(group.alsoReachable ?? [])].filter(
    ({ availabilityZone }) => availabilityZone !== 'all',
  );
  if (inside.length === 0) return [];
  const healthCheck = group.healthCheck.port === 'traffic-port' ? [] : [Number(group.healthCheck.port)];
  const control = group.targetControlPort === undefined ? [] : [group.targetControlPort];
  const ports = [...new Set([...inside.map(({ port }) => port), ...healthCheck, ...control])];
  return [
    {
      targetType: group.targetType,
      endpoints: [...new Set(inside.map(({ id }) => id))].toSorted(),
      ...nodeAddresses(inside),
      ports: ports.toSorted((a, b) => a - b),
      source,
      targetGroup: group.id,
      object: group.member,
    },
  ];
}
