import type { Json, JsonObject } from './json.ts';
import { at, isObject, listOf, objectOf, present, shownText, textOf } from './json.ts';

/**
 * The pods and EndpointSlices that a cluster's controllers would make: pure functions from manifests to manifests, used by the
 * sandbox's live stand-in (`workloads.ts`) and by whoever seeds a cluster file by file.
 */

export type PodAddress = { readonly ip: string; readonly nodeName: string };

/** Everything that a Service's pods and slices follow from. Objects may be manifests or stored objects. */
export type ServicePods = {
  readonly service: JsonObject;
  /** Pods of any namespace; those that the selector picks are used. */
  readonly pods: readonly JsonObject[];
};

const serviceNameLabel = 'kubernetes.io/service-name';
const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const managedBy = 'endpointslice-controller.k8s.io';
const slicePorts = 8080;

/**
 * The objects that come with a set of manifests: for each Service with a selector, and no EndpointSlice of its own among the
 * manifests, two Ready pods `<service>-0` and `-1` where none match (given or existing), and the EndpointSlice. Addresses are
 * dealt in the order of the Services.
 */
export function objectsBeside(options: {
  readonly manifests: readonly JsonObject[];
  readonly existingPods: readonly JsonObject[];
  readonly nextAddress: () => PodAddress;
}): readonly JsonObject[] {
  const { manifests, existingPods, nextAddress } = options;
  const given = manifests.filter((object) => object['kind'] === 'Pod');
  const replaced = new Set(given.map(identity));
  let pods = [...given, ...existingPods.filter((pod) => !replaced.has(identity(pod)))];
  const made: JsonObject[] = [];
  const slices = manifests.filter((object) => object['kind'] === 'EndpointSlice');
  for (const service of manifests.filter(isSelecting)) {
    if (slices.some((slice) => isSliceOf(slice, service))) continue;
    if (!pods.some((pod) => selects(service, pod))) {
      const fresh = [0, 1].map((index) => servicePod(service, index, nextAddress()));
      made.push(...fresh);
      pods = [...pods, ...fresh];
    }
    made.push(...endpointSlices({ service, pods }));
  }
  return made;
}

/** Deals addresses round robin over nodes: the first of each, then the second of each, and so on. */
export function roundRobin(
  nodes: readonly { readonly nodeName: string; readonly ips: readonly string[] }[],
): (n: number) => PodAddress {
  return (n) => {
    const node = nodes[n % nodes.length];
    const round = Math.floor(n / Math.max(1, nodes.length));
    const ip = node?.ips[round % Math.max(1, node.ips.length)];
    if (!node || ip === undefined)
      throw new RangeError('pods need at least one node with an address for pods');
    return { ip, nodeName: node.nodeName };
  };
}

/** A Service whose pods somebody has to find: it has a selector and is not an alias of another name. */
export function isSelecting(object: JsonObject): boolean {
  const spec = object['spec'];
  const selector = at(spec, 'selector');
  return (
    object['kind'] === 'Service' &&
    at(spec, 'type') !== 'ExternalName' &&
    isObject(selector) &&
    Object.keys(selector).length > 0
  );
}

export function selects(service: JsonObject, pod: JsonObject): boolean {
  if (namespaceOf(service) !== namespaceOf(pod)) return false;
  const labels = objectOf(at(pod, 'metadata', 'labels'));
  return Object.entries(objectOf(at(service, 'spec', 'selector'))).every(
    ([key, value]) => labels[key] === value,
  );
}

export function isSliceOf(slice: JsonObject, service: JsonObject): boolean {
  return (
    namespaceOf(slice) === namespaceOf(service) &&
    at(slice, 'metadata', 'labels', serviceNameLabel) === at(service, 'metadata', 'name')
  );
}

/** A slice that we (or the real controller) made, as opposed to one that a user wrote. */
export function isGenerated(slice: JsonObject): boolean {
  return at(slice, 'metadata', 'labels', managedByLabel) === managedBy;
}

/** The n-th pod of a Service that nobody runs pods for: labels as its selector, one container port per target port. */
export function servicePod(service: JsonObject, index: number, address: PodAddress): JsonObject {
  const ports = new Map<string, JsonObject>();
  for (const [position, port] of listOf(at(service, 'spec', 'ports')).entries()) {
    const target = at(port, 'targetPort') ?? at(port, 'port') ?? slicePorts + position;
    const protocol = at(port, 'protocol');
    const number = typeof target === 'number' ? target : slicePorts + position;
    const name = typeof target === 'string' ? target : undefined;
    if (!ports.has(shownText(target)))
      ports.set(shownText(target), present({ name, containerPort: number, protocol }));
  }
  const name = `${textOf(at(service, 'metadata', 'name'))}-${index}`;
  const spec = { containers: [{ name: 'app', image: 'sandbox/echo', ports: [...ports.values()] }] };
  const labels = objectOf(at(service, 'spec', 'selector'));
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: namespaceOf(service), labels },
    spec,
  };
  return runningPod(pod, address);
}

/** The n-th pod of a Deployment, by its template. */
export function deploymentPod(deployment: JsonObject, index: number, address: PodAddress): JsonObject {
  const template = at(deployment, 'spec', 'template');
  const { name, uid } = objectOf(deployment['metadata']);
  const metadata = present({
    name: `${textOf(name)}-${index}`,
    namespace: namespaceOf(deployment),
    labels: at(template, 'metadata', 'labels'),
    annotations: at(template, 'metadata', 'annotations'),
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: name ?? '', uid: uid ?? '', controller: true },
    ],
  });
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: objectOf(at(template, 'spec')) };
  return runningPod(pod, address);
}

/** A pod as the kubelet reports it once its containers run: address, node and conditions. */
export function runningPod(pod: JsonObject, address: PodAddress): JsonObject {
  const nodeName = textOf(at(pod, 'spec', 'nodeName')) || address.nodeName;
  const status = {
    ...objectOf(pod['status']),
    phase: 'Running',
    podIP: address.ip,
    podIPs: [{ ip: address.ip }],
  };
  const placed = { ...pod, spec: { ...objectOf(pod['spec']), nodeName }, status };
  return { ...placed, status: { ...status, conditions: podConditions(placed) } };
}

/** A running pod's conditions: Ready when its containers are and every readiness gate's own condition is True. */
export function podConditions(pod: JsonObject): readonly Json[] {
  const gates = listOf(at(pod, 'spec', 'readinessGates')).map((gate) => textOf(at(gate, 'conditionType')));
  const others = listOf(at(pod, 'status', 'conditions')).filter(
    (condition) => !kubeletConditions.includes(textOf(at(condition, 'type'))),
  );
  const met = gates.every((gate) => others.some((condition) => isTrue(condition, gate)));
  return [
    ...kubeletConditions.map((type) => ({ type, status: type === 'Ready' && !met ? 'False' : 'True' })),
    ...others,
  ];
}

const kubeletConditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];

/** The EndpointSlices of a Service over the pods that it selects: one, or one per set of numbers that its named ports resolve to. */
export function endpointSlices({ service, pods }: ServicePods): readonly JsonObject[] {
  const always = at(service, 'spec', 'publishNotReadyAddresses') === true;
  const byPorts = new Map<string, { ports: readonly JsonObject[]; endpoints: JsonObject[] }>();
  const selected = pods.filter((pod) => selects(service, pod) && textOf(at(pod, 'status', 'podIP')) !== '');
  for (const pod of selected.toSorted((left, right) => (identity(left) < identity(right) ? -1 : 1))) {
    const ports = resolvedPorts(service, pod);
    const key = JSON.stringify(ports);
    const group = byPorts.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpoint(pod, always));
    byPorts.set(key, group);
  }
  if (byPorts.size === 0) byPorts.set('', { ports: resolvedPorts(service, undefined), endpoints: [] });
  return [...byPorts.values()].map(({ ports, endpoints }, index) =>
    slice(service, index + 1, { ports, endpoints }),
  );
}

function slice(
  service: JsonObject,
  number: number,
  content: { readonly ports: readonly JsonObject[]; readonly endpoints: readonly JsonObject[] },
): JsonObject {
  const { name, uid } = objectOf(service['metadata']);
  const owner = { apiVersion: 'v1', kind: 'Service', name: name ?? '', uid: uid ?? '', controller: true };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${textOf(name)}-${number}`,
      namespace: namespaceOf(service),
      labels: { [serviceNameLabel]: textOf(name), [managedByLabel]: managedBy },
      // Manifests have no UID yet; only the slice of a stored Service can point to its owner.
      ...(uid === undefined ? {} : { ownerReferences: [owner] }),
    },
    addressType: 'IPv4',
    ...content,
  };
}

function endpoint(pod: JsonObject, always: boolean): JsonObject {
  const ready = listOf(at(pod, 'status', 'conditions')).some((condition) => isTrue(condition, 'Ready'));
  const terminating = at(pod, 'metadata', 'deletionTimestamp') !== undefined;
  const { name, namespace, uid } = objectOf(pod['metadata']);
  return present({
    addresses: [textOf(at(pod, 'status', 'podIP'))],
    conditions: { ready: always || (ready && !terminating), serving: always || ready, terminating },
    nodeName: at(pod, 'spec', 'nodeName'),
    targetRef: present({ kind: 'Pod', namespace: namespace ?? 'default', name, uid }),
  });
}

function resolvedPorts(service: JsonObject, pod: JsonObject | undefined): readonly JsonObject[] {
  return listOf(at(service, 'spec', 'ports')).flatMap((port, index) => {
    const target = at(port, 'targetPort') ?? at(port, 'port') ?? slicePorts;
    const number =
      typeof target === 'number' ? target : containerPort(pod, textOf(target), slicePorts + index);
    // A pod without the named port is left out of that port, as the real controller does.
    if (number === undefined) return [];
    const protocol = at(port, 'protocol') ?? 'TCP';
    const appProtocol = at(port, 'appProtocol');
    return [present({ name: textOf(at(port, 'name')), port: number, protocol, appProtocol })];
  });
}

function containerPort(pod: JsonObject | undefined, name: string, otherwise: number): number | undefined {
  if (!pod) return otherwise;
  const ports = listOf(at(pod, 'spec', 'containers')).flatMap((container) => listOf(at(container, 'ports')));
  const found = at(
    ports.find((port) => at(port, 'name') === name),
    'containerPort',
  );
  return typeof found === 'number' ? found : undefined;
}

function isTrue(condition: Json, type: string): boolean {
  return at(condition, 'type') === type && at(condition, 'status') === 'True';
}

export function namespaceOf(object: JsonObject): string {
  return textOf(at(object, 'metadata', 'namespace')) || 'default';
}

function identity(object: JsonObject): string {
  return `${namespaceOf(object)}/${textOf(at(object, 'metadata', 'name'))}`;
}
