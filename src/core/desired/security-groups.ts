// Security groups of the load balancer and where traffic towards nodes and pods comes from (albc-behaviour §6.2).

import type { CoreConfig } from '../domain/config.ts';
import {
  type DesiredSecurityGroup,
  type Known,
  type SecurityGroupRule,
  backendSecurityGroupId,
} from '../domain/desired-group.ts';
import type { SecurityGroupFact } from '../domain/facts.ts';
import { goSdkError } from '../domain/go-sdk-error.ts';
import type { GroupModel, ListenerIntent } from '../domain/group-model.ts';
import { type ResourceId, type SecurityGroupId, resourceId } from '../domain/ids.ts';
import type { ObservedGroup, ObservedSecurityGroup } from '../domain/observed-group.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import { holdsServed } from './held-settings.ts';
import { backendSecurityGroupName, managedSecurityGroupName } from './names.ts';
import { presentLoadBalancer } from './present.ts';
import { backendSecurityGroupTags, groupTags, managedSecurityGroupResource, resourceTag } from './tags.ts';

export type SecurityGroups = {
  /** In the order in which they are attached. */
  readonly attached: readonly Known<SecurityGroupId>[];
  readonly managed: DesiredSecurityGroup | undefined;
  /** What node and pod rules let in; undefined: no such rules are kept. */
  readonly source: Known<SecurityGroupId> | undefined;
  /** To be kept by the network loop; undefined when not needed or given by flag. */
  readonly backend: DesiredSecurityGroup | undefined;
};

type Input = {
  readonly model: GroupModel;
  readonly facts: readonly SecurityGroupFact[];
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
  readonly object: ObjectRef;
  /** Ids that other loops know, such as that of the shared backend group; absent: none. */
  readonly knownIds?: ReadonlyMap<ResourceId, string> | undefined;
};

/**
 * | security groups | attached | source |
 * | --- | --- | --- |
 * | managed | managed, shared backend | shared backend |
 * | managed, without the backend feature | managed | managed |
 * | given | given | none |
 * | given, rules managed | given, shared backend | shared backend |
 *
 * Problems: `SecurityGroupNotFound` and, for rule management without the shared group, `AnnotationConflict`.
 */
export function securityGroups(input: Input): Checked<SecurityGroups> {
  const { model, config } = input;
  const selection = model.loadBalancer.securityGroups;
  if (selection.kind === 'given') {
    const found = givenSecurityGroups(selection.idsOrNames, input);
    if (!selection.manageBackendRules) return { value: only(found.value), problems: found.problems };
    if (!config.enableBackendSecurityGroup) {
      return { value: only(found.value), problems: [...found.problems, backendDisabled(input.object)] };
    }
    return { value: { ...withBackend(found.value, config), managed: undefined }, problems: found.problems };
  }
  const kept = keptGroups(input);
  if (kept !== undefined) return { value: asBefore(kept, input), problems: [] };
  const managed = managedSecurityGroup(input);
  const own: Known<SecurityGroupId> = { ref: managed.id, attribute: 'id' };
  if (config.enableBackendSecurityGroup) {
    return { value: { ...withBackend([own], config), managed }, problems: [] };
  }
  // The node rules need its id before the group's plan has run, where it exists already.
  const value = { attached: [own], managed, source: presentManaged(input)?.id ?? own, backend: undefined };
  return { value, problems: [] };
}

const only = (attached: readonly Known<SecurityGroupId>[]): SecurityGroups => ({
  attached,
  managed: undefined,
  source: undefined,
  backend: undefined,
});

function withBackend(
  first: readonly Known<SecurityGroupId>[],
  config: CoreConfig,
): Omit<SecurityGroups, 'managed'> {
  // The id in the flag is the operator's word; it is never looked up.
  const given = config.backendSecurityGroup as SecurityGroupId | undefined;
  const source = given ?? ({ ref: backendSecurityGroupId, attribute: 'id' } as const);
  return { attached: [...first, source], source, backend: backendSecurityGroup(config) };
}

/** The shared backend security group as it must exist; undefined: the operator gave one. */
export function backendSecurityGroup(config: CoreConfig): DesiredSecurityGroup | undefined {
  if (config.backendSecurityGroup !== undefined) return undefined;
  return {
    id: backendSecurityGroupId,
    name: backendSecurityGroupName(config.clusterName),
    description: '[k8s] Shared Backend SecurityGroup for LoadBalancer',
    tags: backendSecurityGroupTags(config),
    ingress: [],
  };
}

function managedSecurityGroup(input: Input): DesiredSecurityGroup {
  const { model, config } = input;
  const { key, identity, loadBalancer, listeners } = model;
  const name = managedSecurityGroupName({ clusterName: config.clusterName, key, identity });
  const dualstack = loadBalancer.ipAddressType !== 'ipv4';
  const description = config.policy.clientRuleDescription;
  // What a port is open to may be a held member's word: it is not opened to all while nobody else says what to.
  const present = !holdsServed(model) ? [] : (presentManaged(input)?.ingress ?? []);
  const ingress = listeners
    .filter((listener) => !isOpen(listener) || !present.some(({ fromPort }) => fromPort === listener.port))
    .flatMap((listener) => listenerIngress(listener, { dualstack, description }));
  return {
    id: resourceId('security-group', name),
    name,
    description: '[k8s] Managed SecurityGroup for LoadBalancer',
    tags: groupTags({ config, key, resource: managedSecurityGroupResource, user: loadBalancer.tags }),
    ingress,
  };
}

/** The groups that a held member gave the load balancer stay on it while no other member names any; undefined: none did. */
function keptGroups(input: Input): readonly SecurityGroupId[] | undefined {
  const { model, observed } = input;
  if (!holdsServed(model) || presentManaged(input) !== undefined) return undefined;
  const existing = presentLoadBalancer(observed, model.loadBalancer.scheme);
  return existing?.securityGroups;
}

/** Where the shared backend group is among them, neighbours' new nodes and pods are opened to it as before. */
function asBefore(kept: readonly SecurityGroupId[], { config, knownIds }: Input): SecurityGroups {
  const { source, backend } = withBackend([], config);
  const id = typeof source === 'string' ? source : knownIds?.get(backendSecurityGroupId);
  return kept.some((group) => group === id) ? { ...only(kept), source, backend } : only(kept);
}

const isOpen = ({ inboundCidrs, prefixLists }: ListenerIntent): boolean =>
  inboundCidrs.includes('0.0.0.0/0') || inboundCidrs.length + prefixLists.length === 0;

function presentManaged({ observed }: Input): ObservedSecurityGroup | undefined {
  return observed.securityGroups.find(({ tags }) => tags[resourceTag] === managedSecurityGroupResource);
}

function listenerIngress(
  listener: ListenerIntent,
  { dualstack, description }: { readonly dualstack: boolean; readonly description: string },
): readonly SecurityGroupRule[] {
  const open = listener.inboundCidrs.length === 0 && listener.prefixLists.length === 0;
  const cidrs = open ? ['0.0.0.0/0', '::/0'] : [...new Set(listener.inboundCidrs)];
  const ipv4 = cidrs.filter((cidr) => !cidr.includes(':')).map((cidr) => ({ kind: 'ipv4', cidr }) as const);
  const ipv6 = cidrs.filter((cidr) => cidr.includes(':')).map((cidr) => ({ kind: 'ipv6', cidr }) as const);
  const lists = [...new Set(listener.prefixLists)].map((id) => ({ kind: 'prefixList', id }) as const);
  return [...ipv4, ...(dualstack ? ipv6 : []), ...lists].map((source) => ({
    protocol: 'tcp',
    fromPort: listener.port,
    toPort: listener.port,
    source,
    description,
  }));
}

/** By id first, then by Name tag, as ALBC attaches them; a name that several groups carry attaches all of them. */
export function givenSecurityGroups(
  idsOrNames: readonly string[],
  {
    facts,
    object,
    annotation = 'security-groups',
  }: Pick<Input, 'facts' | 'object'> & { readonly annotation?: string },
): Checked<readonly SecurityGroupId[]> {
  const wanted = [...new Set(idsOrNames)];
  const ids = wanted.filter((entry) => entry.startsWith('sg-'));
  const names = wanted.filter((entry) => !entry.startsWith('sg-'));
  const byId = facts
    .filter(({ id }) => ids.includes(id))
    .toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  const byName = names.flatMap((name) =>
    facts.filter(({ tags }) => tags['Name'] === name).toSorted(byIdOrder),
  );
  const missingIds = ids.filter((id) => !byId.some((group) => group.id === id));
  const missingNames = names.filter((name) => !byName.some(({ tags }) => tags['Name'] === name));
  const value = [...new Set([...byId, ...byName].map(({ id }) => id))];
  const missing = [...missingIds, ...missingNames];
  if (missing.length === 0) return { value, problems: [] };
  return { value, problems: [notFound({ missing, missingIds, names, missingNames, object, annotation })] };
}

const byIdOrder = (a: SecurityGroupFact, b: SecurityGroupFact): number => (a.id < b.id ? -1 : 1);

function notFound(input: {
  readonly missing: readonly string[];
  readonly missingIds: readonly string[];
  readonly names: readonly string[];
  readonly missingNames: readonly string[];
  readonly object: ObjectRef;
  readonly annotation: string;
}): Problem {
  const { missing, missingIds, names, missingNames, object, annotation } = input;
  const present = names.filter((name) => !missingNames.includes(name)).toSorted();
  const [missingId] = missingIds;
  const named = `requested names [${names.toSorted().join(', ')}] but found [${present.join(', ')}]`;
  return {
    kind: 'problem',
    code: 'SecurityGroupNotFound',
    severity: 'error',
    scope: 'group',
    object,
    path: `metadata.annotations[alb.ingress.kubernetes.io/${annotation}]`,
    message: `The VPC has no security group with the id or Name tag ${missing.map((entry) => `"${entry}"`).join(', ')}`,
    hint: 'Correct the entry; ids begin with sg-, anything else is the value of a Name tag',
    albcMessage: `couldn't find all security groups: ${missingId === undefined ? named : unknownId(missingId)}`,
  };
}

function unknownId(id: string): string {
  return goSdkError({
    action: 'ec2:DescribeSecurityGroups',
    code: 'InvalidGroup.NotFound',
    message: `The security group '${id}' does not exist`,
    requestId: undefined,
  });
}

function backendDisabled(object: ObjectRef): Problem {
  return {
    kind: 'problem',
    code: 'AnnotationConflict',
    severity: 'error',
    scope: 'group',
    object,
    path: 'metadata.annotations[alb.ingress.kubernetes.io/manage-backend-security-group-rules]',
    message:
      'manage-backend-security-group-rules needs the shared backend security group, which --enable-backend-security-group=false switches off',
    hint: 'Remove the annotation and open nodes and pods to the given security groups yourself, or switch the shared group on',
    albcMessage:
      'backendSG feature is required to manage worker node SG rules when frontendSG manually specified',
  };
}
