import { isIP } from 'node:net';
import type { FieldError } from '../api-error.ts';
import type { Json } from '../json.ts';
import { at, isObject, listOf, sameJson, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';
import { validateEvent } from './event.ts';
import { invalidValue, notSupported, required } from './field-error.ts';
import { validateIngress, validateIngressClass } from './ingress.ts';
import { validateMetadata, validateMetadataUpdate } from './metadata.ts';
import * as names from './names.ts';
import { validateService } from './service.ts';
import { validateStructural } from './structural.ts';

type Check = (object: KubeObject, old: KubeObject | undefined) => readonly FieldError[];

/** The checks of each kind; kinds without an entry are checked for their metadata only. */
const checks: { readonly [kind: string]: Check } = {
  Ingress: (object, old) => validateIngress(object, old === undefined),
  IngressClass: validateIngressClass,
  Service: validateService,
  EndpointSlice: validateEndpointSlice,
  Lease: validateLease,
  Secret: validateSecret,
  Pod: validatePod,
  Deployment: validateDeployment,
};

/** Everything wrong with an object that is about to be stored; `old` is what it replaces. */
export function validateObject(
  resource: Resource,
  object: KubeObject,
  old: KubeObject | undefined,
): readonly FieldError[] {
  return [
    ...validateMetadata(resource, object),
    ...(old ? validateMetadataUpdate(object, old) : []),
    ...(resource.storage === '/events' ? validateEvent(object, old, resource.group !== '') : []),
    ...(resource.definition ? validateStructural(object, resource.definition.openAPIV3Schema, old) : []),
    ...(resource.custom ? [] : (checks[resource.kind]?.(object, old) ?? [])),
  ];
}

function validateEndpointSlice(slice: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const type = textOf(slice['addressType']);
  const errors: FieldError[] = [];
  if (!type) errors.push(required('addressType'));
  else if (!['FQDN', 'IPv4', 'IPv6'].includes(type)) {
    errors.push(notSupported('addressType', type, ['FQDN', 'IPv4', 'IPv6']));
  }
  if (old && !sameJson(old['addressType'], slice['addressType'])) {
    errors.push(invalidValue('addressType', type, 'field is immutable'));
  }
  for (const [index, endpoint] of listOf(slice['endpoints']).entries()) {
    errors.push(...validateAddresses(at(endpoint, 'addresses'), type, `endpoints[${index}].addresses`));
  }
  return errors;
}

function validateAddresses(list: Json | undefined, type: string, field: string): readonly FieldError[] {
  const addresses = listOf(list).map(textOf);
  if (addresses.length === 0) return [required(field, 'must contain at least 1 address')];
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const version = type === 'IPv4' ? 4 : 6;
  return addresses.flatMap((address, index) => {
    const found = isIP(address);
    if (found === version) return [];
    const why = found
      ? `must be an ${type} address`
      : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
    return invalidValue(`${field}[${index}]`, address, why);
  });
}

function validateLease({ spec }: KubeObject): readonly FieldError[] {
  const duration = at(spec, 'leaseDurationSeconds');
  const transitions = at(spec, 'leaseTransitions');
  const errors: FieldError[] = [];
  if (duration !== undefined && Number(duration) <= 0) {
    errors.push(invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  }
  if (transitions !== undefined && Number(transitions) < 0) {
    errors.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}

function validateSecret(secret: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const data = isObject(secret['data']) ? secret['data'] : {};
  if (old && !sameJson(old['type'], secret['type'])) {
    errors.push(invalidValue('type', secret['type'], 'field is immutable'));
  }
  if (secret['type'] === 'kubernetes.io/tls') {
    for (const key of ['tls.crt', 'tls.key'])
      if (data[key] === undefined) errors.push(required(`data[${key}]`));
  }
  if (old?.['immutable'] === true && !sameJson(old['data'], secret['data'])) {
    errors.push({
      kind: 'forbidden',
      field: 'data',
      body: 'Forbidden: field is immutable when `immutable` is set',
    });
  }
  return errors;
}

function validatePod(pod: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const containers = listOf(at(pod['spec'], 'containers'));
  if (containers.length === 0) errors.push(required('spec.containers'));
  for (const [index, container] of containers.entries()) {
    errors.push(...validateContainer(container, `spec.containers[${index}]`));
  }
  const node = textOf(at(old?.['spec'], 'nodeName'));
  if (node && at(pod['spec'], 'nodeName') !== node) {
    errors.push({
      kind: 'forbidden',
      field: 'spec',
      body: 'Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
    });
  }
  return errors;
}

function validateContainer(container: Json, field: string): readonly FieldError[] {
  const ports = listOf(at(container, 'ports')).flatMap((port, index) => {
    const number = Number(at(port, 'containerPort') ?? 0);
    const portField = `${field}.ports[${index}].containerPort`;
    if (number === 0) return [required(portField)];
    return names.portNumber(number).map((text) => invalidValue(portField, number, text));
  });
  return textOf(at(container, 'name')) ? ports : [required(`${field}.name`), ...ports];
}

function validateDeployment(deployment: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const selector = at(deployment['spec'], 'selector');
  const labels = at(deployment['spec'], 'template', 'metadata', 'labels');
  const wanted = at(selector, 'matchLabels');
  const replicas = Number(at(deployment['spec'], 'replicas') ?? 1);
  if (replicas < 0)
    errors.push(invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'));
  if (selector === undefined) errors.push(required('spec.selector'));
  else if (isObject(wanted) && Object.entries(wanted).some(([key, value]) => at(labels, key) !== value)) {
    errors.push(
      invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    );
  }
  if (old && !sameJson(at(old['spec'], 'selector'), selector)) {
    errors.push(invalidValue('spec.selector', selector, 'field is immutable'));
  }
  return errors;
}
