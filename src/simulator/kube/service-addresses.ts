import type { FieldError } from './api-error.ts';
import type { Json, JsonObject } from './json.ts';
import { at, isObject, listOf, objectOf, textOf, without } from './json.ts';
import type { KubeObject } from './object.ts';
import type { Store } from './store.ts';
import { invalidValue } from './validate/field-error.ts';

const firstNodePort = 30000;
const lastNodePort = 32767;
/** What a Service loses when it becomes a mere alias. */
const clusterFields = [
  'clusterIP',
  'clusterIPs',
  'ipFamilies',
  'ipFamilyPolicy',
  'internalTrafficPolicy',
  'externalTrafficPolicy',
  'allocateLoadBalancerNodePorts',
];

const nodePortRange = 'The range of valid ports is 30000-32767';

/**
 * Gives a Service its cluster IP and node ports: kept from the old object, taken as written, or the lowest free ones, so that
 * the same manifests always get the same numbers (the API server deals them at random).
 */
export function allocateAddresses(
  service: KubeObject,
  old: KubeObject | undefined,
  store: Store,
): { readonly service: KubeObject; readonly errors: readonly FieldError[] } {
  const others = store
    .list('/services')
    .filter((other) => other.metadata.uid !== (old ?? service).metadata.uid);
  const errors: FieldError[] = [];
  const spec = withoutOutdated(objectOf(service['spec']), objectOf(old?.['spec']));
  const type = textOf(spec['type']);
  let result: JsonObject =
    type === 'ExternalName' ? without(spec, ...clusterFields) : withClusterIp(spec, old, others, errors);
  if (Array.isArray(spec['ports'])) {
    result = { ...result, ports: withNodePorts(spec, old, others, errors) };
  }
  return { service: { ...service, spec: result }, errors };
}

function withClusterIp(
  spec: JsonObject,
  old: KubeObject | undefined,
  others: readonly KubeObject[],
  errors: FieldError[],
): JsonObject {
  const taken = new Set(others.map((other) => textOf(at(other['spec'], 'clusterIP'))));
  const given = textOf(spec['clusterIP']) || textOf(listOf(spec['clusterIPs'])[0]);
  if (given && given !== 'None' && taken.has(given)) {
    errors.push(
      invalidValue(
        'spec.clusterIPs',
        [given],
        `failed to allocate IP ${given}: provided IP is already allocated`,
      ),
    );
  }
  const clusterIP = given || textOf(at(old?.['spec'], 'clusterIP')) || freeAddress(taken);
  return { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', ...spec, clusterIP, clusterIPs: [clusterIP] };
}

function freeAddress(taken: ReadonlySet<string>): string {
  // 172.20.0.0/16 is what EKS uses; .0.1 is the `kubernetes` Service and .0.10 the DNS Service there.
  for (let number = 11; ; number++) {
    const address = `172.20.${Math.floor(number / 256)}.${number % 256}`;
    if (!taken.has(address)) return address;
  }
}

function withNodePorts(
  spec: JsonObject,
  old: KubeObject | undefined,
  others: readonly KubeObject[],
  errors: FieldError[],
): readonly Json[] {
  const ports = listOf(spec['ports']).filter(isObject);
  const wanted =
    spec['type'] === 'NodePort' ||
    (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false);
  const given = (port: JsonObject): number => Number(port['nodePort'] ?? 0);
  if (!wanted) return spec['type'] === 'LoadBalancer' ? ports : withoutKept(ports, old);
  const taken = new Set(others.flatMap(nodePortsOf));
  const before = new Map(
    listOf(at(old?.['spec'], 'ports')).map((port) => [portKey(port), Number(at(port, 'nodePort') ?? 0)]),
  );
  const own = new Set(ports.map(given).filter((port) => port > 0));
  return ports.map((port, index) => {
    const pinned = given(port);
    const field = `spec.ports[${index}].nodePort`;
    if (pinned !== 0) {
      if (taken.has(pinned)) errors.push(invalidValue(field, pinned, 'provided port is already allocated'));
      else if (pinned < firstNodePort || pinned > lastNodePort) {
        errors.push(invalidValue(field, pinned, `provided port is not in the valid range. ${nodePortRange}`));
      }
      return port;
    }
    const kept = before.get(portKey(port)) ?? 0;
    const nodePort = kept && !own.has(kept) ? kept : freePort(taken, own);
    own.add(nodePort);
    return { ...port, nodePort };
  });
}

/** Fields that hold for some types only go with the type when the writer did not touch them. */
function withoutOutdated(spec: JsonObject, old: JsonObject): JsonObject {
  const { type } = spec;
  const external = type === 'NodePort' || type === 'LoadBalancer';
  const outdated = [
    ...(external ? [] : ['externalTrafficPolicy']),
    ...(type === 'LoadBalancer' ? [] : ['allocateLoadBalancerNodePorts', 'loadBalancerClass']),
  ];
  return without(spec, ...outdated.filter((field) => spec[field] === old[field]));
}

/** A Service that stops being reachable from outside loses the node ports that it had; others stay and are refused. */
function withoutKept(ports: readonly JsonObject[], old: KubeObject | undefined): readonly Json[] {
  const before = new Set(old ? nodePortsOf(old) : []);
  return ports.map((port) => (before.has(Number(port['nodePort'] ?? 0)) ? without(port, 'nodePort') : port));
}

function freePort(taken: ReadonlySet<number>, own: ReadonlySet<number>): number {
  let port = firstNodePort;
  while (taken.has(port) || own.has(port)) port++;
  return port;
}

function portKey(port: Json): string {
  return `${textOf(at(port, 'protocol'))} ${Number(at(port, 'port'))}`;
}

function nodePortsOf(service: KubeObject): readonly number[] {
  return listOf(at(service['spec'], 'ports')).flatMap((port) => Number(at(port, 'nodePort') ?? 0) || []);
}
