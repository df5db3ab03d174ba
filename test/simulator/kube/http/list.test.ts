import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../../src/lib/virtual-clock.ts';
import type { JsonObject } from '../../../../src/simulator/kube/json.ts';
import { at } from '../../../../src/simulator/kube/json.ts';
import { start } from '../support/client.ts';
import { configMap, ingress, paths, pod, service } from '../support/manifests.ts';

function namesOf(list: JsonObject): readonly unknown[] {
  return (list['items'] as readonly JsonObject[]).map((item) => at(item, 'metadata', 'name'));
}

test('pages show the state of the first one, whatever happens in between', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply(['a', 'b', 'c', 'd', 'e'].map((name) => configMap(name)));
  const first = (await client.get(`${paths.configMaps}?limit=2`)).body;
  assert.equal(at(first, 'metadata', 'remainingItemCount'), 3);
  simulator.store.remove([configMap('d')]);
  simulator.store.apply([configMap('c', { x: 'new' }), configMap('c2')]);
  const token = at(first, 'metadata', 'continue') as string;
  const second = (await client.get(`${paths.configMaps}?limit=5&continue=${token}`)).body;
  assert.deepEqual([...namesOf(first), ...namesOf(second)], ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(at((second['items'] as readonly JsonObject[])[0], 'data'), {});
  assert.equal(at(second, 'metadata', 'resourceVersion'), at(first, 'metadata', 'resourceVersion'));
  assert.equal(at(second, 'metadata', 'continue'), undefined);
});

test('a page token that lies before the history is 410', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply(['a', 'b'].map((name) => configMap(name)));
  const first = (await client.get(`${paths.configMaps}?limit=1`)).body;
  simulator.store.apply([configMap('c')]);
  simulator.compact();
  const token = at(first, 'metadata', 'continue') as string;
  const reply = await client.get(`${paths.configMaps}?limit=1&continue=${token}`);
  assert.equal(reply.status, 410);
  assert.equal(reply.body['reason'], 'Expired');
});

test('a token that is not one of ours is refused', async (t) => {
  const { client } = await start(t);
  const reply = await client.get(`${paths.configMaps}?continue=nonsense`);
  assert.equal(reply.status, 400);
});

test('label selectors: equality and sets', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([
    configMap('a', {}, { app: 'x', tier: 'front' }),
    configMap('b', {}, { app: 'y' }),
    configMap('c', {}, { app: 'z', tier: 'back' }),
  ]);
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['app=x', ['a']],
    ['app!=x', ['b', 'c']],
    ['app in (x,y)', ['a', 'b']],
    ['app notin (x, y),tier', ['c']],
    ['!tier', ['b']],
    ['tier notin (front)', ['b', 'c']],
  ];
  for (const [selector, expected] of cases) {
    const list = (await client.get(`${paths.configMaps}?labelSelector=${encodeURIComponent(selector)}`)).body;
    assert.deepEqual(namesOf(list), expected, selector);
  }
  assert.equal(
    (await client.get(`${paths.configMaps}?labelSelector=${encodeURIComponent('a b=c')}`)).status,
    400,
  );
});

test('field selectors know the fields of their kind and refuse others', async (t) => {
  const { client, simulator } = await start(t);
  const placed = pod('b', {}, { spec: { nodeName: 'node-a', containers: [{ name: 'app' }] } });
  simulator.store.apply([pod('a'), placed]);
  assert.deepEqual(namesOf((await client.get('/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-a')).body), [
    'b',
  ]);
  assert.deepEqual(namesOf((await client.get('/api/v1/pods?fieldSelector=metadata.name!%3Db')).body), ['a']);
  const wrong = await client.get('/api/v1/pods?fieldSelector=spec.color%3Dred');
  assert.equal(wrong.status, 400);
  assert.match(String(wrong.body['message']), /field label not supported: spec.color/);
});

const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

async function rowsOf(reply: Promise<{ readonly body: JsonObject }>): Promise<readonly string[]> {
  const { body } = await reply;
  const columns = body['columnDefinitions'] as readonly JsonObject[];
  const narrow = columns.filter((column) => column['priority'] === 0).length;
  const rows = (body['rows'] as readonly JsonObject[]).map((row) =>
    (row['cells'] as readonly unknown[]).slice(0, narrow),
  );
  return [columns.slice(0, narrow).map((column) => column['name']), ...rows].map((cells) =>
    cells.join(' | '),
  );
}

test('tables have the columns of kubectl get', async (t) => {
  const { client, simulator } = await start(t, { clock: new VirtualClock() });
  const status = { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } };
  const tls = [{ hosts: ['a.example.com'] }];
  const rules = ['a', 'b', 'c', 'd'].map((host) => ({ host: `${host}.example.com` }));
  simulator.store.apply([
    { ...ingress('site', { ingressClassName: 'alb', tls, rules }), status },
    ingress('plain'),
    service('front'),
    service('alias', { type: 'ExternalName', externalName: 'example.com', ports: [] }),
  ]);
  assert.deepEqual(await rowsOf(client.get(paths.ingresses, table)), [
    'Name | Class | Hosts | Address | Ports | Age',
    'plain | <none> | * |  | 80 | 0s',
    'site | alb | a.example.com,b.example.com,c.example.com + 1 more... | lb.example.com | 80, 443 | 0s',
  ]);
  assert.deepEqual(await rowsOf(client.get(paths.services, table)), [
    'Name | Type | Cluster-IP | External-IP | Port(s) | Age',
    'alias | ExternalName | <none> | example.com | <none> | 0s',
    'front | NodePort | 172.20.0.11 | <none> | 80:30000/TCP | 0s',
  ]);
});

test('metadata alone can be asked for', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('a', { x: '1' })]);
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const { body } = await client.get(paths.configMaps, { accept });
  assert.equal(body['kind'], 'PartialObjectMetadataList');
  assert.deepEqual(Object.keys((body['items'] as readonly JsonObject[])[0] ?? {}), [
    'kind',
    'apiVersion',
    'metadata',
  ]);
});
