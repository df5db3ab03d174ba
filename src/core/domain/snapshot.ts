import type {
  ClusterKind,
  ClusterObject,
  EndpointSlice,
  Ingress,
  IngressClass,
  IngressClassParams,
  Namespace,
  Node,
  Pod,
  Secret,
  Service,
  TargetGroupBinding,
} from './cluster.ts';
import { type NamespacedName, namespacedName } from './ids.ts';

/**
 * What the reflectors know at one moment; never changes once handed out.
 *
 * `complete` names the kinds whose list came whole and whose watch is alive. A delete needs proof from a complete
 * snapshot (DESIGN §4.6), so a stage that wants to remove something asks `complete` first; a kind that is missing
 * there means "keep".
 */
export type Snapshot = {
  readonly ingresses: ReadonlyMap<NamespacedName, Ingress>;
  readonly ingressClasses: ReadonlyMap<NamespacedName, IngressClass>;
  readonly ingressClassParams: ReadonlyMap<NamespacedName, IngressClassParams>;
  readonly services: ReadonlyMap<NamespacedName, Service>;
  /** By `namespace/service`: the slices labelled with that Service's name, in order of their names. */
  readonly endpointSlices: ReadonlyMap<NamespacedName, readonly EndpointSlice[]>;
  /** Those with a readiness gate for the health of a target; with ALBC's compatibility all of them. */
  readonly pods: ReadonlyMap<NamespacedName, Pod>;
  readonly nodes: ReadonlyMap<NamespacedName, Node>;
  readonly namespaces: ReadonlyMap<NamespacedName, Namespace>;
  /** Those that Ingresses refer to, one by one; a referenced one that is absent has not been read yet, unless `complete` has the kind. */
  readonly secrets: ReadonlyMap<NamespacedName, Secret>;
  readonly targetGroupBindings: ReadonlyMap<NamespacedName, TargetGroupBinding>;
  readonly complete: ReadonlySet<ClusterKind>;
};

/** One changed object as the reflectors report it; `before` is undefined for a new one, `after` for a deleted one. */
export type ClusterChange = {
  readonly kind: ClusterKind;
  readonly before: ClusterObject | undefined;
  readonly after: ClusterObject | undefined;
};

/** All that a snapshot has a list of. */
export const clusterKinds: readonly ClusterKind[] = [
  'Ingress',
  'IngressClass',
  'IngressClassParams',
  'Service',
  'EndpointSlice',
  'Pod',
  'Node',
  'Namespace',
  'Secret',
  'TargetGroupBinding',
];

/** Builds a snapshot from decoded objects, later ones replacing earlier ones of the same kind and name. */
export function snapshotOf(
  objects: Iterable<ClusterObject>,
  complete: ReadonlySet<ClusterKind> = new Set(clusterKinds),
): Snapshot {
  const byKind = new Map<ClusterKind, Map<NamespacedName, ClusterObject>>(
    clusterKinds.map((kind) => [kind, new Map()]),
  );
  for (const object of objects) {
    byKind.get(object.kind)?.set(namespacedName(object.meta.namespace, object.meta.name), object);
  }
  // Each map holds only objects of its kind, which the compiler cannot follow through the outer map.
  const of = <T extends ClusterObject>(kind: T['kind']) =>
    byKind.get(kind) as unknown as ReadonlyMap<NamespacedName, T>;
  return {
    ingresses: of<Ingress>('Ingress'),
    ingressClasses: of<IngressClass>('IngressClass'),
    ingressClassParams: of<IngressClassParams>('IngressClassParams'),
    services: of<Service>('Service'),
    endpointSlices: slicesByService(of<EndpointSlice>('EndpointSlice').values()),
    pods: of<Pod>('Pod'),
    nodes: of<Node>('Node'),
    namespaces: of<Namespace>('Namespace'),
    secrets: of<Secret>('Secret'),
    targetGroupBindings: of<TargetGroupBinding>('TargetGroupBinding'),
    complete,
  };
}

/** The same with further objects, which replace those of the same kind and name. */
export function withObjects(snapshot: Snapshot, objects: readonly ClusterObject[]): Snapshot {
  if (objects.length === 0) return snapshot;
  const { complete, endpointSlices, ...maps } = snapshot;
  const all = Object.values(maps).flatMap((map): readonly ClusterObject[] => [...map.values()]);
  return snapshotOf([...all, ...[...endpointSlices.values()].flat(), ...objects], complete);
}

function slicesByService(
  slices: Iterable<EndpointSlice>,
): ReadonlyMap<NamespacedName, readonly EndpointSlice[]> {
  const sorted = [...slices].toSorted((a, b) => (a.meta.name < b.meta.name ? -1 : 1));
  return Map.groupBy(sorted, (slice) => namespacedName(slice.meta.namespace, slice.serviceName));
}
