import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type BequestContext, bequestStore } from '../../src/kube/bequest-store.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import { localApi } from './support/local-api.ts';

const value = { groups: new Map([['web/site', { attributes: undefined, rules: [1, 2] }]]) };

async function store(context: TestContext) {
  const { api, transport } = await localApi(context);
  api.store.ensureNamespace('system');
  const clock = new VirtualClock();
  const said: string[] = [];
  const log = { warn: () => undefined, info: (_: unknown, message: string) => void said.push(message) };
  const given = { transport, namespace: 'system', clock, log, of: 'demo 1.0', maxAgeMs: 60_000 };
  const of = (more: Partial<BequestContext> = {}) => bequestStore({ ...given, ...more });
  const kept = () => api.store.list('v1', 'ConfigMap', 'system');
  return { api, clock, said, of, kept };
}

test('what is left is found as it was, once', async (context) => {
  const { of, kept, said } = await store(context);
  await of().leave(value);
  assert.deepEqual(
    kept().map(({ metadata }) => metadata.name),
    ['albatross-bequest'],
  );
  assert.deepEqual(await of().take(), value);
  assert.deepEqual(kept(), []);
  assert.equal(await of().take(), undefined);
  assert.deepEqual(said, []);
});

test('what is old, of the future, or of somebody else is of no use, and gone all the same', async (context) => {
  const { of, kept, clock } = await store(context);
  await of().leave(value);
  assert.equal(await of({ of: 'demo 1.1' }).take(), undefined);
  await of().leave(value);
  assert.equal(await of({ clock: new VirtualClock(clock.now() - 1000) }).take(), undefined);
  await of().leave(value);
  await clock.advance(61_000);
  assert.equal(await of().take(), undefined);
  assert.deepEqual(kept(), []);
});

test('what somebody wrote there is no bequest, and what is too large is not left', async (context) => {
  const { api, of, kept, said } = await store(context);
  const metadata = { name: 'albatross-bequest', namespace: 'system' };
  const binaryData = { state: Buffer.from('nonsense').toString('base64') };
  for (const content of [{ binaryData }, { data: { state: 'text' } }]) {
    assert.deepEqual(api.store.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, ...content }]), []);
    assert.equal(await of().take(), undefined);
  }
  assert.deepEqual(said, Array(2).fill('Could not take what another process left'));
  await of().leave(randomBytes(1_100_000));
  assert.deepEqual(kept(), []);
});

test('one that could not be taken away is not found in the place of the next one', async (context) => {
  const { of } = await store(context);
  await of().leave('old');
  await of().leave(value);
  assert.deepEqual(await of().take(), value);
});
