import type { JsonObject } from '../../../src/simulator/kube/json.ts';
import type { Case } from './requests.ts';
import {
  applyPatch,
  jsonPatch,
  mergePatch,
  namespace,
  plainPatch,
  post,
  strategicPatch,
} from './requests.ts';

const ingresses = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`;
const classes = '/apis/networking.k8s.io/v1/ingressclasses';
const services = `/api/v1/namespaces/${namespace}/services`;
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const secrets = `/api/v1/namespaces/${namespace}/secrets`;
const pods = `/api/v1/namespaces/${namespace}/pods`;
const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
const coreEvents = `/api/v1/namespaces/${namespace}/events`;
const newEvents = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;

const jsonPatchWords = 'the API server hides which operation failed; we say it';
const decoderWords = 'the text is that of the JSON parser';

const front = { service: { name: 'front', port: { number: 80 } } };

function rule(path: JsonObject = {}, host?: string): JsonObject {
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend: front, ...path }] };
  return host === undefined ? { http } : { host, http };
}

function ingress(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'x', ...metadata }, spec };
}

function service(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x', ...metadata }, spec };
}

function backend(what: string, value: JsonObject): Case {
  return post(`backend: ${what}`, ingresses, ingress({ rules: [rule({ backend: value })] }));
}

function path(what: string, value: JsonObject): Case {
  return post(`path: ${what}`, ingresses, ingress({ rules: [rule(value)] }));
}

function host(name: string): Case {
  return post(`host ${name.slice(0, 20)}`, ingresses, ingress({ rules: [rule({}, name)] }));
}

const badIngresses: readonly Case[] = [
  post('no rules', ingresses, ingress({ rules: [] })),
  post('no paths', ingresses, ingress({ rules: [{ http: { paths: [] } }] })),
  post('no pathType', ingresses, ingress({ rules: [{ http: { paths: [{ path: '/' }] } }] })),
  path('unknown type', { pathType: 'Regex' }),
  path('relative', { path: 'a' }),
  path('empty', { path: '' }),
  path('sequences', { path: '/a//b/..' }),
  path('escaped slash', { path: '/a%2fb' }),
  path('relative, implementation specific', { path: 'x', pathType: 'ImplementationSpecific' }),
  path('a number', { path: 1 }),
  backend('none', {}),
  backend('port name and number', { service: { name: 'f', port: { name: 'a', number: 1 } } }),
  backend('no port', { service: { name: 'f' } }),
  backend('port too large', { service: { name: 'f', port: { number: 70000 } } }),
  backend('port negative', { service: { name: 'f', port: { number: -1 } } }),
  backend('bad names', { service: { name: 'F_', port: { name: 'Not_a-port-name--x' } } }),
  backend('port name of digits', { service: { name: '1f', port: { name: '80' } } }),
  backend('no service name', { service: { port: { number: 80 } } }),
  backend('service and resource', { ...front, resource: { kind: 'A', name: 'b' } }),
  backend('bad resource', { resource: { apiGroup: 'x/', kind: '', name: '' } }),
  backend('port as a string', { service: { name: 'f', port: { number: '80' } } }),
  backend('port with a fraction', { service: { name: 'f', port: { number: 80.5 } } }),
  backend('service as a string', { service: 'f' }),
  host('10.0.0.1'),
  host('A.b'),
  host('a.*.b'),
  host('*'),
  host('x'.repeat(300)),
  post('TLS', ingresses, ingress({ tls: [{ hosts: ['A', '*b'], secretName: 'S_' }], rules: [rule()] })),
  post('class name', ingresses, ingress({ ingressClassName: 'A_', rules: [rule()] })),
  post(
    'class name and another annotation',
    ingresses,
    ingress(
      { ingressClassName: 'a', rules: [rule()] },
      { annotations: { 'kubernetes.io/ingress.class': 'b' } },
    ),
  ),
  post('no name', ingresses, ingress({ rules: [rule()] }, { name: '' })),
  post('a long name', ingresses, ingress({ rules: [rule()] }, { name: 'a'.repeat(260) })),
  post('bad label key', ingresses, ingress({ rules: [rule()] }, { labels: { 'x/y/z': '' } })),
  post('bad label value', ingresses, ingress({ rules: [rule()] }, { labels: { a: 'c d' } })),
  post('bad finalizer', ingresses, ingress({ rules: [rule()] }, { finalizers: ['f f'] })),
  post(
    'large annotations',
    ingresses,
    ingress({ rules: [rule()] }, { annotations: { a: 'x'.repeat(300_000) } }),
  ),
  post('annotation as a number', ingresses, ingress({ rules: [rule()] }, { annotations: { a: 1 } })),
  post('labels as a list', ingresses, ingress({ rules: [rule()] }, { labels: ['a'] })),
  post('rules as a string', ingresses, ingress({ rules: 'x' })),
  post(
    'unknown field, strict',
    `${ingresses}?fieldValidation=Strict`,
    ingress({ rulez: 1, rules: [rule()] }),
  ),
  post('unknown field, warned', `${ingresses}?dryRun=All`, ingress({ rulez: 1, rules: [rule({ typ: 1 })] })),
  post('another namespace', ingresses, ingress({ rules: [rule()] }, { namespace: 'other' })),
  post(
    'another version',
    ingresses,
    { apiVersion: 'networking.k8s.io/v1beta1', kind: 'Ingress' },
    {
      ownWords: 'ours names both versions',
    },
  ),
  post('no JSON', ingresses, '{bad', { ownWords: decoderWords }),
];

const status = { loadBalancer: { ingress: [{ hostname: 'h', ports: [{ port: 80, protocol: 'TCP' }] }] } };

const ingressLife: readonly Case[] = [
  post('create', ingresses, ingress({ defaultBackend: front, rules: [rule({}, '')] })),
  post('create again', ingresses, ingress({ rules: [rule()] })),
  {
    what: 'stale update',
    method: 'PUT',
    path: `${ingresses}/x`,
    body: ingress({ rules: [rule()] }, { resourceVersion: '1' }),
  },
  {
    what: 'rename',
    method: 'PUT',
    path: `${ingresses}/x`,
    body: ingress({ rules: [rule()] }, { name: 'y' }),
  },
  {
    what: 'update of none',
    method: 'PUT',
    path: `${ingresses}/nope`,
    body: ingress({ rules: [rule()] }, { name: 'nope' }),
  },
  {
    what: 'status takes no spec',
    method: 'PUT',
    path: `${ingresses}/x/status`,
    body: {
      ...ingress({ rules: [rule({ path: '/other' })] }, { labels: { s: '1' }, finalizers: ['a.b/c'] }),
      status,
    },
  },
  mergePatch('spec takes no status', `${ingresses}/x`, { status: null, spec: { rules: null } }),
  strategicPatch('strategic', `${ingresses}/x`, { spec: { tls: [{ hosts: ['a.b'] }] } }),
  jsonPatch('test fails', `${ingresses}/x`, [{ op: 'test', path: '/spec/tls/0/hosts/0', value: 'z' }], {
    ownWords: jsonPatchWords,
  }),
  jsonPatch('remove of nothing', `${ingresses}/x`, [{ op: 'remove', path: '/spec/nope' }], {
    ownWords: jsonPatchWords,
  }),
  jsonPatch('replace of nothing', `${ingresses}/x`, [{ op: 'replace', path: '/spec/nope', value: 1 }]),
  jsonPatch('add below nothing', `${ingresses}/x`, [{ op: 'add', path: '/spec/a/b', value: 1 }], {
    ownWords: jsonPatchWords,
  }),
  jsonPatch('merge patch as JSON patch', `${ingresses}/x`, { a: 1 }, { ownWords: decoderWords }),
  plainPatch('no patch type', `${ingresses}/x`, {}, { ownWords: 'ours lists the types' }),
  mergePatch('rename by patch', `${ingresses}/x`, { metadata: { name: 'y' } }),
  mergePatch('stale patch', `${ingresses}/x`, { metadata: { resourceVersion: '1' } }),
  mergePatch('server fields', `${ingresses}/x`, { metadata: { generation: 99, uid: null } }),
  mergePatch('finalizers', `${ingresses}/x`, { metadata: { finalizers: ['a.b/c', 'd.e/f'] } }),
  { what: 'delete, held', method: 'DELETE', path: `${ingresses}/x` },
  { what: 'delete again', method: 'DELETE', path: `${ingresses}/x` },
  mergePatch(
    'a finalizer too late',
    `${ingresses}/x`,
    { metadata: { finalizers: ['x.y/z'] } },
    {
      ownWords: 'the API server repeats the cause',
    },
  ),
  mergePatch('let go', `${ingresses}/x`, { metadata: { finalizers: null } }),
  { what: 'gone', method: 'GET', path: `${ingresses}/x` },
];

const serviceCases: readonly Case[] = [
  post('no ports', services, service({})),
  post('port 0', services, service({ ports: [{ port: 0 }] })),
  post('two ports without names', services, service({ ports: [{ port: 80 }, { port: 81 }] })),
  post(
    'unknown type and protocol',
    services,
    service({ type: 'Wrong', ports: [{ port: 80, protocol: 'X' }] }),
  ),
  post(
    'node port out of range',
    services,
    service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
  ),
  post('node port of a ClusterIP', services, service({ ports: [{ port: 80, nodePort: 30080 }] })),
  post('bad selector', services, service({ ports: [{ port: 80 }], selector: { 'a b': 'c d' } })),
  post(
    'unknown policies',
    services,
    service({
      ports: [{ port: 80 }],
      sessionAffinity: 'X',
      externalTrafficPolicy: 'Y',
      internalTrafficPolicy: 'Z',
    }),
  ),
  post('alias of nothing', services, service({ type: 'ExternalName' })),
  post(
    'headless NodePort',
    services,
    service({ type: 'NodePort', clusterIP: 'None', ports: [{ port: 80 }] }),
  ),
  post(
    'create',
    services,
    service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30555 }], selector: { a: 'b' } }),
  ),
  post(
    'taken node port',
    services,
    service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30555 }] }, { name: 'y' }),
  ),
  mergePatch('another cluster IP', `${services}/x`, { spec: { clusterIP: '10.0.0.99' } }),
  mergePatch('no ports any more', `${services}/x`, { spec: { ports: null } }),
  strategicPatch('a port by its key', `${services}/x`, { spec: { ports: [{ port: 80, targetPort: 99 }] } }),
  mergePatch('to ClusterIP', `${services}/x`, { spec: { type: 'ClusterIP' } }),
  mergePatch('to LoadBalancer', `${services}/x`, { spec: { type: 'LoadBalancer' } }),
  mergePatch('to an alias', `${services}/x`, { spec: { type: 'ExternalName', externalName: 'a.b' } }),
  { what: 'delete', method: 'DELETE', path: `${services}/x` },
  post('headless', services, service({ clusterIP: 'None', selector: { a: 'b' } }, { name: 'headless' })),
];

const container = { name: 'c', image: 'i', ports: [{ containerPort: 80 }] };
const filledByOthers = [
  'tolerations',
  'priority',
  'preemptionPolicy',
  'qosClass',
  'serviceAccount',
  'serviceAccountName',
  'volumes',
  'volumeMounts',
];
const about = { kind: 'Ingress', namespace, name: 'x' };
const event = { regarding: about, reason: 'R', note: 'n', type: 'Normal', action: 'A' };
const reporter = {
  reportingController: 'c.d/e',
  reportingInstance: 'i',
  eventTime: '2026-01-01T00:00:00.000000Z',
};

const otherKinds: readonly Case[] = [
  post('a number in a ConfigMap', configMaps, { metadata: { name: 'a' }, data: { a: 1 } }),
  post('ConfigMap', configMaps, { metadata: { name: 'a' }, data: { a: 'b' } }),
  { what: 'unknown field selector', method: 'GET', path: `${configMaps}?fieldSelector=a.b%3Dc` },
  { what: 'unknown field of pods', method: 'GET', path: '/api/v1/pods?fieldSelector=spec.color%3Dr' },
  {
    what: 'bad label selector',
    method: 'GET',
    path: `${configMaps}?labelSelector=a%20b`,
    ownWords: decoderWords,
  },
  { what: 'bad version', method: 'GET', path: `${configMaps}?resourceVersion=x` },
  { what: 'bad limit', method: 'GET', path: `${configMaps}?limit=x` },
  { what: 'create at a name', method: 'POST', path: `${configMaps}/a`, body: {} },
  { what: 'update of a list', method: 'PUT', path: configMaps, body: {} },
  { what: 'delete', method: 'DELETE', path: `${configMaps}/a` },
  post('class without controller', classes, { metadata: { name: namespace }, spec: {} }),
  post('bad class', classes, {
    metadata: { name: namespace },
    spec: { controller: 'a b', parameters: { scope: 'X' } },
  }),
  post('class', classes, {
    metadata: { name: namespace },
    spec: { controller: 'a.b/c', parameters: { kind: 'a', name: 'b' } },
  }),
  mergePatch('another controller', `${classes}/${namespace}`, { spec: { controller: 'd.e/f' } }),
  post('lease', leases, {
    metadata: { name: 'l' },
    spec: { holderIdentity: 'me', renewTime: '2026-01-01T00:00:00.123456Z' },
  }),
  post('bad lease', leases, {
    metadata: { name: 'm' },
    spec: { leaseDurationSeconds: 0, leaseTransitions: -1 },
  }),
  post('event', newEvents, { metadata: { name: 'e' }, ...event, ...reporter }),
  post('event without a time', newEvents, { metadata: { name: 'f' }, ...event }),
  post('event without a reporter', newEvents, {
    metadata: { name: 'f' },
    ...event,
    eventTime: reporter.eventTime,
  }),
  post('event with a long note', newEvents, {
    metadata: { name: 'f' },
    ...event,
    ...reporter,
    note: 'x'.repeat(1025),
  }),
  post('core event', coreEvents, {
    metadata: { name: 'g' },
    involvedObject: about,
    reason: 'R',
    type: 'Normal',
    count: 1,
  }),
  post('core event elsewhere', coreEvents, {
    metadata: { name: 'h' },
    involvedObject: { ...about, namespace: 'zz' },
  }),
  { what: 'the same event, core form', method: 'GET', path: `${coreEvents}/e` },
  { what: 'the same event, new form', method: 'GET', path: `${newEvents}/g` },
  post('slice', slices, {
    metadata: { name: 's' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ port: 80 }],
  }),
  post('bad slice', slices, {
    metadata: { name: 't' },
    addressType: 'X',
    endpoints: [{ addresses: [] }],
    ports: [{ port: 80 }],
  }),
  post('bad address', slices, {
    metadata: { name: 't' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['x'] }],
  }),
  post('secret', secrets, { metadata: { name: 's' }, stringData: { a: 'b' }, data: { c: 'eA==' } }),
  post('no base64', secrets, { metadata: { name: 't' }, data: { c: '!!' } }),
  post(
    'pod',
    pods,
    {
      metadata: { name: 'p' },
      spec: { nodeName: 'none', containers: [container], readinessGates: [{ conditionType: 'a.b/c' }] },
    },
    { ignore: filledByOthers },
  ),
  strategicPatch(
    'pod condition',
    `${pods}/p/status`,
    { status: { conditions: [{ type: 'a.b/c', status: 'True' }] } },
    { ignore: filledByOthers },
  ),
  post('a missing namespace', '/api/v1/namespaces/missing/configmaps', { metadata: { name: 'a' } }),
];

function applied(spec: JsonObject): JsonObject {
  return service(spec, { name: 'applied' });
}

const target = `${services}/applied`;

const serverSideApply: readonly Case[] = [
  applyPatch(
    'apply creates',
    `${target}?fieldManager=a`,
    applied({ ports: [{ port: 80, name: 'one' }], selector: { a: 'b' } }),
  ),
  applyPatch('another port', `${target}?fieldManager=b`, applied({ ports: [{ port: 81, name: 'two' }] })),
  applyPatch('conflict', `${target}?fieldManager=b`, applied({ selector: { a: 'c' } })),
  applyPatch('forced', `${target}?fieldManager=b&force=true`, applied({ selector: { a: 'c' } })),
  applyPatch('given up', `${target}?fieldManager=a`, applied({})),
  applyPatch('nobody', target, applied({})),
];

/** In this order: each case finds what the ones before it left. */
export const cases: readonly Case[] = [
  post('namespace', '/api/v1/namespaces', { metadata: { name: namespace } }),
  ...badIngresses,
  ...ingressLife,
  ...serviceCases,
  ...otherKinds,
  ...serverSideApply,
];
