import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../../../../src/simulator/kube/json.ts';
import { start } from '../support/client.ts';
import { configMap, paths, service } from '../support/manifests.ts';

const settings = `${paths.configMaps}/settings`;

test('each patch type does what it says', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('settings', { a: '1', b: '2' }), service('front')]);
  const merged = await client.patch(settings, 'merge', { data: { a: null, c: '3' } });
  assert.deepEqual(merged.body['data'], { b: '2', c: '3' });
  const json = await client.patch(settings, 'json', [{ op: 'add', path: '/data/d', value: '4' }]);
  assert.deepEqual(json.body['data'], { b: '2', c: '3', d: '4' });
  const ports = [{ port: 80, targetPort: 9090 }];
  const strategic = await client.patch(`${paths.services}/front`, 'strategic-merge', { spec: { ports } });
  assert.equal(at((at(strategic.body, 'spec', 'ports') as [never])[0], 'nodePort'), 30000);
});

test('a JSON patch whose test fails is 422 and changes nothing', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('settings', { a: '1' })]);
  const patch = [
    { op: 'replace', path: '/data/a', value: '2' },
    { op: 'test', path: '/data/a', value: '1' },
  ];
  const reply = await client.patch(settings, 'json', patch);
  assert.equal(reply.status, 422);
  assert.deepEqual((await client.get(settings)).body['data'], { a: '1' });
});

test('a patch with a stale resource version is a conflict', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('settings')]);
  const patch = { metadata: { resourceVersion: '1' }, data: { a: '1' } };
  assert.equal((await client.patch(settings, 'merge', patch)).status, 409);
});

test('custom kinds have no strategic merge patch, and unknown patch types are refused', async (t) => {
  const { client, simulator } = await start(t);
  const params = { apiVersion: 'elbv2.k8s.aws/v1beta1', kind: 'IngressClassParams', metadata: { name: 'p' } };
  simulator.store.apply([params, configMap('settings')]);
  const path = '/apis/elbv2.k8s.aws/v1beta1/ingressclassparams/p';
  assert.equal((await client.patch(path, 'strategic-merge', { spec: {} })).status, 415);
  assert.equal((await client.patch(path, 'merge', { spec: { scheme: 'internal' } })).status, 200);
  assert.equal((await client.patch(settings, 'application/json', {})).status, 415);
});

test('a patch cannot rename an object', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('settings')]);
  const reply = await client.patch(settings, 'merge', { metadata: { name: 'other' } });
  assert.equal(reply.status, 400);
  assert.match(String(reply.body['message']), /does not match the name on the URL/);
});
