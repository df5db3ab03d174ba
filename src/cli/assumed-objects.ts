// What a plan without a cluster takes for granted about objects: what an API server would fill in, and the classes that
// the manifests of an application seldom hold.

import type { ClusterObject, Ingress, IngressClass, Service } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';

/** The objects as a cluster would have them, with the classes that are missing, and a line for each assumption. */
export function assumedObjects(
  objects: readonly ClusterObject[],
  config: CoreConfig,
): { readonly objects: readonly ClusterObject[]; readonly assumptions: readonly string[] } {
  const missing = missingClasses(objects, config);
  const assumptions = missing.map(
    ({ meta, controller }) => `IngressClass ${meta.name} exists, with controller ${controller}`,
  );
  const nodePorts = new NodePorts();
  const filled = objects.map((object) => {
    const withPorts = object.kind === 'Service' ? nodePorts.fill(object) : object;
    return withUid(withPorts);
  });
  if (nodePorts.given > 0)
    assumptions.push('Services get node ports from the cluster; the ones in this plan are made up');
  if (objects.some(({ kind, meta }) => kind === 'Service' && meta.uid === '')) {
    assumptions.push(
      'Services have other UIDs in the cluster, so the names of target groups end differently there',
    );
  }
  return { objects: [...missing, ...filled], assumptions };
}

/** Two Services that differ in the end of their names only are told apart by their UIDs. */
function withUid<T extends ClusterObject>(object: T): T {
  const { kind, meta } = object;
  const uid = meta.uid === '' ? `${kind}/${meta.namespace}/${meta.name}` : meta.uid;
  return { ...object, meta: { ...meta, uid } };
}

/** Hands out node ports as the API server does, to the types of Services that have them. */
class NodePorts {
  given = 0;

  fill(service: Service): Service {
    if (service.type !== 'NodePort' && service.type !== 'LoadBalancer') return service;
    const ports = service.ports.map((port) => ({ ...port, nodePort: port.nodePort ?? this.#next() }));
    return { ...service, ports };
  }

  #next(): number {
    this.given += 1;
    return 30_000 + ((this.given - 1) % 2768);
  }
}

/** Classes that Ingresses name and no file has are taken for ours. */
function missingClasses(objects: readonly ClusterObject[], { policy }: CoreConfig): readonly IngressClass[] {
  const present = new Set(objects.filter(({ kind }) => kind === 'IngressClass').map(({ meta }) => meta.name));
  const ingresses = objects.filter((object): object is Ingress => object.kind === 'Ingress');
  const named = ingresses.flatMap(({ className }) =>
    className === undefined || present.has(className) ? [] : [className],
  );
  return [...new Set(named)].map((name) => ({
    kind: 'IngressClass',
    meta: {
      namespace: '',
      name,
      uid: '',
      resourceVersion: '',
      generation: 1,
      annotations: {},
      labels: {},
      finalizers: [],
      creationTimestamp: '',
    },
    controller: policy.controllers[0] ?? '',
    isDefault: false,
    parameters: undefined,
  }));
}
