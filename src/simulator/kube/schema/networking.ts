import { topLevel } from './meta.ts';
import type { ObjectSchema } from './schema.ts';
import * as s from './schema.ts';

const backend = s.object('v1.IngressBackend', {
  service: s.object('v1.IngressServiceBackend', {
    name: s.string,
    port: s.atomicObject('v1.ServiceBackendPort', { name: s.string, number: s.int32 }),
  }),
  resource: s.atomicObject('v1.TypedLocalObjectReference', {
    apiGroup: s.string,
    kind: s.string,
    name: s.string,
  }),
});

const rule: ObjectSchema = {
  ...s.object('v1.IngressRule', {
    host: s.string,
    http: s.object('v1.HTTPIngressRuleValue', {
      paths: s.atomicList(s.object('v1.HTTPIngressPath', { path: s.string, pathType: s.string, backend })),
    }),
  }),
  embedded: { http: 'IngressRuleValue' },
};

const ingressStatus = s.object('v1.IngressStatus', {
  loadBalancer: s.object('v1.IngressLoadBalancerStatus', {
    ingress: s.atomicList(
      s.object('v1.IngressLoadBalancerIngress', {
        ip: s.string,
        hostname: s.string,
        ports: s.atomicList(
          s.object('v1.IngressPortStatus', { port: s.int32, protocol: s.string, error: s.string }),
        ),
      }),
    ),
  }),
});

export const ingress = topLevel('v1.Ingress', {
  spec: s.object('v1.IngressSpec', {
    ingressClassName: s.string,
    defaultBackend: backend,
    tls: s.atomicList(s.object('v1.IngressTLS', { hosts: s.atomicList(s.string), secretName: s.string })),
    rules: s.atomicList(rule),
  }),
  status: ingressStatus,
});

export const ingressClass = topLevel('v1.IngressClass', {
  spec: s.object('v1.IngressClassSpec', {
    controller: s.string,
    parameters: s.object('v1.IngressClassParametersReference', {
      apiGroup: s.string,
      kind: s.string,
      name: s.string,
      scope: s.string,
      namespace: s.string,
    }),
  }),
});
