import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../../src/lib/virtual-clock.ts';
import { at } from '../../../../src/simulator/kube/json.ts';
import { start } from '../support/client.ts';
import { configMap, paths, service } from '../support/manifests.ts';

const watchAll = '/api/v1/configmaps?watch=true';

test('the n-th matching request fails, as often as asked, others pass', async (t) => {
  const { client, simulator } = await start(t);
  simulator.faults.add({
    verb: 'list',
    resource: 'services',
    nth: 2,
    times: 2,
    action: { kind: 'status', code: 429, retryAfterSeconds: 7 },
  });
  const codes: number[] = [];
  for (let count = 0; count < 4; count++) codes.push((await client.get(paths.services)).status);
  assert.deepEqual(codes, [200, 429, 429, 200]);
  assert.equal((await client.get(paths.configMaps)).status, 200);
  assert.deepEqual(
    simulator.trace.map((entry) => entry.status),
    [200, 429, 429, 200, 200],
  );
});

test('a failing request says when to come back, in the header and in the Status', async (t) => {
  const { client, simulator } = await start(t);
  simulator.faults.add({ action: { kind: 'status', code: 503, retryAfterSeconds: 3 } });
  const reply = await client.get(paths.services);
  assert.equal(reply.headers.get('retry-after'), '3');
  assert.equal(at(reply.body, 'details', 'retryAfterSeconds'), 3);
  assert.equal(reply.body['reason'], 'ServiceUnavailable');
});

test('a write that fails is not carried out', async (t) => {
  const { client, simulator } = await start(t);
  simulator.faults.add({ verb: 'create', action: { kind: 'status', code: 500 } });
  assert.equal((await client.post(paths.services, service('front'))).status, 500);
  assert.deepEqual(simulator.store.list('v1', 'Service'), []);
});

test('only later pages of a list fail when asked so', async (t) => {
  const { client, simulator } = await start(t);
  simulator.store.apply([configMap('a'), configMap('b')]);
  simulator.faults.add({ continued: true, action: { kind: 'gone' } });
  const first = await client.get(`${paths.configMaps}?limit=1`);
  const token = at(first.body, 'metadata', 'continue') as string;
  assert.equal((await client.get(`${paths.configMaps}?limit=1&continue=${token}`)).status, 410);
});

test('a list breaks off in the middle', async (t) => {
  const { client, simulator } = await start(t);
  simulator.faults.add({ verb: 'list', action: { kind: 'truncate' } });
  await assert.rejects(client.get(paths.services));
});

test('a connection is reset without an answer', async (t) => {
  const { client, simulator } = await start(t);
  simulator.faults.add({ verb: 'get', action: { kind: 'reset' } });
  await assert.rejects(client.get(`${paths.services}/front`));
  assert.equal(simulator.trace[0]?.status, 0);
});

test('a watch goes silent, breaks, or speaks nonsense after some events', async (t) => {
  const clock = new VirtualClock();
  const { client, simulator } = await start(t, { clock });
  simulator.store.apply([configMap('a')]);
  simulator.faults.add(
    { verb: 'watch', action: { kind: 'hang', afterEvents: 1 } },
    { verb: 'watch', nth: 2, action: { kind: 'reset', afterEvents: 1 } },
    { verb: 'watch', nth: 3, action: { kind: 'malformed', afterEvents: 1 } },
  );
  const silent = await client.watch(`${watchAll}&timeoutSeconds=5`);
  assert.deepEqual(await silent.events(1), ['ADDED a']);
  simulator.store.apply([configMap('b')]);
  await clock.advance(10_000);
  const late = silent.line().then(
    () => 'a line',
    () => 'closed',
  );
  silent.close();
  assert.equal(await late, 'closed');
  const broken = await client.watch(watchAll);
  await assert.rejects(broken.events(5));
  const nonsense = await client.watch(watchAll);
  await nonsense.next();
  await assert.rejects(nonsense.next());
  nonsense.close();
});

test('a watch is told 410 inside the stream', async (t) => {
  const { client, simulator } = await start(t);
  simulator.faults.add({ verb: 'watch', action: { kind: 'gone', inStream: true } });
  const watch = await client.watch(watchAll);
  const event = await watch.next();
  assert.equal(event?.['type'], 'ERROR');
  assert.equal(at(event['object'], 'code'), 410);
});

test('an answer comes late by the clock of the simulator', async (t) => {
  const clock = new VirtualClock();
  const { client, simulator } = await start(t, { clock });
  simulator.faults.add({ verb: 'list', action: { kind: 'delay', ms: 5000 } });
  let answered = false;
  const reply = client.get(paths.services).then((result) => {
    answered = true;
    return result;
  });
  while (clock.untilNextWake() === undefined) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(4999);
  assert.equal(answered, false);
  await clock.advance(1);
  assert.equal((await reply).status, 200);
});
