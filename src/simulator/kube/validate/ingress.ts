import { isIP } from 'node:net';
import type { FieldError } from '../api-error.ts';
import type { Json } from '../json.ts';
import { at, isObject, listOf, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { invalidValue, notSupported, required } from './field-error.ts';
import * as names from './names.ts';

const classAnnotation = 'kubernetes.io/ingress.class';

/** What is wrong with an Ingress (kubernetes pkg/apis/networking/validation); `created`: checks that hold for new objects only. */
export function validateIngress(ingress: KubeObject, created: boolean): readonly FieldError[] {
  const spec = ingress['spec'];
  const rules = listOf(at(spec, 'rules'));
  const backend = at(spec, 'defaultBackend');
  const errors: FieldError[] = [];
  if (rules.length === 0 && backend === undefined) {
    errors.push(
      invalidValue('spec', at(spec, 'rules'), 'either `defaultBackend` or `rules` must be specified'),
    );
  }
  if (backend !== undefined) errors.push(...validateBackend(backend, 'spec.defaultBackend'));
  for (const [index, rule] of rules.entries()) errors.push(...validateRule(rule, `spec.rules[${index}]`));
  for (const [index, tls] of listOf(at(spec, 'tls')).entries()) {
    errors.push(...validateTls(tls, `spec.tls[${index}]`));
  }
  return [...errors, ...validateClassName(ingress, created)];
}

function validateClassName(ingress: KubeObject, created: boolean): readonly FieldError[] {
  const className = at(ingress['spec'], 'ingressClassName');
  const annotation = ingress.metadata.annotations?.[classAnnotation];
  if (typeof className !== 'string') return [];
  const errors = names
    .dnsSubdomain(className)
    .map((message) => invalidValue('spec.ingressClassName', className, message));
  if (created && annotation !== undefined && annotation !== className) {
    const field = `annotations.${classAnnotation}`;
    errors.push(invalidValue(field, annotation, 'must match `ingressClassName` when both are specified'));
  }
  return errors;
}

function validateRule(rule: Json, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const host = textOf(at(rule, 'host'));
  if (host) errors.push(...validateHost(host, `${field}.host`));
  if (isIP(host))
    errors.unshift(invalidValue(`${field}.host`, host, 'must be a DNS name, not an IP address'));
  if (at(rule, 'http') === undefined) return errors;
  const paths = listOf(at(rule, 'http', 'paths'));
  if (paths.length === 0) errors.push(required(`${field}.http.paths`));
  for (const [index, path] of paths.entries())
    errors.push(...validatePath(path, `${field}.http.paths[${index}]`));
  return errors;
}

function validateHost(host: string, field: string): readonly FieldError[] {
  const format = host.includes('*') ? names.wildcardDnsSubdomain : names.dnsSubdomain;
  return format(host).map((message) => invalidValue(field, host, message));
}

const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEndings = ['/..', '/.'];

function validatePath(entry: Json, field: string): readonly FieldError[] {
  const type = at(entry, 'pathType');
  const path = textOf(at(entry, 'path'));
  if (type === undefined) return [required(`${field}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  if (type === 'Exact' || type === 'Prefix') {
    if (!path.startsWith('/')) errors.push(invalidValue(`${field}.path`, path, 'must be an absolute path'));
    for (const sequence of forbiddenSequences.filter((bad) => path.includes(bad))) {
      errors.push(invalidValue(`${field}.path`, path, `must not contain '${sequence}'`));
    }
    for (const ending of forbiddenEndings.filter((bad) => path.endsWith(bad))) {
      errors.push(invalidValue(`${field}.path`, path, `cannot end with '${ending}'`));
    }
  } else if (type !== 'ImplementationSpecific') {
    errors.push(notSupported(`${field}.pathType`, type, ['Exact', 'ImplementationSpecific', 'Prefix']));
  } else if (path && !path.startsWith('/')) {
    errors.push(invalidValue(`${field}.path`, path, 'must be an absolute path'));
  }
  return [...errors, ...validateBackend(at(entry, 'backend') ?? {}, `${field}.backend`)];
}

function validateBackend(backend: Json, field: string): readonly FieldError[] {
  const service = at(backend, 'service');
  const resource = at(backend, 'resource');
  if (service !== undefined && resource !== undefined) {
    return [invalidValue(field, '', 'cannot set both resource and service backends')];
  }
  if (isObject(resource)) return validateResourceBackend(resource, `${field}.resource`);
  if (service === undefined) return [invalidValue(field, '', 'resource or service backend is required')];
  const name = textOf(at(service, 'name'));
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${field}.service.name`));
  else
    for (const message of names.dnsLabel(name))
      errors.push(invalidValue(`${field}.service.name`, name, message));
  return [...errors, ...validateBackendPort(service, field)];
}

function validateBackendPort(service: Json, field: string): readonly FieldError[] {
  const name = textOf(at(service, 'port', 'name'));
  const number = Number(at(service, 'port', 'number') ?? 0);
  if (name && number !== 0) return [invalidValue(field, '', 'cannot set both port name & port number')];
  if (name) return names.portName(name).map((text) => invalidValue(`${field}.service.port.name`, name, text));
  if (number === 0) return [required(field, 'port name or number is required')];
  return names.portNumber(number).map((text) => invalidValue(`${field}.service.port.number`, number, text));
}

function validateResourceBackend(resource: Json, field: string): readonly FieldError[] {
  const group = textOf(at(resource, 'apiGroup'));
  const errors: FieldError[] = group
    ? names.dnsSubdomain(group).map((text) => invalidValue(`${field}.apiGroup`, group, text))
    : [];
  if (!textOf(at(resource, 'kind'))) errors.push(required(`${field}.kind`));
  if (!textOf(at(resource, 'name'))) errors.push(required(`${field}.name`));
  return errors;
}

function validateTls(tls: Json, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, host] of listOf(at(tls, 'hosts')).entries()) {
    errors.push(...validateHost(textOf(host), `${field}.hosts[${index}]`));
  }
  const secret = textOf(at(tls, 'secretName'));
  if (secret) {
    for (const message of names.dnsSubdomain(secret))
      errors.push(invalidValue(`${field}.secretName`, secret, message));
  }
  return errors;
}

/** What is wrong with an IngressClass, on its own and against what it was. */
export function validateIngressClass(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const controller = textOf(at(object['spec'], 'controller'));
  const errors: FieldError[] = [];
  if (old && textOf(at(old['spec'], 'controller')) !== controller) {
    errors.push(invalidValue('spec.controller', controller, 'field is immutable'));
  }
  if (controller.length > 250) {
    errors.push({
      kind: 'tooLong',
      field: 'spec.controller',
      body: 'Too long: may not be more than 250 bytes',
    });
  }
  if (!controller) errors.push(required('spec.controller'));
  else if (!/^[a-z0-9.-]+\/[A-Za-z0-9/._~%!$&'()*+,;=:-]+$/.test(controller)) {
    errors.push(
      invalidValue('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")'),
    );
  }
  return [...errors, ...validateParameters(at(object['spec'], 'parameters'))];
}

function validateParameters(parameters: Json | undefined): readonly FieldError[] {
  if (!isObject(parameters)) return [];
  const field = 'spec.parameters';
  const scope = textOf(parameters['scope']) || 'Cluster';
  const namespace = textOf(parameters['namespace']);
  const errors: FieldError[] = [];
  if (!textOf(parameters['kind'])) errors.push(required(`${field}.kind`));
  if (!textOf(parameters['name'])) errors.push(required(`${field}.name`));
  if (scope !== 'Cluster' && scope !== 'Namespace') {
    errors.push(notSupported(`${field}.scope`, scope, ['Cluster', 'Namespace']));
  }
  if (scope === 'Namespace' && !namespace) {
    errors.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  }
  if (scope === 'Cluster' && namespace) {
    errors.push({
      kind: 'forbidden',
      field: `${field}.namespace`,
      body: "Forbidden: `parameters.scope` is set to 'Cluster'",
    });
  }
  return errors;
}
