/** One line of what this controller asks of the Kubernetes API. `deploy/base/rbac.yaml` is generated from these. */
export type ApiCall = {
  /** '' is the core group. */
  readonly group: string;
  /** Plural, with the subresource if any: `ingresses/status`. */
  readonly resource: string;
  readonly verbs: readonly ApiVerb[];
  /**
   * Whether the call concerns all namespaces, only the controller's own, or single objects that their owners allow it
   * (`deploy/example/oidc-secret.yaml`) or that an option asks for (`deploy/example/drained-nodes.yaml`): those are in no
   * role of ours.
   */
  readonly scope: 'cluster' | 'ownNamespace' | 'singleObjects';
  readonly why: string;
};

export type ApiVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

const read = ['list', 'watch'] as const;

/** Every call that kube/ makes, and no other: a test compares this with the requests that a local API server saw. */
export const apiCalls: readonly ApiCall[] = [
  {
    group: 'networking.k8s.io',
    resource: 'ingresses',
    verbs: ['get', ...read, 'patch'],
    scope: 'cluster',
    why: 'what users ask for; finalizers and annotations are patched, and read before that',
  },
  {
    group: 'networking.k8s.io',
    resource: 'ingresses/status',
    verbs: ['patch'],
    scope: 'cluster',
    why: 'the DNS name of the load balancer',
  },
  {
    group: 'networking.k8s.io',
    resource: 'ingressclasses',
    verbs: ['get', ...read],
    scope: 'cluster',
    why: 'which Ingresses are ours; the webhook gets one that the watch has not brought yet',
  },
  {
    group: 'elbv2.k8s.aws',
    resource: 'ingressclassparams',
    verbs: read,
    scope: 'cluster',
    why: 'settings of a class',
  },
  {
    group: 'elbv2.k8s.aws',
    resource: 'targetgroupbindings',
    verbs: ['get', ...read, 'patch', 'delete'],
    scope: 'cluster',
    why: 'target groups that users bring along; finalizers are patched, and what ALBC left for Ingresses is deleted',
  },
  {
    group: 'elbv2.k8s.aws',
    resource: 'targetgroupbindings/status',
    verbs: ['patch'],
    scope: 'cluster',
    why: 'the generation that was last brought about',
  },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['get', 'create', 'patch', 'delete'],
    scope: 'cluster',
    why: 'lists of own targets in target groups that clusters share, and the log of changes in the own namespace; no others',
  },
  { group: '', resource: 'services', verbs: read, scope: 'cluster', why: 'backends and their ports' },
  {
    group: 'discovery.k8s.io',
    resource: 'endpointslices',
    verbs: read,
    scope: 'cluster',
    why: 'the addresses behind a Service',
  },
  {
    group: '',
    resource: 'pods',
    verbs: read,
    scope: 'cluster',
    why: 'pods with readiness gates; others are not kept',
  },
  {
    group: '',
    resource: 'pods/status',
    verbs: ['patch'],
    scope: 'cluster',
    why: 'the condition of a readiness gate',
  },
  {
    group: '',
    resource: 'nodes',
    verbs: read,
    scope: 'cluster',
    why: 'the targets of node-port target groups',
  },
  {
    group: '',
    resource: 'nodes',
    verbs: ['patch'],
    scope: 'singleObjects',
    why: 'the annotation of drained nodes, with --annotate-drained-nodes',
  },
  {
    group: '',
    resource: 'namespaces',
    verbs: read,
    scope: 'cluster',
    why: 'labels, for namespaceSelector of a class',
  },
  {
    group: '',
    resource: 'secrets',
    verbs: read,
    scope: 'singleObjects',
    why: 'client secrets of OIDC providers, each by its name',
  },
  {
    group: '',
    resource: 'events',
    verbs: ['create', 'patch'],
    scope: 'cluster',
    why: 'what users read with kubectl describe',
  },
  {
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['get', 'create', 'update'],
    scope: 'ownNamespace',
    why: 'one replica works at a time',
  },
];
