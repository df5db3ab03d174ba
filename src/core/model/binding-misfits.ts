// Whether a TargetGroupBinding fits the target group that it names.

import type { Service, ServicePort, TargetGroupBinding } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { TargetGroupFact } from '../domain/facts.ts';
import { namespacedName } from '../domain/ids.ts';
import { textOf, type WrongBinding } from './binding-problem.ts';

/** What of a binding does not fit its target group. ALBC leaves all but a missing type to its webhook and to AWS. */
export function misfits(
  binding: TargetGroupBinding,
  fact: TargetGroupFact,
  config: CoreConfig,
): readonly WrongBinding[] {
  const { targetType, ipAddressType, vpcId, role, nodeSelector } = binding;
  const invalid = (path: string, says: string, hint: string, albcMessage?: string): WrongBinding => ({
    code: 'BindingInvalid',
    path: `spec.${path}`,
    message: `${textOf(binding)} ${says}`,
    hint,
    ...(albcMessage !== undefined && { albcMessage }),
  });
  const differs = (field: string, given: string | undefined, found: string): readonly WrongBinding[] =>
    given === undefined || given === found
      ? []
      : [
          invalid(
            field,
            `has spec.${field} ${given}, and target group ${fact.name} has ${found}`,
            `Make the binding anew without spec.${field}, or with ${found}`,
          ),
        ];
  const isAlbc = config.policy.compatibility === 'albc';
  const unusable = !['instance', 'ip'].includes(fact.targetType);
  const elsewhere = fact.vpcId !== config.vpcId && fact.targetType === 'instance';
  return [
    ...(isAlbc && targetType === undefined
      ? [
          invalid(
            'targetType',
            'has no spec.targetType',
            `Set it to ${fact.targetType}, or let the webhook of TargetGroupBindings set it`,
            `targetType is not specified: ${namespacedName(binding.meta.namespace, binding.meta.name)}`,
          ),
        ]
      : []),
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
    ...(!isAlbc && nodeSelector !== undefined && fact.targetType === 'ip'
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

/** A binding to node ports whose Service has none. */
export function notRoutable(
  binding: TargetGroupBinding,
  { service, servicePort }: { readonly service: Service; readonly servicePort: ServicePort },
  { targetType }: TargetGroupFact,
): WrongBinding | undefined {
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
