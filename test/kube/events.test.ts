import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EventRecorder, burst, type KubeEvent, refillMs, sameEventMs } from '../../src/kube/events.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import { localApi } from './support/local-api.ts';

const object = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  namespace: 'shop',
  name: 'web',
  uid: 'u',
};
const event = (message: string, rest: Partial<KubeEvent> = {}): KubeEvent => ({
  object,
  type: 'Warning',
  reason: 'FailedBuildModel',
  message,
  ...rest,
});

async function recording(context: TestContext) {
  const { api, transport } = await localApi(context);
  api.store.ensureNamespace('shop');
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const log = { warn: (_: unknown, message: string) => void warnings.push(message), info: () => undefined };
  const recorder = new EventRecorder({ transport, clock, log, component: 'albatross', instance: 'pod-1' });
  const events = (namespace = 'shop') => api.store.list('v1', 'Event', namespace);
  return { api, clock, recorder, events, warnings };
}

test('an event carries what kubectl describe shows', async (context) => {
  const { recorder, events } = await recording(context);
  recorder.record(event('no such Service'));
  await recorder.drained();
  const [{ metadata, ...written } = { metadata: {} }] = events();
  assert.match(JSON.stringify(metadata), /"name":"web\.[0-9a-f]+"/);
  assert.deepEqual(
    { ...written, eventTime: null },
    {
      eventTime: null,
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: object,
      type: 'Warning',
      reason: 'FailedBuildModel',
      message: 'no such Service',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'albatross', host: 'pod-1' },
      reportingComponent: 'albatross',
      reportingInstance: 'pod-1',
    },
  );
});

test('the same event within ten minutes counts up, another one and a later one are new', async (context) => {
  const { recorder, events, clock } = await recording(context);
  const record = async (message: string): Promise<void> => {
    recorder.record(event(message));
    await recorder.drained();
  };
  await record('a');
  await clock.advance(60_000);
  await record('a');
  await record('b');
  await clock.advance(sameEventMs);
  await record('a');
  const found = events().map(({ message, count, lastTimestamp }) => `${message} ${count} ${lastTimestamp}`);
  assert.deepEqual(found.toSorted(), [
    'a 1 2026-01-01T00:11:00Z',
    'a 2 2026-01-01T00:01:00Z',
    'b 1 2026-01-01T00:01:00Z',
  ]);
});

test('sightings that come faster than they can be written are one request', async (context) => {
  const { recorder, events, api } = await recording(context);
  for (let at = 0; at < 10; at += 1) recorder.record(event('a'));
  await recorder.drained();
  const counts = events().map(({ count }) => count);
  assert.deepEqual(counts, [10]);
  assert.ok(api.trace.length <= 2);
});

test('an event that expired meanwhile is made anew', async (context) => {
  const { recorder, events, api } = await recording(context);
  recorder.record(event('a'));
  await recorder.drained();
  api.store.remove(events());
  recorder.record(event('a'));
  await recorder.drained();
  assert.deepEqual(
    events().map(({ count }) => count),
    [2],
  );
});

test('an object with too many events loses the rest until its budget grows, others do not', async (context) => {
  const { recorder, events, clock } = await recording(context);
  for (let at = 0; at < burst + 5; at += 1) recorder.record(event(`${at}`));
  recorder.record(event('other', { object: { ...object, name: 'other', uid: 'v' } }));
  await recorder.drained();
  assert.equal(events().length, burst + 1);
  assert.equal(recorder.dropped, 5);
  await clock.advance(refillMs);
  recorder.record(event('later'));
  recorder.record(event('too soon'));
  await recorder.drained();
  assert.equal(events().length, burst + 2);
});

test('events of cluster-scoped objects are in the namespace default, and long messages are cut', async (context) => {
  const { recorder, events } = await recording(context);
  recorder.record(
    event('x'.repeat(5000), { object: { apiVersion: 'v1', kind: 'Node', namespace: '', name: 'n' } }),
  );
  await recorder.drained();
  const [written] = events('default');
  assert.equal(String(written?.['message']).length, 1024);
});

test('a busy API server is asked again, a refusal is logged once and dropped', async (context) => {
  const { recorder, events, api, clock, warnings } = await recording(context);
  api.faults.add({ verb: 'create', resource: 'events', times: 2, action: { kind: 'status', code: 503 } });
  recorder.record(event('a'));
  const drained = recorder.drained();
  let done = false;
  void drained.then(() => {
    done = true;
  });
  while (!done) {
    await clock.advance(1000);
  }
  assert.equal(events().length, 1);
  api.faults.add({
    verb: 'create',
    resource: 'events',
    action: { kind: 'status', code: 403, message: 'no' },
  });
  recorder.record(event('b'));
  await recorder.drained();
  assert.equal(events().length, 1);
  assert.match(warnings.join(), /^an event was not written: write an event of Ingress shop\/web: no/);
  assert.equal(recorder.dropped, 1);
});

test('after stop() nothing is written any more', async (context) => {
  const { recorder, events } = await recording(context);
  await recorder.stop();
  recorder.record(event('a'));
  await recorder.drained();
  assert.equal(events().length, 0);
});
