import type { Namespace } from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';
import { decodeMeta } from './meta.ts';

/** v1 Namespace: only its labels matter (IngressClassParams' namespaceSelector). */
export function decodeNamespace(object: Field): Namespace {
  return {
    kind: 'Namespace',
    meta: decodeMeta(object.at('metadata'), { scope: 'cluster', keepAnnotation: () => false }),
  };
}
