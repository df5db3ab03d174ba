// What a TargetGroupBinding asks for: targets of one Service port in a target group of somebody else's (albc-behaviour §7).

import type { Service, ServicePort, TargetGroupBinding } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { TargetGroupFact } from '../domain/facts.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Checked, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { bindingRef } from './binding.ts';
import { bindingProblem, textOf, type Wrong } from './binding-problem.ts';
import { findPort, portText } from './target-group.ts';

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
    const missing: Wrong = {
      code: 'ServiceNotFound',
      path: 'spec.serviceRef.name',
      message: `${textOf(binding)} names Service ${id}, which does not exist`,
      hint: `Create the Service ${id}, or correct spec.serviceRef`,
      albcMessage: `backend not found: Service "${wanted.name}" not found`,
    };
    return { kind: 'missing', problem: bindingProblem(binding, 'error', missing) };
  }
  const servicePort = findPort(service, wanted.port);
  if (servicePort !== undefined) return { kind: 'found', service, servicePort };
  const ports = service.ports.map(({ name, port }) => (name === '' ? `${port}` : `${port} (${name})`));
  const missing: Wrong = {
    code: 'ServicePortNotFound',
    path: 'spec.serviceRef.port',
    message: `${textOf(binding)} names port ${portText(wanted.port)} of Service ${id}, which has the ports ${ports.join(', ') || 'none'}`,
    hint: 'Correct spec.serviceRef.port, or add the port to the Service',
    albcMessage: `backend not found: unable to find port ${portText(wanted.port)} on service ${id}`,
  };
  return { kind: 'missing', problem: bindingProblem(binding, 'error', missing) };
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
  if (wrong !== undefined) return { value: undefined, problems: [bindingProblem(binding, 'error', wrong)] };
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

function misfits(binding: TargetGroupBinding, fact: TargetGroupFact, config: CoreConfig): readonly Wrong[] {
  const { targetType, ipAddressType, vpcId, role, nodeSelector } = binding;
  const invalid = (path: string, says: string, hint: string, albcMessage?: string): Wrong => ({
    code: 'BindingInvalid',
    path: `spec.${path}`,
    message: `${textOf(binding)} ${says}`,
    hint,
    ...(albcMessage !== undefined && { albcMessage }),
  });
  const differs = (field: string, given: string | undefined, found: string): readonly Wrong[] =>
    given === undefined || given === found
      ? []
      : [
          invalid(
            field,
            `has spec.${field} ${given}, and target group ${fact.name} has ${found}`,
            `Make the binding anew without spec.${field}, or with ${found}`,
          ),
        ];
  const unusable = !['instance', 'ip'].includes(fact.targetType);
  const elsewhere = fact.vpcId !== config.vpcId && fact.targetType === 'instance';
  return [
    ...(unusable
      ? [
          invalid(
            'targetType',
            `names target group ${fact.name}, whose targets are of type ${fact.targetType}; instance and ip can be bound`,
            'Use a target group of one of these types',
            `unsupported TargetType: ${fact.targetType}`,
          ),
        ]
      : []),
    ...differs('targetType', targetType, fact.targetType),
    ...differs('ipAddressType', ipAddressType, fact.ipAddressType),
    ...differs('vpcID', vpcId, fact.vpcId),
    ...(role !== undefined && fact.targetType === 'instance'
      ? [
          invalid(
            'iamRoleArnToAssume',
            `assumes a role for target group ${fact.name}, whose targets are instances; AWS takes instances of another account in no target group`,
            'Use a target group with target type ip',
            'Unable to set IamRoleArnToAssume when targetType is instance',
          ),
        ]
      : []),
    ...(elsewhere
      ? [
          invalid(
            'vpcID',
            `names target group ${fact.name} of VPC ${fact.vpcId}, and the nodes are in ${config.vpcId}; AWS takes instances only of the target group's own VPC`,
            'Use a target group of this VPC, or one with target type ip',
          ),
        ]
      : []),
    ...(nodeSelector !== undefined && fact.targetType === 'ip'
      ? [
          invalid(
            'nodeSelector',
            `has spec.nodeSelector, and target group ${fact.name} takes pod addresses`,
            'Take spec.nodeSelector away, or use a target group with target type instance',
            'TargetGroupBinding cannot set NodeSelector when TargetType is ip',
          ),
        ]
      : []),
  ];
}

function notRoutable(
  binding: TargetGroupBinding,
  { service, servicePort }: Pick<Extract<BindingBackend, { kind: 'found' }>, 'service' | 'servicePort'>,
  { targetType }: TargetGroupFact,
): Wrong | undefined {
  if (targetType !== 'instance' || servicePort.nodePort !== undefined) return undefined;
  const id = namespacedName(service.meta.namespace, service.meta.name);
  return {
    code: 'ServiceNotRoutable',
    path: 'spec.serviceRef',
    message: `${textOf(binding)} sends to node ports, and port ${servicePort.port} of Service ${id} (type ${service.type}) has none`,
    hint: 'Make the Service a NodePort or LoadBalancer, or use a target group with target type ip',
    albcMessage: `service type must be either 'NodePort' or 'LoadBalancer': ${id}`,
  };
}
