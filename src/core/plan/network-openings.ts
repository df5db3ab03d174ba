// From "these endpoints must be reachable on these ports from that group" to rules on the endpoints' security groups.

import type { CoreConfig } from '../domain/config.ts';
import {
  type Known,
  type NetworkNeeds,
  type NetworkOpening,
  type SecurityGroupRule,
  backendSecurityGroupId,
} from '../domain/desired-group.ts';
import type { SecurityGroupFact } from '../domain/facts.ts';
import type { ResourceId, SecurityGroupId } from '../domain/ids.ts';
import { type ObservedNetwork, sharedRuleDescription } from '../domain/network.ts';
import type { Problem } from '../domain/problem.ts';
import { nameOf } from './because.ts';

export type WantedRules = {
  /** At most one rule for each source. */
  readonly rules: ReadonlyMap<SecurityGroupId, readonly SecurityGroupRule[]>;
  /** False: some endpoint's security group is not known, so the list may lack rules. */
  readonly whole: boolean;
  readonly problems: readonly Problem[];
};

type Context = { readonly observed: ObservedNetwork; readonly config: CoreConfig };
/** By endpoint, since many target groups share nodes: the groups on its interface, and the one to open. */
type Interfaces = ReadonlyMap<
  string,
  { readonly groups: readonly SecurityGroupFact[]; readonly chosen: SecurityGroupFact | undefined }
>;

/**
 * One rule for each pair of security group and source, from the lowest to the highest port that any target group needs
 * there (a rule per port would break the quota of 60 rules), or all TCP ports with `--disable-restricted-sg-rules`.
 *
 * A source that does not exist yet (a managed group before the group's plan) gives no rule now.
 */
export function wantedRules(needs: readonly NetworkNeeds[], context: Context): WantedRules {
  const openings = needs.flatMap((need) => need.openings);
  const interfaces = interfacesOf(context);
  const results = openings.map((opening) => ({ opening, ...groupsOf(opening, interfaces, context.config) }));
  const grants = results.flatMap(({ opening, groups }) => {
    const source = resolvedSource(opening.source, context.observed);
    return source === undefined ? [] : groups.map((group) => ({ group, source, ports: opening.ports }));
  });
  const byGroup = Map.groupBy(grants, ({ group }) => group);
  const sorted = [...byGroup].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rules = sorted.map(([group, list]) => [group, spans(list, context.config)] as const);
  return {
    rules: new Map(rules),
    whole: results.every((result) => result.whole),
    problems: onePerText(results.flatMap((result) => result.problems)),
  };
}

/** Target groups on nodes of which some have no security group to open. */
export function unreachableOnNodes(
  needs: readonly NetworkNeeds[],
  { observed, config }: Context,
): ReadonlySet<ResourceId> {
  const interfaces = interfacesOf({ observed, config });
  const onNodes = needs.flatMap(({ openings }) => openings).filter((each) => each.targetType === 'instance');
  const unreachable = onNodes.filter((opening) => !groupsOf(opening, interfaces, config).whole);
  return new Set(unreachable.map(({ targetGroup }) => targetGroup));
}

function interfacesOf({ observed, config }: Context): Interfaces {
  return new Map(
    [...observed.endpointGroups].map(([endpoint, groups]) => [
      endpoint,
      { groups, chosen: chosenGroup(groups, config) },
    ]),
  );
}

type Grant = { readonly source: Known<SecurityGroupId>; readonly ports: readonly number[] };

function spans(grants: readonly Grant[], config: CoreConfig): readonly SecurityGroupRule[] {
  const bySource = [...Map.groupBy(grants, ({ source }) => sourceKey(source))];
  return bySource
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return [];
      const ports = [first, ...others].flatMap((grant) => grant.ports);
      const [fromPort, toPort] = config.disableRestrictedSgRules ? [0, 65_535] : extremes(ports);
      const source = { kind: 'securityGroup', id: first.source } as const;
      return [{ protocol: 'tcp', fromPort, toPort, source, description: sharedRuleDescription }];
    });
}

function extremes(ports: readonly number[]): readonly [number, number] {
  return [Math.min(...ports), Math.max(...ports)];
}

/** Names a source in comparisons: its id, or the resource that will have one. */
export function sourceKey(source: Known<SecurityGroupId>): string {
  return typeof source === 'string' ? source : source.ref;
}

function resolvedSource(
  source: Known<SecurityGroupId>,
  observed: ObservedNetwork,
): Known<SecurityGroupId> | undefined {
  if (typeof source === 'string') return source;
  return source.ref === backendSecurityGroupId ? (observed.backendSecurityGroup?.id ?? source) : undefined;
}

type Found = {
  readonly groups: readonly SecurityGroupId[];
  readonly whole: boolean;
  readonly problems: readonly Problem[];
};

function groupsOf(opening: NetworkOpening, interfaces: Interfaces, config: CoreConfig): Found {
  const found = opening.endpoints.map((endpoint) => ({ endpoint, at: interfaces.get(endpoint) }));
  const unresolved = found.filter(({ at }) => at === undefined).map(({ endpoint }) => endpoint);
  const unclear = found.flatMap(({ endpoint, at }) =>
    at !== undefined && at.chosen === undefined ? [{ endpoint, groups: at.groups }] : [],
  );
  return {
    groups: [...new Set(found.flatMap(({ at }) => (at?.chosen === undefined ? [] : [at.chosen.id])))],
    whole: unresolved.length === 0 && unclear.length === 0,
    problems: [
      ...unclear.map((where) => ambiguous(opening, { ...where, config })),
      ...(unresolved.length === 0 ? [] : [withoutInterface(opening, unresolved)]),
    ],
  };
}

/** The only group on the interface; of several the only one that carries the cluster's tag and those of the flag. */
function chosenGroup(
  groups: readonly SecurityGroupFact[],
  config: CoreConfig,
): SecurityGroupFact | undefined {
  const tagged = groups.length === 1 ? groups : groups.filter(isTagged(config));
  return tagged.length === 1 ? tagged[0] : undefined;
}

function isTagged(config: CoreConfig): (group: SecurityGroupFact) => boolean {
  const required = Object.entries(config.serviceTargetEniSecurityGroupTags);
  return ({ tags }) => clusterTag(config) in tags && required.every(([key, value]) => tags[key] === value);
}

const clusterTag = ({ clusterName }: CoreConfig): string => `kubernetes.io/cluster/${clusterName}`;

function ambiguous(
  { object, targetType }: NetworkOpening,
  input: {
    readonly endpoint: string;
    readonly groups: readonly SecurityGroupFact[];
    readonly config: CoreConfig;
  },
): Problem {
  const { endpoint, groups, config } = input;
  const flagTags = Object.entries(config.serviceTargetEniSecurityGroupTags).map(
    ([key, value]) => `${key}=${value}`,
  );
  const tags = [clusterTag(config), ...flagTags].join(', ');
  const tagged = groups.filter(isTagged(config)).length;
  const labels = groups.map(({ id, name }) => (name === '' ? id : `${id} (${name})`)).toSorted();
  const where =
    targetType === 'instance' ? `instance ${endpoint}` : `the interface of pod address ${endpoint}`;
  return {
    kind: 'problem',
    code: 'SecurityGroupAmbiguous',
    severity: 'warning',
    scope: 'member',
    object,
    path: 'spec.rules',
    message: `${nameOf(object)}: ${where} has ${groups.length} security groups, ${labels.join(', ')}, and ${tagged} of them carry the tags ${tags}; exactly one must, so that its rules can let the load balancer in`,
    hint: `Tag exactly one of them with ${tags}`,
  };
}

function withoutInterface({ object, targetType }: NetworkOpening, endpoints: readonly string[]): Problem {
  const rest = endpoints.length > 3 ? ` and ${endpoints.length - 3} more` : '';
  const what = targetType === 'instance' ? 'instance' : 'pod address';
  return {
    kind: 'problem',
    code: 'TargetUnusable',
    severity: 'warning',
    scope: 'member',
    object,
    path: 'spec.rules',
    message: `${nameOf(object)}: no network interface is found for ${what} ${endpoints.slice(0, 3).join(', ')}${rest}, so no security group can be opened for it`,
    hint: 'It may just have gone; otherwise open its ports to the load balancer yourself',
  };
}

/** Target groups of one Ingress share nodes, and would repeat each other. */
function onePerText(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
