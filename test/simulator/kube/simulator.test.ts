import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { at } from '../../../src/simulator/kube/json.ts';
import { start } from './support/client.ts';
import { configMap, ingress, ingressClass, paths, service } from './support/manifests.ts';

const site = `${paths.ingresses}/site`;

test('a created object gets a uid, a creation time, generation 1 and a resource version', async (t) => {
  const { client } = await start(t);
  const created = await client.post(paths.ingresses, ingress('site'));
  assert.equal(created.status, 201);
  const { metadata } = created.body;
  assert.match(String(at(metadata, 'uid')), /^[0-9a-f-]{36}$/);
  assert.match(String(at(metadata, 'creationTimestamp')), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(at(metadata, 'generation'), 1);
  const read = await client.get(site);
  assert.deepEqual(read.body, created.body);
});

test('resource versions grow over all kinds', async (t) => {
  const { client } = await start(t);
  const versions = [
    await client.post(paths.services, service('front')),
    await client.post(paths.ingresses, ingress('site')),
    await client.post(paths.configMaps, configMap('settings')),
  ].map((reply) => Number(at(reply.body, 'metadata', 'resourceVersion')));
  assert.deepEqual(
    versions,
    versions.toSorted((left, right) => left - right),
  );
  assert.equal(new Set(versions).size, 3);
});

test('pinned uids are used, and generateName gives names that differ', async (t) => {
  const { client } = await start(t, {
    uid: (kind, _namespace, name) => (kind === 'Service' ? `uid-of-${name}` : undefined),
  });
  const created = await client.post(paths.services, service('front'));
  assert.equal(at(created.body, 'metadata', 'uid'), 'uid-of-front');
  const named = configMap('');
  const body = { ...named, metadata: { generateName: 'lock-', namespace: 'web' } };
  const first = at((await client.post(paths.configMaps, body)).body, 'metadata', 'name');
  const second = at((await client.post(paths.configMaps, body)).body, 'metadata', 'name');
  assert.match(String(first), /^lock-[a-z0-9]{5}$/);
  assert.notEqual(first, second);
});

test('the same name twice is 409, an unknown name 404, in the words of the API server', async (t) => {
  const { client } = await start(t);
  await client.post(paths.ingresses, ingress('site'));
  const again = await client.post(paths.ingresses, ingress('site'));
  assert.equal(again.status, 409);
  assert.equal(again.body['message'], 'ingresses.networking.k8s.io "site" already exists');
  const missing = await client.get(`${paths.services}/nope`);
  assert.equal(missing.status, 404);
  assert.equal(missing.body['message'], 'services "nope" not found');
});

test('without createNamespaces an object in a missing namespace is refused', async (t) => {
  const { client } = await start(t, { createNamespaces: false });
  const reply = await client.post(paths.services, service('front'));
  assert.equal(reply.status, 404);
  assert.equal(reply.body['message'], 'namespaces "web" not found');
});

test('only a change of the spec counts as a new generation, and a change of nothing is no write', async (t) => {
  const { client } = await start(t);
  const created = (await client.post(paths.ingresses, ingress('site'))).body;
  const labelled = (await client.patch(site, 'merge', { metadata: { labels: { a: 'b' } } })).body;
  assert.equal(at(labelled, 'metadata', 'generation'), 1);
  assert.notEqual(at(labelled, 'metadata', 'resourceVersion'), at(created, 'metadata', 'resourceVersion'));
  const same = (await client.patch(site, 'merge', { metadata: { labels: { a: 'b' } } })).body;
  assert.deepEqual(same, labelled);
  const changed = (await client.patch(site, 'merge', { spec: { ingressClassName: 'alb' } })).body;
  assert.equal(at(changed, 'metadata', 'generation'), 2);
});

test('an update with an old resource version is a conflict', async (t) => {
  const { client } = await start(t);
  const old = (await client.post(paths.configMaps, configMap('settings'))).body;
  const path = `${paths.configMaps}/settings`;
  assert.equal((await client.put(path, { ...old, data: { a: '1' } })).status, 200);
  const stale = await client.put(path, { ...old, data: { a: '2' } });
  assert.equal(stale.status, 409);
  assert.equal(stale.body['reason'], 'Conflict');
  assert.match(String(stale.body['message']), /the object has been modified; please apply your changes/);
});

test('the status changes only through its own endpoint, and the spec not through that one', async (t) => {
  const { client } = await start(t);
  const status = { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } };
  const created = (await client.post(paths.ingresses, { ...ingress('site'), status })).body;
  assert.deepEqual(created['status'], { loadBalancer: {} });
  const put = (await client.put(site, { ...created, status })).body;
  assert.deepEqual(put['status'], { loadBalancer: {} });
  const patch = { status, spec: { ingressClassName: 'other' } };
  const patched = (await client.patch(`${site}/status`, 'merge', patch)).body;
  assert.deepEqual(patched['status'], status);
  assert.equal(at(patched, 'spec', 'ingressClassName'), undefined);
  assert.equal(at(patched, 'metadata', 'generation'), 1);
});

test('finalizers hold a deleted object until the last one is gone', async (t) => {
  const { client } = await start(t);
  await client.post(paths.ingresses, ingress('site', {}, { finalizers: ['a.example/x', 'b.example/y'] }));
  const deleted = await client.delete(site);
  assert.equal(deleted.status, 200);
  assert.ok(at(deleted.body, 'metadata', 'deletionTimestamp'));
  const added = await client.patch(site, 'merge', { metadata: { finalizers: ['c.example/z'] } });
  assert.equal(added.status, 422);
  assert.match(
    String(added.body['message']),
    /no new finalizers can be added if the object is being deleted/,
  );
  await client.patch(site, 'merge', { metadata: { finalizers: ['b.example/y'] } });
  assert.equal((await client.get(site)).status, 200);
  await client.patch(site, 'merge', { metadata: { finalizers: [] } });
  assert.equal((await client.get(site)).status, 404);
});

test('delete preconditions protect an object that is another one by now', async (t) => {
  const { client } = await start(t);
  await client.post(paths.services, service('front'));
  const path = `${paths.services}/front`;
  const wrong = await client.delete(path, { preconditions: { uid: 'another' } });
  assert.equal(wrong.status, 409);
  assert.match(String(wrong.body['message']), /the UID in the precondition \(another\) does not match/);
  const done = await client.delete(path);
  assert.equal(at(done.body, 'metadata', 'name'), 'front');
});

test('deletecollection removes what the selector matches', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('a', {}, { x: '1' }), configMap('b', {}, { x: '2' })]);
  await client.delete(`${paths.configMaps}?labelSelector=x%3D1`);
  assert.deepEqual(
    simulator.store.list('v1', 'ConfigMap').map((map) => map.metadata.name),
    ['b'],
  );
});

test('a namespace goes with its contents, and waits for what finalizers hold', async (t) => {
  const { client } = await start(t);
  await client.post(paths.services, service('front'));
  await client.post(paths.ingresses, ingress('site', {}, { finalizers: ['a.example/x'] }));
  const deleted = await client.delete('/api/v1/namespaces/web');
  assert.equal(at(deleted.body, 'status', 'phase'), 'Terminating');
  assert.equal((await client.get(`${paths.services}/front`)).status, 404);
  const refused = await client.post(paths.services, service('late'));
  assert.equal(refused.status, 403);
  assert.match(String(refused.body['message']), /because it is being terminated/);
  await client.patch(site, 'merge', { metadata: { finalizers: null } });
  assert.equal((await client.get('/api/v1/namespaces/web')).status, 404);
});

test('what an object owned alone is deleted with it', async (t) => {
  const { simulator } = await start(t);
  simulator.store.apply([configMap('owner')]);
  const [owner] = simulator.store.list('v1', 'ConfigMap');
  const owned = configMap('owned');
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner?.metadata.uid ?? '' };
  const metadata = { name: 'owned', namespace: 'web', ownerReferences: [reference] };
  simulator.store.apply([{ ...owned, metadata }]);
  simulator.store.remove([configMap('owner')]);
  assert.deepEqual(simulator.store.list('v1', 'ConfigMap'), []);
});

test('dry runs answer as if and store nothing', async (t) => {
  const { client, simulator } = await start(t);
  const created = await client.post(`${paths.configMaps}?dryRun=All`, configMap('settings'));
  assert.equal(created.status, 201);
  assert.equal(simulator.store.list('v1', 'ConfigMap').length, 0);
  simulator.store.apply([configMap('settings')]);
  const path = `${paths.configMaps}/settings?dryRun=All`;
  const patched = await client.patch(path, 'merge', { data: { a: '1' } });
  assert.deepEqual(patched.body['data'], { a: '1' });
  await client.delete(path);
  assert.equal(
    simulator.store.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'web', name: 'settings' })?.[
      'data'
    ] !== undefined,
    true,
  );
});

test('an Ingress without a class gets the default class', async (t) => {
  const { client } = await start(t);
  await client.post(paths.ingressClasses, ingressClass('plain'));
  const none = (await client.post(paths.ingresses, ingress('none'))).body;
  assert.equal(at(none, 'spec', 'ingressClassName'), undefined);
  await client.post(paths.ingressClasses, ingressClass('alb', true));
  const defaulted = (await client.post(paths.ingresses, ingress('defaulted'))).body;
  assert.equal(at(defaulted, 'spec', 'ingressClassName'), 'alb');
  const annotated = ingress('annotated', {}, { annotations: { 'kubernetes.io/ingress.class': 'nginx' } });
  assert.equal(
    at((await client.post(paths.ingresses, annotated)).body, 'spec', 'ingressClassName'),
    undefined,
  );
});

test('Services get a cluster IP and node ports, keep them, and may not take those of others', async (t) => {
  const { client } = await start(t);
  const first = (await client.post(paths.services, service('front'))).body;
  const nodePort = at((at(first, 'spec', 'ports') as [never])[0], 'nodePort');
  assert.equal(nodePort, 30000);
  assert.equal(at(first, 'spec', 'clusterIP'), '172.20.0.11');
  const pinned = service('other', { ports: [{ port: 80, nodePort: 30000 }] });
  const refused = await client.post(paths.services, pinned);
  assert.equal(
    refused.body['message'],
    'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated',
  );
  const replaced = (await client.put(`${paths.services}/front`, service('front'))).body;
  assert.deepEqual(replaced['spec'], first['spec']);
});

test('an unknown kind is a clear 404, and a definition makes it known', async (t) => {
  const { client } = await start(t);
  const path = '/apis/example.com/v1/namespaces/web/widgets';
  const unknown = await client.get(path);
  assert.equal(unknown.status, 404);
  assert.equal(unknown.body['message'], 'the server could not find the requested resource');
  await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  });
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { size: 3 } };
  assert.equal((await client.post(path, widget)).status, 201);
  assert.deepEqual(at((await client.get(`${path}/a`)).body, 'spec'), { size: 3 });
});

test('Events are the same objects in both groups', async (t) => {
  const { client } = await start(t);
  const written = await client.post('/apis/events.k8s.io/v1/namespaces/web/events', {
    metadata: { name: 'e1' },
    regarding: { kind: 'Ingress', namespace: 'web', name: 'site' },
    reason: 'Synced',
    note: 'all good',
    type: 'Normal',
    action: 'Sync',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'albatross.dev/alb',
    reportingInstance: 'albatross-0',
  });
  assert.equal(written.body['note'], 'all good');
  const selector = 'involvedObject.name%3Dsite,type%3DNormal';
  const list = await client.get(`/api/v1/namespaces/web/events?fieldSelector=${selector}`);
  const [event] = list.body['items'] as readonly [never];
  assert.equal(at(event, 'message'), 'all good');
  assert.equal(at(event, 'involvedObject', 'name'), 'site');
});

test('a wrong or expired token is 401', async (t) => {
  const { client, simulator } = await start(t, { tokens: ['secret'] });
  const withToken = { authorization: 'Bearer secret' };
  assert.equal((await client.get(paths.services)).status, 401);
  assert.equal((await client.get(paths.services, withToken)).status, 200);
  simulator.setTokens([]);
  const expired = await client.get(paths.services, withToken);
  assert.equal(expired.status, 401);
  assert.equal(expired.body['reason'], 'Unauthorized');
});

test('the kubeconfig leads to the server and carries the token', async (t) => {
  const { simulator } = await start(t, { tokens: ['secret'] });
  const config = parse(simulator.kubeconfig()) as never;
  assert.equal(at((at(config, 'clusters') as [never])[0], 'cluster', 'server'), simulator.url);
  assert.equal(at((at(config, 'users') as [never])[0], 'user', 'token'), 'secret');
});

test('the trace says who did what, with which result', async (t) => {
  const { client, simulator } = await start(t);
  await client.get(`${paths.ingresses}/none`);
  await client.patch(`${paths.ingresses}/none/status`, 'merge', {});
  await client.get('/api/v1/pods');
  const lines = simulator.trace.map(
    (entry) =>
      `${entry.verb} ${entry.group}/${entry.resource}/${entry.subresource} ${entry.namespace}/${entry.name} ${entry.status}`,
  );
  assert.deepEqual(lines, [
    'get networking.k8s.io/ingresses/ web/none 404',
    'patch networking.k8s.io/ingresses/status web/none 404',
    'list /pods/ / 200',
  ]);
});

test('unknown fields are dropped with a warning, and refused where validation is strict', async (t) => {
  const { client } = await start(t);
  const wrong = ingress('site', { rulez: [] });
  const warned = await client.post(`${paths.ingresses}?dryRun=All`, wrong);
  assert.equal(warned.status, 201);
  assert.equal(warned.headers.get('warning'), '299 - "unknown field \\"spec.rulez\\""');
  assert.equal(at(warned.body, 'spec', 'rulez'), undefined);
  const refused = await client.post(`${paths.ingresses}?fieldValidation=Strict`, wrong);
  assert.equal(refused.status, 400);
  assert.equal(
    refused.body['message'],
    'Ingress in version "v1" cannot be handled as a Ingress: strict decoding error: unknown field "spec.rulez"',
  );
});

test('a value of the wrong type is refused with the place and the type', async (t) => {
  const { client } = await start(t);
  const port = { port: { number: '80' }, name: 'front' };
  const entries = [{ path: '/', pathType: 'Prefix', backend: { service: port } }];
  const reply = await client.post(
    paths.ingresses,
    ingress('site', { rules: [{ http: { paths: entries } }] }),
  );
  assert.equal(reply.status, 400);
  assert.equal(
    reply.body['message'],
    'Ingress in version "v1" cannot be handled as a Ingress: json: cannot unmarshal string into Go struct field ' +
      'ServiceBackendPort.spec.rules.IngressRuleValue.http.paths.backend.service.port.number of type int32',
  );
});
