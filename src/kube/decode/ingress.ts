import type {
  Ingress,
  IngressBackend,
  IngressPath,
  IngressRule,
  LoadBalancerStatus,
  PortReference,
} from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';
import { decodeMeta } from './meta.ts';

/** networking.k8s.io/v1 Ingress. `pathType` has no default there: an absent one is an error, as it is on the server. */
export function decodeIngress(object: Field): Ingress {
  const spec = object.at('spec');
  return {
    kind: 'Ingress',
    meta: decodeMeta(object.at('metadata'), { scope: 'namespaced' }),
    className: spec.at('ingressClassName').optionalText(),
    defaultBackend: spec.at('defaultBackend').optional(backend),
    rules: spec.at('rules').list(rule),
    tls: spec.at('tls').list((tls) => ({
      hosts: tls.at('hosts').list((host) => host.text()),
      secretName: tls.at('secretName').optionalText(),
    })),
    status: object.at('status').at('loadBalancer').at('ingress').list(status),
  };
}

function rule(field: Field): IngressRule {
  const http = field.at('http');
  return {
    host: field.at('host').textOr(''),
    paths: http.optional((present) => present.at('paths').list(path)),
  };
}

function path(field: Field): IngressPath {
  return {
    path: field.at('path').textOr(''),
    pathType: field.at('pathType').oneOf(['Exact', 'Prefix', 'ImplementationSpecific']),
    backend: backend(field.at('backend')),
  };
}

function backend(field: Field): IngressBackend {
  const service = field.at('service');
  const resource = field.at('resource');
  if (service.present && resource.present) return field.fail('either service or resource, not both');
  if (service.present) {
    return { kind: 'service', name: service.at('name').text(), port: service.at('port').optional(port) };
  }
  if (!resource.present) return field.fail('a backend with service or resource');
  return {
    kind: 'resource',
    apiGroup: resource.at('apiGroup').textOr(''),
    resourceKind: resource.at('kind').text(),
    name: resource.at('name').text(),
  };
}

/** `port: {}` and zero values mean that none is given. */
function port(field: Field): PortReference | undefined {
  const name = field.at('name').textOr('');
  const number = field.at('number').optionalInteger() ?? 0;
  if (name !== '' && number !== 0) return field.fail('either name or number, not both');
  if (name !== '') return { kind: 'name', name };
  return number === 0 ? undefined : { kind: 'number', number };
}

function status(field: Field): LoadBalancerStatus {
  return {
    hostname: field.at('hostname').textOr(''),
    ports: field.at('ports').list((item) => item.at('port').integer()),
  };
}
