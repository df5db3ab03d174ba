// What a TargetGroupBinding asks for: targets of one Service port in a target group of somebody else's (albc-behaviour §7).

import type { Service, ServicePort, TargetGroupBinding } from '../domain/cluster.ts';
import type { CoreConfig, Policy } from '../domain/config.ts';
import type { TargetGroupFact } from '../domain/facts.ts';
import { goSdkError } from '../domain/go-sdk-error.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { type GroupKey, groupKey, type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { misfits, notRoutable, textOf, type WrongBinding } from './binding-misfits.ts';
import { findPort, portText } from './target-group.ts';

/** ALBC's; both controllers keep a binding until its targets are out. */
export const bindingFinalizer = 'elbv2.k8s.aws/resources';

const keyStart = '(binding) ';

/** Key of a binding beside the keys of groups; parentheses cannot occur in a group's name. */
export function bindingKey({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): GroupKey {
  return groupKey(`${keyStart}${namespacedName(namespace, name)}`);
}

/** The binding that a key stands for; undefined for the key of a group. */
export function bindingIdOf(key: GroupKey): NamespacedName | undefined {
  return key.startsWith(keyStart) ? (key.slice(keyStart.length) as NamespacedName) : undefined;
}

/** Labels by which ALBC finds the objects that it keeps for Ingresses, Services and Gateways (albc-behaviour §5.4). */
const stackLabel = /^(?:ingress|service|gateway)\.k8s\.aws[^/]*\/stack/;

/** Whether a user wrote it. The others are ALBC's own bookkeeping, and serve nobody else. */
export function isWrittenByUser({ meta }: TargetGroupBinding): boolean {
  return !Object.keys(meta.labels).some((label) => stackLabel.test(label));
}

/** Where ALBC writes down what it has last brought about for a binding (albc-behaviour §7.6). */
export const checkpoints = ['elbv2.k8s.aws/checkpoint', 'elbv2.k8s.aws/checkpoint-timestamp'] as const;

/** Whether ALBC has served it. */
export const hasCheckpoint = ({ meta }: TargetGroupBinding): boolean =>
  checkpoints.some((name) => name in meta.annotations);

/** Whether ALBC serves it beside us: two controllers would take each other's targets out. */
export const isLeftToAlbc = (binding: TargetGroupBinding, { bindingsOfAlbc }: Policy): boolean =>
  bindingsOfAlbc === 'leave' && hasCheckpoint(binding);

/** The group of Ingresses that ALBC keeps this object for. */
export function groupOfBinding({ meta: { labels } }: TargetGroupBinding): GroupKey | undefined {
  const group = labels['ingress.k8s.aws/stack'];
  const [namespace, name] = [labels['ingress.k8s.aws/stack-namespace'], labels['ingress.k8s.aws/stack-name']];
  if (group !== undefined) return groupKey(group);
  return namespace === undefined || name === undefined ? undefined : groupKey(`${namespace}/${name}`);
}

/** Keys of the bindings that users wrote. */
export function bindingKeys({ targetGroupBindings }: Snapshot): readonly GroupKey[] {
  return [...targetGroupBindings.values()]
    .filter(isWrittenByUser)
    .map(({ meta }) => bindingKey(meta))
    .toSorted();
}

export function bindingRef({ meta }: TargetGroupBinding): ObjectRef {
  const { namespace, name, uid } = meta;
  return { apiVersion: 'elbv2.k8s.aws/v1beta1', kind: 'TargetGroupBinding', namespace, name, uid };
}

function problem(binding: TargetGroupBinding, severity: Problem['severity'], wrong: WrongBinding): Problem {
  return { kind: 'problem', severity, scope: 'member', object: bindingRef(binding), ...wrong };
}

export type BindingBackend =
  | { readonly kind: 'found'; readonly service: Service; readonly servicePort: ServicePort }
  /** Known not to exist. */
  | { readonly kind: 'missing'; readonly problem: Problem }
  /** The list of Services is not whole, so that nothing can be said. */
  | { readonly kind: 'unknown' };

/** The Service port behind a binding. */
export function bindingBackend(binding: TargetGroupBinding, snapshot: Snapshot): BindingBackend {
  const { service: wanted, meta } = binding;
  const id = namespacedName(meta.namespace, wanted.name);
  const service = snapshot.services.get(id);
  if (service === undefined) {
    if (!snapshot.complete.has('Service')) return { kind: 'unknown' };
    const missing: WrongBinding = {
      code: 'ServiceNotFound',
      path: 'spec.serviceRef.name',
      message: `${textOf(binding)} names Service ${id}, which does not exist`,
      hint: `Create the Service ${id}, or correct spec.serviceRef`,
      albcMessage: `backend not found: Service "${wanted.name}" not found`,
    };
    return { kind: 'missing', problem: problem(binding, 'error', missing) };
  }
  const servicePort = findPort(service, wanted.port);
  if (servicePort !== undefined) return { kind: 'found', service, servicePort };
  const ports = service.ports.map(({ name, port }) => (name === '' ? `${port}` : `${port} (${name})`));
  const missing: WrongBinding = {
    code: 'ServicePortNotFound',
    path: 'spec.serviceRef.port',
    message: `${textOf(binding)} names port ${portText(wanted.port)} of Service ${id}, which has the ports ${ports.join(', ') || 'none'}`,
    hint: 'Correct spec.serviceRef.port, or add the port to the Service',
    albcMessage: `backend not found: unable to find port ${portText(wanted.port)} on service ${id}`,
  };
  return { kind: 'missing', problem: problem(binding, 'error', missing) };
}

/** That neither says which target group it is for, which the CRD and ALBC's webhook refuse. */
export function withoutTargetGroup(binding: TargetGroupBinding): Problem {
  return problem(binding, 'error', {
    code: 'BindingInvalid',
    path: 'spec.targetGroupARN',
    message: `${textOf(binding)} has neither spec.targetGroupARN nor spec.targetGroupName`,
    hint: 'Set one of them',
    albcMessage: 'must provide either TargetGroupARN or TargetGroupName',
  });
}

/** That nothing is done for it. */
export function leftToAlbc(binding: TargetGroupBinding): Problem {
  return problem(binding, 'warning', {
    code: 'BindingOfAlbc',
    path: `metadata.annotations[${checkpoints[0]}]`,
    message: `${textOf(binding)} carries the annotation ${checkpoints[0]} of the AWS Load Balancer Controller, and is left to that`,
    hint: `If it does not run any more, remove the annotations ${checkpoints.join(' and ')}, or use --compatibility=albc`,
  });
}

/** How ALBC meets a target group that is not there: when it lists the targets. */
const refusedListing = {
  action: 'elasticloadbalancing:DescribeTargetHealth',
  code: 'TargetGroupNotFound',
  requestId: undefined,
  isModelled: true,
} as const;

export function targetGroupNotFound(binding: TargetGroupBinding): Problem {
  const { targetGroupArn: arn, targetGroupName: name, role } = binding;
  const account = role === undefined ? 'this account and region' : `the account of role ${role.arn}`;
  return problem(binding, 'error', {
    code: 'TargetGroupNotFound',
    path: arn === undefined ? 'spec.targetGroupName' : 'spec.targetGroupARN',
    message: `${textOf(binding)} names target group ${arn ?? name}, which does not exist in ${account}`,
    hint: 'Create the target group, or correct the binding; it is looked for again every few minutes',
    albcMessage:
      arn === undefined
        ? `target group "${name}" not found`
        : goSdkError({ ...refusedListing, message: `Target groups '${arn}' not found` }),
  });
}

/**
 * What the targets loop has to do for a binding whose target group and Service port are known; undefined with an error.
 *
 * Problems: `BindingInvalid` where binding and target group do not fit, `ServiceNotRoutable` without a node port.
 */
export function bindingIntent(
  binding: TargetGroupBinding,
  { service, servicePort }: Extract<BindingBackend, { kind: 'found' }>,
  { fact, config }: { readonly fact: TargetGroupFact; readonly config: CoreConfig },
): Checked<TargetsIntent | undefined> {
  const wrong = misfits(binding, fact, config)[0] ?? notRoutable(binding, { service, servicePort }, fact);
  if (wrong !== undefined) return { value: undefined, problems: [problem(binding, 'error', wrong)] };
  const { matchLabels = {}, matchExpressions = [] } = binding.nodeSelector ?? {};
  const value: TargetsIntent = {
    member: bindingRef(binding),
    service: { namespace: service.meta.namespace, name: service.meta.name },
    backendPort: portText(binding.service.port),
    servicePort,
    targetType: fact.targetType === 'instance' ? 'instance' : 'ip',
    ipAddressType: fact.ipAddressType,
    // AWS's defaults, as far as is known: the target group is not ours to set.
    attributes: {},
    nodeLabels: matchLabels,
    nodeExpressions: matchExpressions,
    multiCluster: binding.multiCluster,
  };
  return { value, problems: [] };
}

/** Which of several bindings fills a target group: one that ALBC serves, or the oldest. It and the others are told. */
export type Rivalry = { readonly wins: boolean; readonly problems: readonly Problem[] };

/** Bindings of clusters that share a target group (`multiClusterTargetGroup` on all of them) do not get in each other's way. */
export function rivalry(
  binding: TargetGroupBinding,
  fact: TargetGroupFact,
  { snapshot, policy }: { readonly snapshot: Snapshot; readonly policy: Policy },
): Rivalry {
  const others = [...snapshot.targetGroupBindings.values()].filter(
    (other) =>
      isWrittenByUser(other) &&
      idOf(other) !== idOf(binding) &&
      isFor(other, fact, binding) &&
      !(other.multiCluster && binding.multiCluster),
  );
  const rank = (one: TargetGroupBinding): string =>
    `${isLeftToAlbc(one, policy) ? 0 : 1} ${one.meta.creationTimestamp} ${idOf(one)}`;
  const [oldest = binding] = [binding, ...others].toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (others.length === 0) return { wins: true, problems: [] };
  const ids = others.map(idOf).toSorted().join(', ');
  const wins = idOf(oldest) === idOf(binding);
  const wrong: WrongBinding = {
    code: 'TargetGroupTaken',
    path: 'spec.targetGroupARN',
    message: wins
      ? `${textOf(binding)} fills target group ${fact.name}, which ${ids} would fill too; the oldest does`
      : `${textOf(binding)} does not fill target group ${fact.name}: the older ${idOf(oldest)} does`,
    hint: 'Delete all but one, or set multiClusterTargetGroup on all of them',
    albcMessage: `TargetGroup ${fact.arn} is already bound to following TargetGroupBindings [${others.map(idOf).toSorted().join(' ')}]. Please enable MultiCluster mode on all TargetGroupBindings referencing ${fact.arn} or choose a different Target Group ARN.`,
  };
  return { wins, problems: [problem(binding, wins ? 'warning' : 'error', wrong)] };
}

const idOf = ({ meta }: TargetGroupBinding): NamespacedName => namespacedName(meta.namespace, meta.name);

function isFor(other: TargetGroupBinding, fact: TargetGroupFact, { role }: TargetGroupBinding): boolean {
  if (other.targetGroupArn !== undefined) return other.targetGroupArn === fact.arn;
  return other.targetGroupName === fact.name && other.role?.arn === role?.arn;
}

/** A binding to a target group that an Ingress made here: its own targets are filled in already. */
export function ownedByIngress(
  binding: TargetGroupBinding,
  fact: TargetGroupFact,
  owner: ObjectRef,
): Problem {
  return problem(binding, 'error', {
    code: 'TargetGroupTaken',
    path: 'spec.targetGroupARN',
    message: `${textOf(binding)} names target group ${fact.name}, which is filled for ${owner.kind} ${owner.namespace}/${owner.name}`,
    hint: 'Delete the binding, or name a target group of your own',
  });
}

/** Whether ALBC keeps nothing in the cluster: neither objects that it made for itself, nor bindings that it serves beside us. */
export function isAlone({ complete, targetGroupBindings }: Snapshot, policy: Policy): boolean {
  return (
    complete.has('TargetGroupBinding') &&
    [...targetGroupBindings.values()].every(
      (binding) => isWrittenByUser(binding) && !isLeftToAlbc(binding, policy),
    )
  );
}
