import { at } from './json.ts';
import type { KubeObject } from './object.ts';
import { objectOf } from './json.ts';
import type { Store } from './store.ts';

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';
const classAnnotation = 'kubernetes.io/ingress.class';

/**
 * The API server's DefaultIngressClass admission: a new Ingress that names no class gets the class marked as default; of
 * several, the newest, then the first by name.
 */
export function ingressWithDefaultClass(ingress: KubeObject, store: Store): KubeObject {
  const named = at(ingress['spec'], 'ingressClassName') !== undefined;
  if (named || ingress.metadata.annotations?.[classAnnotation] !== undefined) return ingress;
  const [newest] = store
    .list('networking.k8s.io/ingressclasses')
    .filter((candidate) => candidate.metadata.annotations?.[defaultAnnotation] === 'true')
    .toSorted((left, right) =>
      right.metadata.creationTimestamp.localeCompare(left.metadata.creationTimestamp),
    );
  if (!newest) return ingress;
  return { ...ingress, spec: { ...objectOf(ingress['spec']), ingressClassName: newest.metadata.name } };
}
