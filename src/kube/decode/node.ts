import type { Node } from '../../core/domain/cluster.ts';
import { drainedAnnotation } from '../../core/domain/draining.ts';
import type { Field } from './field.ts';
import { intern } from './intern.ts';
import { decodeMeta } from './meta.ts';

/** v1 Node. A node that has not reported yet is `Unknown`. Annotations are dropped, except the one that is ours. */
export function decodeNode(object: Field): Node {
  const spec = object.at('spec');
  const status = object.at('status');
  const ready = status
    .at('conditions')
    .list((condition) => ({
      type: condition.at('type').text(),
      status: condition.at('status').oneOf(['True', 'False', 'Unknown']),
    }))
    .find((condition) => condition.type === 'Ready');
  return {
    kind: 'Node',
    meta: decodeMeta(object.at('metadata'), {
      scope: 'cluster',
      keepAnnotation: (key) => key === drainedAnnotation,
    }),
    providerId: spec.at('providerID').textOr(''),
    ready: ready?.status ?? 'Unknown',
    taints: spec.at('taints').list((taint) => ({
      key: intern(taint.at('key').text()),
      value: intern(taint.at('value').textOr('')),
      effect: intern(taint.at('effect').text()),
    })),
    unschedulable: spec.at('unschedulable').flag(false),
    internalIps: status
      .at('addresses')
      .list((address) => ({ type: address.at('type').text(), address: address.at('address').text() }))
      .filter((address) => address.type === 'InternalIP')
      .map((address) => address.address),
  };
}
