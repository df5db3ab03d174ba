import type { FieldError } from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { at, listOf, objectOf, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from './field-error.ts';
import * as names from './names.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const policies = ['Cluster', 'Local'];
const protocols = ['SCTP', 'TCP', 'UDP'];

/** What is wrong with a Service (kubernetes pkg/apis/core/validation), on its own and against what it was. */
export function validateService(service: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const spec = objectOf(service['spec']);
  const ports = listOf(spec['ports']);
  return [
    ...validatePresence(spec, ports),
    ...ports.flatMap((port, index) => validatePort(port, `spec.ports[${index}]`, ports.length > 1)),
    ...validateSelector(spec['selector']),
    ...validateAffinity(spec),
    ...validateType(spec, ports),
    ...duplicates(ports),
    ...validatePolicies(spec),
    ...validateClusterIpChange(spec, objectOf(old?.['spec'])),
  ];
}

function isExternal(spec: JsonObject): boolean {
  return spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
}

function validatePresence(spec: JsonObject, ports: readonly Json[]): readonly FieldError[] {
  const type = textOf(spec['type']);
  const headless = spec['clusterIP'] === 'None';
  const errors: FieldError[] = [];
  if (ports.length === 0 && !headless && type !== 'ExternalName') errors.push(required('spec.ports'));
  if (type === 'ExternalName' && !textOf(spec['externalName'])) errors.push(required('spec.externalName'));
  if (headless && isExternal(spec)) {
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  return errors;
}

function validateType(spec: JsonObject, ports: readonly Json[]): readonly FieldError[] {
  const type = textOf(spec['type']);
  if (!types.includes(type)) return [notSupported('spec.type', type, types)];
  if (type !== 'ClusterIP') return [];
  return ports.flatMap((port, index) =>
    at(port, 'nodePort') === undefined || at(port, 'nodePort') === 0
      ? []
      : forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"),
  );
}

function validatePolicies(spec: JsonObject): readonly FieldError[] {
  const external = spec['externalTrafficPolicy'];
  const internal = spec['internalTrafficPolicy'];
  const errors: FieldError[] = [];
  if (external !== undefined && !isExternal(spec)) {
    errors.push(
      invalidValue(
        'spec.externalTrafficPolicy',
        external,
        'may only be set for externally-accessible services',
      ),
    );
  } else if (external !== undefined && !policies.includes(textOf(external))) {
    errors.push(notSupported('spec.externalTrafficPolicy', external, policies));
  }
  if (internal !== undefined && !policies.includes(textOf(internal))) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, policies));
  }
  return errors;
}

function validateClusterIpChange(spec: JsonObject, old: JsonObject): readonly FieldError[] {
  const before = textOf(old['clusterIP']);
  const external = spec['type'] === 'ExternalName' || old['type'] === 'ExternalName';
  if (!before || external || spec['clusterIP'] === before) return [];
  return [invalidValue('spec.clusterIPs[0]', [spec['clusterIP'] ?? ''], 'may not change once set')];
}

function validatePort(port: Json, field: string, nameRequired: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = textOf(at(port, 'name'));
  const number = Number(at(port, 'port') ?? 0);
  const protocol = textOf(at(port, 'protocol'));
  const target = at(port, 'targetPort');
  if (nameRequired && !name) errors.push(required(`${field}.name`));
  else if (name)
    for (const text of names.dnsLabel(name)) errors.push(invalidValue(`${field}.name`, name, text));
  for (const text of names.portNumber(number)) errors.push(invalidValue(`${field}.port`, number, text));
  if (!protocols.includes(protocol)) errors.push(notSupported(`${field}.protocol`, protocol, protocols));
  if (typeof target === 'number') {
    for (const text of names.portNumber(target))
      errors.push(invalidValue(`${field}.targetPort`, target, text));
  } else if (typeof target === 'string') {
    for (const text of names.portName(target)) errors.push(invalidValue(`${field}.targetPort`, target, text));
  }
  return errors;
}

function duplicates(ports: readonly Json[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seenNames = new Set<string>();
  const seenPorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const name = textOf(at(port, 'name'));
    const key = `${textOf(at(port, 'protocol'))} ${Number(at(port, 'port'))}`;
    if (name && seenNames.has(name)) errors.push(duplicate(`spec.ports[${index}].name`, name));
    if (seenPorts.has(key)) {
      errors.push({
        kind: 'duplicate',
        field: `spec.ports[${index}]`,
        body: `Duplicate value: ${JSON.stringify({ protocol: at(port, 'protocol'), port: at(port, 'port') })}`,
      });
    }
    seenNames.add(name);
    seenPorts.add(key);
  }
  return errors;
}

function validateSelector(selector: Json | undefined): readonly FieldError[] {
  return Object.entries(objectOf(selector)).flatMap(([key, value]) => [
    ...names.labelKey(key).map((text) => invalidValue('spec.selector', key, text)),
    ...names.labelValue(textOf(value)).map((text) => invalidValue('spec.selector', textOf(value), text)),
  ]);
}

function validateAffinity(spec: JsonObject): readonly FieldError[] {
  const affinity = spec['sessionAffinity'];
  if (affinity === undefined) return [required('spec.sessionAffinity')];
  return affinity === 'None' || affinity === 'ClientIP'
    ? []
    : [notSupported('spec.sessionAffinity', affinity, ['ClientIP', 'None'])];
}
