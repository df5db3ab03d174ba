import type { JsonObject } from '../../../../src/simulator/kube/json.ts';

/** Small manifests that name the difference and hide the rest. */

export function service(name: string, spec: JsonObject = {}, namespace = 'web'): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

export function ingress(name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'web', ...metadata },
    spec: { rules: [rule('/')], ...spec },
  };
}

export function rule(path: string, changes: JsonObject = {}): JsonObject {
  const backend = { service: { name: 'front', port: { number: 80 } } };
  return { http: { paths: [{ path, pathType: 'Prefix', backend, ...changes }] } };
}

export function ingressClass(name: string, isDefault = false): JsonObject {
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name, annotations },
    spec: { controller: 'albatross.dev/alb' },
  };
}

export function pod(name: string, labels: JsonObject = {}, changes: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'web', labels },
    spec: { containers: [{ name: 'app', image: 'app' }] },
    ...changes,
  };
}

export function configMap(name: string, data: JsonObject = {}, labels: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'web', labels }, data };
}

export const paths = {
  services: '/api/v1/namespaces/web/services',
  pods: '/api/v1/namespaces/web/pods',
  configMaps: '/api/v1/namespaces/web/configmaps',
  ingresses: '/apis/networking.k8s.io/v1/namespaces/web/ingresses',
  ingressClasses: '/apis/networking.k8s.io/v1/ingressclasses',
};
