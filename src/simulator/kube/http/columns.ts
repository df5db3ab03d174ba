import type { Json } from '../json.ts';
import { at, isObject, listOf, objectOf, shownText, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';
import { age } from './age.ts';

/** A column of `kubectl get`; wide columns show with `-o wide`. */
export type Column = {
  readonly name: string;
  readonly wide?: true;
  readonly cell: (object: KubeObject, now: number) => string | number;
};

const name: Column = { name: 'Name', cell: (object) => object.metadata.name };
const ageColumn: Column = { name: 'Age', cell: (object, now) => age(object.metadata.creationTimestamp, now) };

/** A column that shows one field as it is. */
function field(title: string, ...path: readonly string[]): Column {
  return { name: title, cell: (object) => shownText(at(object, ...path)) };
}

function wide(column: Column): Column {
  return { ...column, wide: true };
}

function orNone(text: string): string {
  return text || '<none>';
}

/** The columns that the API server prints for a resource (kubernetes pkg/printers/internalversion). */
export function columnsOf(resource: Resource): readonly Column[] {
  const { definition } = resource;
  if (definition && definition.printerColumns.length > 0)
    return [name, ...definition.printerColumns.map(printerColumn)];
  return tables[`${resource.group}/${resource.kind}`] ?? [name, ageColumn];
}

/** A column of a CustomResourceDefinition; of JSONPath we know plain field paths. */
function printerColumn(column: Json): Column {
  const path = textOf(at(column, 'jsonPath')).split('.').filter(Boolean);
  const isDate = at(column, 'type') === 'date';
  return {
    name: textOf(at(column, 'name')),
    ...(Number(at(column, 'priority') ?? 0) > 0 ? { wide: true as const } : {}),
    cell: (object, now) => (isDate ? age(textOf(at(object, ...path)), now) : shownText(at(object, ...path))),
  };
}

const eventColumns: readonly Column[] = [
  {
    name: 'Last Seen',
    cell: (event, now) => {
      const series = textOf(at(event['series'], 'lastObservedTime'));
      const seen =
        series ||
        textOf(event['lastTimestamp']) ||
        textOf(event['eventTime']) ||
        textOf(event['firstTimestamp']);
      return seen ? age(seen, now) : '<unknown>';
    },
  },
  field('Type', 'type'),
  field('Reason', 'reason'),
  {
    name: 'Object',
    cell: ({ involvedObject }) =>
      `${textOf(at(involvedObject, 'kind')).toLowerCase()}/${textOf(at(involvedObject, 'name'))}`,
  },
  wide(field('Subobject', 'involvedObject', 'fieldPath')),
  wide({
    name: 'Source',
    cell: (event) => textOf(at(event['source'], 'component')) || textOf(event['reportingComponent']),
  }),
  { name: 'Message', cell: (event) => textOf(event['message']).trim() },
  wide({
    name: 'First Seen',
    cell: (event, now) => {
      const first = textOf(event['firstTimestamp']) || textOf(event['eventTime']);
      return first ? age(first, now) : '<unknown>';
    },
  }),
  wide({ name: 'Count', cell: (event) => Number(at(event['series'], 'count') ?? event['count'] ?? 1) }),
  wide(name),
];

const tables: { readonly [resource: string]: readonly Column[] } = {
  '/Namespace': [name, field('Status', 'status', 'phase'), ageColumn],
  '/Node': [
    name,
    { name: 'Status', cell: nodeStatus },
    { name: 'Roles', cell: nodeRoles },
    ageColumn,
    field('Version', 'status', 'nodeInfo', 'kubeletVersion'),
    wide({ name: 'Internal-IP', cell: (node) => orNone(nodeAddress(node, 'InternalIP')) }),
    wide({ name: 'External-IP', cell: (node) => orNone(nodeAddress(node, 'ExternalIP')) }),
  ],
  '/Service': [
    name,
    field('Type', 'spec', 'type'),
    { name: 'Cluster-IP', cell: (service) => orNone(textOf(at(service['spec'], 'clusterIP'))) },
    { name: 'External-IP', cell: externalIp },
    { name: 'Port(s)', cell: servicePorts },
    ageColumn,
    wide({ name: 'Selector', cell: (service) => orNone(pairs(at(service['spec'], 'selector'))) }),
  ],
  '/Pod': [
    name,
    { name: 'Ready', cell: podReady },
    { name: 'Status', cell: podStatus },
    { name: 'Restarts', cell: () => 0 },
    ageColumn,
    wide({ name: 'IP', cell: (pod) => orNone(textOf(at(pod['status'], 'podIP'))) }),
    wide({ name: 'Node', cell: (pod) => orNone(textOf(at(pod['spec'], 'nodeName'))) }),
    wide({ name: 'Nominated Node', cell: () => '<none>' }),
    wide({ name: 'Readiness Gates', cell: readinessGates }),
  ],
  '/Secret': [
    name,
    field('Type', 'type'),
    { name: 'Data', cell: (secret) => Object.keys(objectOf(secret['data'])).length },
    ageColumn,
  ],
  '/ConfigMap': [
    name,
    {
      name: 'Data',
      cell: (map) =>
        Object.keys(objectOf(map['data'])).length + Object.keys(objectOf(map['binaryData'])).length,
    },
    ageColumn,
  ],
  '/Event': eventColumns,
  'events.k8s.io/Event': eventColumns,
  'networking.k8s.io/Ingress': [
    name,
    { name: 'Class', cell: ingressClassName },
    { name: 'Hosts', cell: ingressHosts },
    { name: 'Address', cell: ingressAddress },
    { name: 'Ports', cell: (ingress) => (listOf(at(ingress['spec'], 'tls')).length > 0 ? '80, 443' : '80') },
    ageColumn,
  ],
  'networking.k8s.io/IngressClass': [
    name,
    field('Controller', 'spec', 'controller'),
    { name: 'Parameters', cell: classParameters },
    ageColumn,
  ],
  'discovery.k8s.io/EndpointSlice': [
    name,
    field('AddressType', 'addressType'),
    {
      name: 'Ports',
      cell: (slice) =>
        shortList(
          listOf(slice['ports']).map((port) => shownText(at(port, 'port')) || '*'),
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      cell: (slice) =>
        shortList(
          listOf(slice['endpoints']).flatMap((endpoint) => listOf(at(endpoint, 'addresses')).map(textOf)),
          '<unset>',
        ),
    },
    ageColumn,
  ],
  'coordination.k8s.io/Lease': [name, field('Holder', 'spec', 'holderIdentity'), ageColumn],
  'apps/Deployment': [
    name,
    {
      name: 'Ready',
      cell: ({ spec, status }) =>
        `${Number(at(status, 'readyReplicas') ?? 0)}/${Number(at(spec, 'replicas') ?? 0)}`,
    },
    { name: 'Up-to-date', cell: ({ status }) => Number(at(status, 'updatedReplicas') ?? 0) },
    { name: 'Available', cell: ({ status }) => Number(at(status, 'availableReplicas') ?? 0) },
    ageColumn,
  ],
  'apps/ReplicaSet': [
    name,
    { name: 'Desired', cell: ({ spec }) => Number(at(spec, 'replicas') ?? 0) },
    { name: 'Current', cell: ({ status }) => Number(at(status, 'replicas') ?? 0) },
    { name: 'Ready', cell: ({ status }) => Number(at(status, 'readyReplicas') ?? 0) },
    ageColumn,
  ],
  'apiextensions.k8s.io/CustomResourceDefinition': [
    name,
    field('Created At', 'metadata', 'creationTimestamp'),
  ],
  'elbv2.k8s.aws/IngressClassParams': [
    name,
    field('Group-Name', 'spec', 'group', 'name'),
    field('Scheme', 'spec', 'scheme'),
    field('Ip-Address-Type', 'spec', 'ipAddressType'),
    ageColumn,
  ],
  'elbv2.k8s.aws/TargetGroupBinding': [
    name,
    field('Service-Name', 'spec', 'serviceRef', 'name'),
    field('Service-Port', 'spec', 'serviceRef', 'port'),
    field('Target-Type', 'spec', 'targetType'),
    wide(field('ARN', 'spec', 'targetGroupARN')),
    ageColumn,
  ],
};

function pairs(map: Json | undefined): string {
  return Object.entries(objectOf(map))
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .join(',');
}

function shortList(items: readonly string[], none: string): string {
  if (items.length === 0) return none;
  return items.length > 3 ? `${items.slice(0, 3).join(',')} + ${items.length - 3} more...` : items.join(',');
}

function nodeStatus(node: KubeObject): string {
  const ready = listOf(at(node['status'], 'conditions')).find(
    (condition) => at(condition, 'type') === 'Ready',
  );
  const status = ready === undefined ? 'Unknown' : at(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return at(node['spec'], 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(node: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
  return orNone(roles.map((label) => label.slice(prefix.length)).join(','));
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = listOf(at(node['status'], 'addresses')).find((address) => at(address, 'type') === type);
  return textOf(at(found, 'address'));
}

function externalIp(service: KubeObject): string {
  const type = at(service['spec'], 'type');
  const given = listOf(at(service['spec'], 'externalIPs')).map(textOf);
  const balancer = addressesOf(service);
  if (type === 'ExternalName') return textOf(at(service['spec'], 'externalName'));
  if (type === 'LoadBalancer') return [...balancer, ...given].join(',') || '<pending>';
  return orNone(given.join(','));
}

function servicePorts(service: KubeObject): string {
  const ports = listOf(at(service['spec'], 'ports')).map((port) => {
    const node = Number(at(port, 'nodePort') ?? 0);
    return `${Number(at(port, 'port'))}${node ? `:${node}` : ''}/${textOf(at(port, 'protocol'))}`;
  });
  return orNone(ports.join(','));
}

function podReady(pod: KubeObject): string {
  const total = listOf(at(pod['spec'], 'containers')).length;
  return `${isReady(pod) ? total : 0}/${total}`;
}

function isReady(pod: KubeObject): boolean {
  return listOf(at(pod['status'], 'conditions')).some(
    (condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True',
  );
}

function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return textOf(at(pod['status'], 'reason')) || textOf(at(pod['status'], 'phase')) || 'Unknown';
}

function readinessGates(pod: KubeObject): string {
  const gates = listOf(at(pod['spec'], 'readinessGates')).map((gate) => at(gate, 'conditionType'));
  if (gates.length === 0) return '<none>';
  const conditions = listOf(at(pod['status'], 'conditions'));
  const met = gates.filter((gate) =>
    conditions.some((condition) => at(condition, 'type') === gate && at(condition, 'status') === 'True'),
  );
  return `${met.length}/${gates.length}`;
}

function ingressClassName(ingress: KubeObject): string {
  const annotation = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  return orNone(textOf(at(ingress['spec'], 'ingressClassName')) || (annotation ?? ''));
}

function ingressHosts(ingress: KubeObject): string {
  const hosts = listOf(at(ingress['spec'], 'rules'))
    .map((rule) => textOf(at(rule, 'host')))
    .filter(Boolean);
  return shortList(hosts, '*');
}

function addressesOf(object: KubeObject): readonly string[] {
  return listOf(at(object['status'], 'loadBalancer', 'ingress')).map(
    (entry) => textOf(at(entry, 'ip')) || textOf(at(entry, 'hostname')),
  );
}

function ingressAddress(ingress: KubeObject): string {
  return addressesOf(ingress).join(',');
}

function classParameters(ingressClass: KubeObject): string {
  const parameters = at(ingressClass['spec'], 'parameters');
  if (!isObject(parameters)) return '<none>';
  const group = textOf(parameters['apiGroup']);
  return `${textOf(parameters['kind'])}${group ? `.${group}` : ''}/${textOf(parameters['name'])}`;
}
