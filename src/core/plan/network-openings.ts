// From "these endpoints must be reachable on these ports from that group" to rules on the endpoints' security groups.

import type { CoreConfig } from '../domain/config.ts';
import {
  type NetworkNeeds,
  type NetworkOpening,
  type OpeningSource,
  type SecurityGroupRule,
  backendSecurityGroupId,
} from '../domain/desired-group.ts';
import type { SecurityGroupFact } from '../domain/facts.ts';
import type { ResourceId, SecurityGroupId } from '../domain/ids.ts';
import { type ObservedNetwork, sharedRuleDescription } from '../domain/network.ts';
import type { Problem } from '../domain/problem.ts';
import { nameOf } from './because.ts';

export type WantedRules = {
  readonly rules: ReadonlyMap<SecurityGroupId, readonly SecurityGroupRule[]>;
  /** What has to be open for a while yet, whichever rule it is that holds it. */
  readonly passing: ReadonlyMap<SecurityGroupId, readonly SecurityGroupRule[]>;
  /** False: some endpoint's security group is not known, so the list may lack rules. */
  readonly whole: boolean;
  readonly problems: readonly Problem[];
};

type Context = { readonly observed: ObservedNetwork; readonly config: CoreConfig };
/** The groups on an interface, and the one to open. */
type Interface = {
  readonly groups: readonly SecurityGroupFact[];
  readonly chosen: SecurityGroupFact | undefined;
};
/** By endpoint: many target groups share nodes. */
type Interfaces = ReadonlyMap<string, Interface>;

/** What one need comes to with the interfaces that are known; the same for as long as these are. */
export type ResolvedNeeds = {
  readonly grants: readonly Grant[];
  readonly whole: boolean;
  readonly problems: readonly Problem[];
};

type Grant = {
  readonly group: SecurityGroupId;
  readonly protocol: 'tcp' | 'udp';
  readonly from: number;
  readonly to: number;
  readonly source: OpeningSource;
  readonly passing?: true | undefined;
};

/** Finds the security groups in front of the endpoints of one group or binding. */
export function resolvedNeeds({ openings }: NetworkNeeds, context: Context): ResolvedNeeds {
  const { config } = context;
  const interfaces = interfacesOf(openings, context);
  const results = openings.map((opening) => ({ opening, ...groupsOf(opening, interfaces, config) }));
  // ALBC opens none of a target group's endpoints while one of them has no group that it can tell.
  const isOpened = ({ whole }: Found): boolean => whole || config.policy.unreachableNodes === 'register';
  return {
    grants: results.filter(isOpened).flatMap(({ opening, groups }) =>
      groups.map((group) => ({
        group,
        source: opening.source,
        passing: opening.passing,
        ...rangeOf(opening, config),
      })),
    ),
    whole: results.every((result) => result.whole),
    problems: onePerText(results.flatMap((result) => result.problems)),
  };
}

/** Target groups on nodes of which some have no security group to open. */
export function unreachableOnNodes(
  needs: readonly NetworkNeeds[],
  context: Context,
): ReadonlySet<ResourceId> {
  const unreachable = needs
    .flatMap(({ openings }) => openings)
    .filter(
      (opening) =>
        opening.targetType === 'instance' &&
        !groupsOf(opening, interfacesOf([opening], context), context.config).whole,
    );
  return new Set(unreachable.map(({ targetGroup }) => targetGroup));
}

function interfacesOf(openings: readonly NetworkOpening[], { observed, config }: Context): Interfaces {
  const interfaces = new Map<string, Interface>();
  for (const endpoint of new Set(openings.flatMap((opening) => opening.endpoints))) {
    const groups = observed.endpointGroups.get(endpoint);
    if (groups !== undefined) interfaces.set(endpoint, { groups, chosen: chosenGroup(groups, config) });
  }
  return interfaces;
}

/** `stated` ranges stand for themselves; the flag concerns those that the controller works out. */
function rangeOf(
  { ports, stated }: NetworkOpening,
  { disableRestrictedSgRules }: CoreConfig,
): Pick<Grant, 'protocol' | 'from' | 'to'> {
  if (stated !== undefined) return stated;
  const [from, to] = disableRestrictedSgRules ? [0, 65_535] : [Math.min(...ports), Math.max(...ports)];
  return { protocol: 'tcp', from, to };
}

/**
 * For each security group one rule for each other group as its source, from the lowest to the highest port that anybody
 * needs there (a rule per port would break the quota of 60 rules); with `--disable-restricted-sg-rules` and for addresses
 * each range that is asked for.
 *
 * What is only to stay open for a while does not widen a rule: where ports change, those between the old and the new ones
 * stay shut, and nothing has to be narrowed afterwards.
 *
 * A source that does not exist yet (a managed group before the group's plan) gives no rule now.
 */
export function wantedRules(needs: readonly ResolvedNeeds[], { observed, config }: Context): WantedRules {
  const grants = needs.flatMap((need) =>
    need.grants.flatMap((grant) => {
      const source = resolvedSource(grant.source, observed);
      return source === undefined ? [] : [{ ...grant, source }];
    }),
  );
  const byGroup = (isPassing: boolean): readonly (readonly [SecurityGroupId, readonly Grant[]])[] => {
    const list = grants.filter(({ passing }) => (passing === true) === isPassing);
    return [...Map.groupBy(list, ({ group }) => group)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  };
  return {
    rules: new Map(byGroup(false).map(([group, list]) => [group, rulesOf(list, config)] as const)),
    passing: new Map(byGroup(true).map(([group, list]) => [group, distinctRules(list)] as const)),
    whole: needs.every(({ whole }) => whole),
    problems: onePerText(needs.flatMap(({ problems }) => problems)),
  };
}

function rulesOf(grants: readonly Grant[], config: CoreConfig): readonly SecurityGroupRule[] {
  const bySource = [...Map.groupBy(grants, ({ protocol, source }) => `${sourceKey(source)} ${protocol}`)];
  return bySource
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, list]) => {
      const [first] = list;
      if (first === undefined) return [];
      const { protocol, source } = first;
      const isSpan = ruleSource(source).kind === 'securityGroup' && !config.disableRestrictedSgRules;
      if (!isSpan) return distinctRules(list);
      const from = Math.min(...list.map((grant) => grant.from));
      return [ruleOf({ protocol, source, from, to: Math.max(...list.map(({ to }) => to)) })];
    });
}

const ruleOf = ({ protocol, source, from, to }: Omit<Grant, 'group'>): SecurityGroupRule => ({
  protocol,
  fromPort: from,
  toPort: to,
  source: ruleSource(source),
  description: sharedRuleDescription,
});

function distinctRules(grants: readonly Grant[]): readonly SecurityGroupRule[] {
  const sorted = grants.toSorted((a, b) => a.from - b.from || a.to - b.to);
  const keyOf = ({ protocol, source, from, to }: Grant): string =>
    `${protocol} ${sourceKey(source)} ${from}-${to}`;
  return [...new Map(sorted.map((grant) => [keyOf(grant), ruleOf(grant)])).values()];
}

function ruleSource(source: OpeningSource): SecurityGroupRule['source'] {
  if (typeof source === 'string' || 'ref' in source) return { kind: 'securityGroup', id: source };
  return { kind: source.cidr.includes(':') ? 'ipv6' : 'ipv4', cidr: source.cidr };
}

/** Names a source in comparisons: its address range, its id, or the resource that will have one. */
export function sourceKey(source: OpeningSource): string {
  if (typeof source === 'string') return source;
  return 'cidr' in source ? source.cidr : source.ref;
}

function resolvedSource(source: OpeningSource, observed: ObservedNetwork): OpeningSource | undefined {
  if (typeof source === 'string' || 'cidr' in source) return source;
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
    path: object.kind === 'Ingress' ? 'spec.rules' : 'spec.networking',
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
    path: object.kind === 'Ingress' ? 'spec.rules' : 'spec.networking',
    message: `${nameOf(object)}: no network interface is found for ${what} ${endpoints.slice(0, 3).join(', ')}${rest}, so no security group can be opened for it`,
    hint: 'It may just have gone; otherwise open its ports to the load balancer yourself',
  };
}

/** Target groups of one Ingress share nodes, and would repeat each other. */
function onePerText(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
