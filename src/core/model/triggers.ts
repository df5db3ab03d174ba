// Which groups a change in the cluster may concern. Most changes mean nothing to the model, and so no work.

import { isEqual } from '../../lib/canonical.ts';
import { planAnnotation } from '../domain/plan.ts';
import { annotationPrefix, ownPrefix } from '../annotations/entry.ts';
import type {
  ClusterObject,
  Ingress,
  IngressClass,
  IngressClassParams,
  Namespace,
  Secret,
  Service,
} from '../domain/cluster.ts';
import type { CoreConfig, Policy } from '../domain/config.ts';
import { type GroupKey, namespacedName } from '../domain/ids.ts';
import type { ClusterChange, Snapshot } from '../domain/snapshot.ts';
import { classAnnotation } from './class.ts';
import { keysOf, membership } from './membership.ts';
import { secretsOf, servicesWithProvider } from './secret-references.ts';
import { namesService } from './service-names.ts';

/**
 * Keys of the groups whose model may differ because of the change, sorted; none when it has no meaning for any (with
 * ALBC's policy, when nobody changed what users write). `snapshot` is
 * the one after the change. EndpointSlices, Nodes and Pods concern targets alone.
 */
export function keysForChange(
  change: ClusterChange,
  snapshot: Snapshot,
  config: CoreConfig,
): readonly GroupKey[] {
  const { before, after } = change;
  if (
    before !== undefined &&
    after !== undefined &&
    isEqual(meaning(before, config), meaning(after, config)) &&
    !(config.policy.meaninglessChanges === 'tell' && isNewToAlbc(before, after))
  ) {
    return [];
  }
  const keys = new Set<GroupKey>();
  const add = (ingress: Ingress): void => {
    for (const key of keysOf(membership(ingress, snapshot, config))) keys.add(key);
  };
  for (const object of [before, after]) {
    for (const ingress of object === undefined ? [] : concerned(object, snapshot, config)) add(ingress);
  }
  return [...keys].toSorted();
}

/** ALBC runs for every change in the spec or the annotations of an Ingress or a Service (albc-behaviour §9.5). */
function isNewToAlbc(before: ClusterObject, after: ClusterObject): boolean {
  const written = (object: ClusterObject): unknown => {
    if (object.kind !== 'Ingress' && object.kind !== 'Service') return undefined;
    const { meta, ...spec } = object;
    return { ...spec, status: undefined, annotations: meta.annotations };
  };
  return !isEqual(written(before), written(after));
}

/** What of an object the model reads; equal meaning, equal model. */
function meaning(object: ClusterObject, config: CoreConfig): unknown {
  switch (object.kind) {
    case 'Ingress':
      return ingressMeaning(object, config);
    case 'Service':
      return serviceMeaning(object);
    case 'IngressClass':
    case 'IngressClassParams': {
      const { meta, ...spec } = object;
      return { ...spec, uid: meta.uid, said: ownAnnotations(meta.annotations) };
    }
    case 'Namespace':
      return object.meta.labels;
    case 'Secret':
      return secretMeaning(object);
    case 'EndpointSlice':
    case 'Node':
    case 'Pod':
    case 'TargetGroupBinding':
      return undefined;
  }
}

function ingressMeaning(ingress: Ingress, config: CoreConfig): unknown {
  const { meta, status: _status, ...spec } = ingress;
  return {
    ...spec,
    uid: meta.uid,
    isDeleted: meta.deletionTimestamp !== undefined,
    annotations: ownAnnotations(meta.annotations),
    classAnnotation: meta.annotations[classAnnotation],
    // Finalizers of ours that somebody took away must come back.
    finalizers: meta.finalizers.filter((name) => isOwnFinalizer(name, config)).toSorted(),
  };
}

function isOwnFinalizer(name: string, { policy }: CoreConfig): boolean {
  return name === policy.finalizer.implicit || name.startsWith(policy.finalizer.explicitPrefix);
}

/** The selector and the traffic policy concern targets only. */
function serviceMeaning(service: Service): unknown {
  const { type, ports, ipFamilies, meta } = service;
  return { type, ports, ipFamilies, uid: meta.uid, annotations: ownAnnotations(meta.annotations) };
}

/** By its hash: the text of a client secret shows nowhere, so it cannot be compared either. */
function secretMeaning({ meta, values }: Secret): unknown {
  if (values === undefined) return 'missing';
  return { labels: meta.labels, clientId: values.clientId, hash: values.clientSecret?.hash };
}

function ownAnnotations(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).filter(
      ([key]) => (key.startsWith(annotationPrefix) && key !== planAnnotation) || key.startsWith(ownPrefix),
    ),
  );
}

function concerned(object: ClusterObject, snapshot: Snapshot, { policy }: CoreConfig): readonly Ingress[] {
  switch (object.kind) {
    case 'Ingress':
      return [object];
    case 'Service':
      return ingresses(snapshot, (ingress) => namesService(ingress, object));
    case 'IngressClass':
      return ingresses(snapshot, (ingress) => hasClass(ingress, object, policy));
    case 'IngressClassParams':
      return ofParams(object, snapshot, policy);
    case 'Namespace':
      return policy.classWatch === 'named' ? [] : ofNamespace(object, snapshot);
    case 'Secret': {
      const id = namespacedName(object.meta.namespace, object.meta.name);
      const services = servicesWithProvider(snapshot);
      return ingresses(snapshot, (ingress) => secretsOf(ingress, services).includes(id));
    }
    case 'EndpointSlice':
    case 'Node':
    case 'Pod':
    case 'TargetGroupBinding':
      return [];
  }
}

function ingresses(snapshot: Snapshot, wanted: (ingress: Ingress) => boolean): readonly Ingress[] {
  return [...snapshot.ingresses.values()].filter(wanted);
}

/** An Ingress without a class may depend on any, as any may be or have been the default. */
/** An Ingress that names no class may have the default one. */
const hasClass = ({ className }: Ingress, { meta }: IngressClass, { classWatch }: Policy): boolean =>
  className === meta.name || (className === undefined && classWatch === 'all');

function ofParams(params: IngressClassParams, snapshot: Snapshot, policy: Policy): readonly Ingress[] {
  const classes = [...snapshot.ingressClasses.values()].filter(
    (candidate) => candidate.parameters?.name === params.meta.name,
  );
  return ingresses(snapshot, (ingress) => classes.some((found) => hasClass(ingress, found, policy)));
}

/** Labels of a namespace matter where some parameters select namespaces. */
function ofNamespace(namespace: Namespace, snapshot: Snapshot): readonly Ingress[] {
  const selects = [...snapshot.ingressClassParams.values()].some(
    (params) => params.namespaceSelector !== undefined,
  );
  if (!selects) return [];
  const name = namespacedName('', namespace.meta.name);
  return ingresses(snapshot, (ingress) => namespacedName('', ingress.meta.namespace) === name);
}
