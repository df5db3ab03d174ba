import type { Ingress } from '../domain/cluster.ts';
import { type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { ObjectRef } from '../domain/problem.ts';

/** The object that problems and events of the Ingress are told on. */
export function ingressRef(ingress: Ingress): ObjectRef {
  const { namespace, name, uid } = ingress.meta;
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace, name, uid };
}

/** `namespace/name`. */
export function ingressId(ingress: Ingress): NamespacedName {
  return namespacedName(ingress.meta.namespace, ingress.meta.name);
}
