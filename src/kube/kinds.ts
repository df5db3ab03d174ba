import type { ClusterKind } from '../core/domain/cluster.ts';

export type KindPath = {
  /** `/api/v1` or `/apis/GROUP/VERSION`. */
  readonly root: string;
  readonly plural: string;
  readonly scope: 'namespaced' | 'cluster';
};

/** Where the API server keeps each kind that we read. */
const kindPaths: Readonly<Record<ClusterKind, KindPath>> = {
  Ingress: { root: '/apis/networking.k8s.io/v1', plural: 'ingresses', scope: 'namespaced' },
  IngressClass: { root: '/apis/networking.k8s.io/v1', plural: 'ingressclasses', scope: 'cluster' },
  IngressClassParams: { root: '/apis/elbv2.k8s.aws/v1beta1', plural: 'ingressclassparams', scope: 'cluster' },
  Service: { root: '/api/v1', plural: 'services', scope: 'namespaced' },
  EndpointSlice: { root: '/apis/discovery.k8s.io/v1', plural: 'endpointslices', scope: 'namespaced' },
  Pod: { root: '/api/v1', plural: 'pods', scope: 'namespaced' },
  Node: { root: '/api/v1', plural: 'nodes', scope: 'cluster' },
  Namespace: { root: '/api/v1', plural: 'namespaces', scope: 'cluster' },
  Secret: { root: '/api/v1', plural: 'secrets', scope: 'namespaced' },
  TargetGroupBinding: {
    root: '/apis/elbv2.k8s.aws/v1beta1',
    plural: 'targetgroupbindings',
    scope: 'namespaced',
  },
};

/** The path of all objects of a kind, in one namespace or, when that is undefined or the kind has none, in all. */
export function listPath(kind: ClusterKind, namespace: string | undefined): string {
  const { root, plural, scope } = kindPaths[kind];
  return scope === 'cluster' || namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${namespace}/${plural}`;
}

/** The path of one object, with a subresource if given. */
export function objectPath(
  kind: ClusterKind,
  object: { readonly namespace: string; readonly name: string },
  subresource?: 'status',
): string {
  const path = `${listPath(kind, object.namespace === '' ? undefined : object.namespace)}/${object.name}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function isClusterKind(kind: string): kind is ClusterKind {
  return Object.hasOwn(kindPaths, kind);
}
