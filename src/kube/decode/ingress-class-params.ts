import type { IngressClassParams, KeyValue } from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';
import { labelSelector } from './label-selector.ts';
import { decodeMeta } from './meta.ts';

/**
 * elbv2.k8s.aws/v1beta1 IngressClassParams. Values that the CRD's schema limits (scheme, target type …) stay text here:
 * the core judges them, so that a cluster with an older CRD gets a problem on its class instead of an unreadable object.
 */
export function decodeIngressClassParams(object: Field): IngressClassParams {
  const spec = object.at('spec');
  // ALBC does not tell an empty text or list from an absent one: neither goes before an annotation.
  const text = (key: string): string | undefined => spec.at(key).optionalText() || undefined;
  const texts = (field: Field): readonly string[] | undefined => {
    const found = field.list((item) => item.text());
    return found.length === 0 ? undefined : found;
  };
  return {
    kind: 'IngressClassParams',
    meta: decodeMeta(object.at('metadata'), { scope: 'cluster' }),
    namespaceSelector: spec.at('namespaceSelector').optional(labelSelector),
    groupName: spec.at('group').at('name').optionalText(),
    loadBalancerName: text('loadBalancerName'),
    scheme: text('scheme'),
    ipAddressType: text('ipAddressType'),
    subnetIds: texts(spec.at('subnets').at('ids')),
    subnetTags: spec
      .at('subnets')
      .at('tags')
      .optional((tags) => tags.record((values) => values.list((value) => value.text()))),
    certificateArns: texts(spec.at('certificateArn')),
    sslPolicy: text('sslPolicy'),
    sslRedirectPort: text('sslRedirectPort'),
    inboundCidrs: texts(spec.at('inboundCIDRs')),
    // Both spellings are in use; the CRD lets only one of them be set.
    prefixListIds: texts(spec.at('prefixListsIDs')) ?? texts(spec.at('PrefixListsIDs')),
    targetType: text('targetType'),
    tags: spec.at('tags').list(keyValue),
    loadBalancerAttributes: spec.at('loadBalancerAttributes').list(keyValue),
    listeners: spec.at('listeners').list((listener) => ({
      protocol: listener.at('protocol').textOr(''),
      port: listener.at('port').optionalInteger() ?? 0,
      attributes: listener.at('listenerAttributes').list(keyValue),
    })),
    capacityUnits: spec.at('minimumLoadBalancerCapacity').at('capacityUnits').optionalInteger(),
    ipamPoolId: spec.at('ipamConfiguration').at('ipv4IPAMPoolId').optionalText(),
    wafv2AclArn: text('wafv2AclArn'),
    wafv2AclName: text('wafv2AclName'),
  };
}

function keyValue(field: Field): KeyValue {
  return { key: field.at('key').text(), value: field.at('value').text() };
}
