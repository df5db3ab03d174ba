import type { IngressClass } from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';
import { decodeMeta } from './meta.ts';

const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';

/** networking.k8s.io/v1 IngressClass. Only the text `true` makes a class the default one. */
export function decodeIngressClass(object: Field): IngressClass {
  const meta = decodeMeta(object.at('metadata'), { scope: 'cluster' });
  const spec = object.at('spec');
  return {
    kind: 'IngressClass',
    meta,
    controller: spec.at('controller').textOr(''),
    isDefault: meta.annotations[defaultClassAnnotation] === 'true',
    parameters: spec.at('parameters').optional((parameters) => ({
      apiGroup: parameters.at('apiGroup').textOr(''),
      kind: parameters.at('kind').text(),
      name: parameters.at('name').text(),
    })),
  };
}
