import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../../src/lib/virtual-clock.ts';
import { at } from '../../../../src/simulator/kube/json.ts';
import { start } from '../support/client.ts';
import { configMap, paths, service } from '../support/manifests.ts';

const all = '/api/v1/configmaps?watch=true';

test('a watch without a version first shows what is there, then what changes', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('a')]);
  const watch = await client.watch(all);
  simulator.store.apply([configMap('b'), configMap('a', { x: '1' }), service('front')]);
  simulator.store.remove([configMap('a')]);
  assert.deepEqual(await watch.events(4), ['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED a']);
  watch.close();
});

test('a watch resumes after the version it names, in one namespace only', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('a')]);
  const version = at((await client.get(paths.configMaps)).body, 'metadata', 'resourceVersion');
  const elsewhere = { ...configMap('x'), metadata: { name: 'x', namespace: 'other' } };
  simulator.store.apply([configMap('b'), elsewhere, configMap('c')]);
  const watch = await client.watch(`${paths.configMaps}?watch=1&resourceVersion=${version as string}`);
  assert.deepEqual(await watch.events(2), ['ADDED b', 'ADDED c']);
  watch.close();
});

test('a selector turns changes into additions and deletions', async (t) => {
  const { client, simulator } = await start(t);
  const watch = await client.watch(`${all}&labelSelector=app%3Dx`);
  simulator.store.apply([configMap('a', {}, { app: 'y' }), configMap('b', {}, { app: 'x' })]);
  simulator.store.apply([configMap('a', {}, { app: 'x' }), configMap('b', {}, { app: 'y' })]);
  simulator.store.remove([configMap('b')]);
  simulator.store.remove([configMap('a')]);
  assert.deepEqual(await watch.events(4), ['ADDED b', 'ADDED a', 'DELETED b', 'DELETED a']);
  watch.close();
});

test('bookmarks carry the newest version, at their interval and after the initial events', async (t) => {
  const clock = new VirtualClock();
  const { client, simulator } = await start(t, { clock, bookmarkIntervalMs: 60_000 });
  simulator.store.apply([configMap('a')]);
  const query = 'allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  const watch = await client.watch(`${all}&${query}`);
  await watch.next();
  const initial = await watch.next();
  assert.equal(initial?.['type'], 'BOOKMARK');
  assert.equal(at(initial?.['object'], 'metadata', 'annotations', 'k8s.io/initial-events-end'), 'true');
  simulator.store.apply([service('front')]);
  await clock.advance(60_000);
  const bookmark = await watch.next();
  const version = at((await client.get(all.split('?')[0] ?? '')).body, 'metadata', 'resourceVersion');
  assert.equal(bookmark?.['type'], 'BOOKMARK');
  assert.equal(at(bookmark['object'], 'kind'), 'ConfigMap');
  assert.equal(at(bookmark['object'], 'metadata', 'resourceVersion'), version);
  watch.close();
});

test('a watch ends in good order after timeoutSeconds', async (t) => {
  const clock = new VirtualClock();
  const { client } = await start(t, { clock });
  const watch = await client.watch(`${all}&timeoutSeconds=30`);
  await clock.advance(30_000);
  assert.equal(await watch.next(), undefined);
});

test('a version older than the history is 410 inside the stream', async (t) => {
  const { client, simulator } = await start(t, { historyLimit: 2 });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) simulator.store.apply([configMap(name)]);
  const watch = await client.watch(`${all}&resourceVersion=1`);
  const event = await watch.next();
  assert.equal(watch.status, 200);
  assert.equal(event?.['type'], 'ERROR');
  assert.equal(at(event['object'], 'code'), 410);
  assert.equal(at(event['object'], 'reason'), 'Expired');
  assert.equal(await watch.next(), undefined);
});

test('a version from the future is refused, so that a client of an earlier run lists again', async (t) => {
  const { client } = await start(t);
  const reply = await client.get(`${all}&resourceVersion=99999`);
  assert.equal(reply.status, 410);
  assert.equal(reply.body['reason'], 'Expired');
});

test('a watch can show tables, as kubectl get -w asks for', async (t) => {
  const { client, simulator } = await start(t);
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const watch = await client.watch(all, { accept });
  simulator.store.apply([configMap('a', { x: '1' })]);
  const event = await watch.next();
  const rows = at(event?.['object'], 'rows') as [never];
  assert.deepEqual((at(rows[0], 'cells') as string[]).slice(0, 2), ['a', 1]);
  watch.close();
});
