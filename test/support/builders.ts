// Decoded Kubernetes objects for tests: the fewest words for a valid object, everything else by overriding.

import { createHash } from 'node:crypto';
import type {
  Ingress,
  IngressBackend,
  IngressClass,
  IngressClassParams,
  IngressPath,
  IngressRule,
  Meta,
  Namespace,
  PathType,
  Service,
  ServicePort,
  TargetGroupBinding,
} from '../../src/core/domain/cluster.ts';

/** `shop/web`; a name alone is cluster-scoped. The uid follows from kind and name. */
export function meta(kind: string, id: string, overrides: Partial<Meta> = {}): Meta {
  const slash = id.indexOf('/');
  return {
    namespace: slash < 0 ? '' : id.slice(0, slash),
    name: id.slice(slash + 1),
    uid: createHash('sha256').update(`${kind} ${id}`).digest('hex').slice(0, 32),
    resourceVersion: '1',
    generation: 1,
    annotations: {},
    labels: {},
    finalizers: [],
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...overrides,
  };
}

const prefix = 'alb.ingress.kubernetes.io/';

/** `{ scheme: 'internal' }` → the annotation with our prefix; a key with a `/` is kept. */
function annotations(short: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(short).map(([key, value]) => [key.includes('/') ? key : `${prefix}${key}`, value]),
  );
}

/** `front:80`, `front:http`, `page:use-annotation`; without a port none is named. */
export function backend(text: string): IngressBackend {
  const [name = '', port] = text.split(':');
  if (port === undefined) return { kind: 'service', name, port: undefined };
  const number = Number(port);
  return {
    kind: 'service',
    name,
    port: Number.isInteger(number) ? { kind: 'number', number } : { kind: 'name', name: port },
  };
}

/** `Exact /foo`, `/foo` (Prefix), `ImplementationSpecific /foo*`, and the backend. */
function path(text: string, to: string | IngressBackend): IngressPath {
  const [first = '', second] = text.split(' ');
  return {
    path: second ?? (first.startsWith('/') ? first : ''),
    pathType: second === undefined && first.startsWith('/') ? 'Prefix' : (first as PathType),
    backend: typeof to === 'string' ? backend(to) : to,
  };
}

/** One rule: the host ('' for every host) and its paths as `{ '/foo': 'front:80', 'Exact /bar': 'back:80' }`. */
export function rule(host: string, paths: Readonly<Record<string, string | IngressBackend>>): IngressRule {
  return { host, paths: Object.entries(paths).map(([text, to]) => path(text, to)) };
}

export type IngressWords = {
  readonly className?: string | undefined;
  /** Keys without a slash get our prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rules?: readonly IngressRule[];
  readonly defaultBackend?: string | IngressBackend;
  readonly tls?: Ingress['tls'];
  readonly meta?: Partial<Meta>;
};

/** Ingress of class `alb`; without `rules` and `defaultBackend` it sends `/` of app.example.com to `front:80`. */
export function ingress(id: string, words: IngressWords = {}): Ingress {
  const { rules, defaultBackend } = words;
  const plain = rules === undefined && defaultBackend === undefined;
  return {
    kind: 'Ingress',
    meta: { ...meta('Ingress', id, words.meta), annotations: annotations(words.annotations ?? {}) },
    className: 'className' in words ? words.className : 'alb',
    defaultBackend: typeof defaultBackend === 'string' ? backend(defaultBackend) : defaultBackend,
    rules: plain ? [rule('app.example.com', { '/': 'front:80' })] : (rules ?? []),
    tls: words.tls ?? [],
    status: [],
  };
}

export function servicePort(overrides: Partial<ServicePort> = {}): ServicePort {
  return {
    name: '',
    port: 80,
    targetPort: { kind: 'number', number: 8080 },
    nodePort: 30080,
    protocol: 'TCP',
    appProtocol: undefined,
    ...overrides,
  };
}

export type ServiceWords = Partial<Omit<Service, 'kind' | 'meta'>> & {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly meta?: Partial<Meta>;
};

/** Service of type NodePort: port 80 → 8080, node port 30080. */
export function service(id: string, words: ServiceWords = {}): Service {
  const { annotations: short = {}, meta: overrides = {}, ...spec } = words;
  return {
    kind: 'Service',
    meta: { ...meta('Service', id, overrides), annotations: annotations(short) },
    type: 'NodePort',
    ports: [servicePort()],
    selector: { app: id.slice(id.indexOf('/') + 1) },
    ipFamilies: ['IPv4'],
    externalTrafficPolicy: 'Cluster',
    headless: false,
    ...spec,
  };
}

/** IngressClass with our controller; `parameters` is the name of its IngressClassParams. */
/** A binding of port 80 of Service `front`; it names no target group. */
export function targetGroupBinding(
  id: string,
  overrides: Partial<TargetGroupBinding> = {},
): TargetGroupBinding {
  return {
    kind: 'TargetGroupBinding',
    meta: meta('TargetGroupBinding', id),
    targetGroupArn: undefined,
    targetGroupName: undefined,
    service: { name: 'front', port: { kind: 'number', number: 80 } },
    targetType: undefined,
    ipAddressType: undefined,
    vpcId: undefined,
    nodeSelector: undefined,
    networking: undefined,
    multiCluster: false,
    role: undefined,
    observedGeneration: 0,
    ...overrides,
  };
}

export function ingressClass(
  name = 'alb',
  words: { readonly controller?: string; readonly isDefault?: boolean; readonly parameters?: string } = {},
): IngressClass {
  return {
    kind: 'IngressClass',
    meta: meta('IngressClass', name),
    controller: words.controller ?? 'albatross.dev/alb',
    isDefault: words.isDefault ?? false,
    parameters:
      words.parameters === undefined
        ? undefined
        : { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: words.parameters },
  };
}

export function ingressClassParams(
  name: string,
  spec: Partial<Omit<IngressClassParams, 'kind' | 'meta'>> = {},
): IngressClassParams {
  return {
    kind: 'IngressClassParams',
    meta: meta('IngressClassParams', name),
    namespaceSelector: undefined,
    groupName: undefined,
    loadBalancerName: undefined,
    scheme: undefined,
    ipAddressType: undefined,
    subnetIds: undefined,
    subnetTags: undefined,
    certificateArns: undefined,
    sslPolicy: undefined,
    sslRedirectPort: undefined,
    inboundCidrs: undefined,
    prefixListIds: undefined,
    targetType: undefined,
    tags: [],
    loadBalancerAttributes: [],
    listeners: [],
    capacityUnits: undefined,
    ipamPoolId: undefined,
    wafv2AclArn: undefined,
    wafv2AclName: undefined,
    ...spec,
  };
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): Namespace {
  return { kind: 'Namespace', meta: meta('Namespace', name, { labels }) };
}
