import type {
  NetworkingPeer,
  NetworkingRule,
  PortReference,
  TargetGroupBinding,
} from '../../core/domain/cluster.ts';
import type { AssumedRole } from '../../core/domain/target.ts';
import type { Field } from './field.ts';
import { labelSelector } from './label-selector.ts';
import { decodeMeta } from './meta.ts';

/** elbv2.k8s.aws/v1beta1 TargetGroupBinding. Empty texts count as absent, as ALBC has them. */
export function decodeTargetGroupBinding(object: Field): TargetGroupBinding {
  const spec = object.at('spec');
  const service = spec.at('serviceRef');
  return {
    kind: 'TargetGroupBinding',
    meta: decodeMeta(object.at('metadata'), { scope: 'namespaced' }),
    targetGroupArn: given(spec.at('targetGroupARN')),
    targetGroupName: given(spec.at('targetGroupName')),
    service: { name: service.at('name').text(), port: portReference(service.at('port')) },
    targetType: given(spec.at('targetType')),
    ipAddressType: given(spec.at('ipAddressType')),
    vpcId: given(spec.at('vpcID')),
    nodeSelector: spec.at('nodeSelector').optional(labelSelector),
    networking: spec.at('networking').optional((networking) => networking.at('ingress').list(rule)),
    multiCluster: spec.at('multiClusterTargetGroup').flag(false),
    role: role(spec),
    observedGeneration: object.at('status').at('observedGeneration').optionalInteger() ?? 0,
  };
}

function given(field: Field): string | undefined {
  const text = field.textOr('');
  return text === '' ? undefined : text;
}

function role(spec: Field): AssumedRole | undefined {
  const arn = given(spec.at('iamRoleArnToAssume'));
  return arn === undefined ? undefined : { arn, externalId: given(spec.at('assumeRoleExternalId')) };
}

function rule(field: Field): NetworkingRule {
  return {
    from: field.at('from').list(peer),
    ports: field.at('ports').list((port) => ({
      protocol: port.at('protocol').oneOf(['TCP', 'UDP'], 'TCP') === 'UDP' ? 'udp' : 'tcp',
      port: port.at('port').optional(portReference),
    })),
  };
}

function peer(field: Field): NetworkingPeer {
  const cidr = field.at('ipBlock').optional((block) => block.at('cidr').text());
  if (cidr !== undefined) return { kind: 'ipBlock', cidr };
  const id = field.at('securityGroup').optional((group) => group.at('groupID').text());
  return id === undefined
    ? field.fail('a peer with ipBlock or securityGroup')
    : { kind: 'securityGroup', id };
}

function portReference(field: Field): PortReference {
  const port = field.integerOrText();
  return typeof port === 'number' ? { kind: 'number', number: port } : { kind: 'name', name: port };
}
