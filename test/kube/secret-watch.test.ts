import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { namespacedName } from '../../src/core/domain/ids.ts';
import { ClusterWatch } from '../../src/kube/cluster-watch.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { eventually } from '../support/eventually.ts';
import { localApi } from './support/local-api.ts';

const oidc = namespacedName('shop', 'oidc');
const secret = (name: string, stringData: object): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name },
  stringData,
});

async function watching(context: TestContext) {
  const { api, transport } = await localApi(context);
  const told: unknown[] = [];
  const log = {
    warn: (...all: unknown[]) => void told.push(all),
    info: (...all: unknown[]) => void told.push(all),
  };
  const cluster = new ClusterWatch({ transport, clock: systemClock, log });
  cluster.onChange((change) => void told.push(change));
  cluster.start();
  await cluster.ready();
  context.after(() => cluster.stop());
  return { api, cluster, told };
}

test('trap 23: only wanted Secrets are read, each by its name, from when they are wanted until they are not', async (context) => {
  const { api, cluster, told } = await watching(context);
  api.store.apply([
    secret('oidc', { clientID: 'me', clientSecret: 'first-s3cret' }),
    secret('other', { a: 'b' }),
  ]);
  assert.deepEqual([...cluster.snapshot().secrets.keys()], []);
  cluster.watchSecrets([oidc]);
  await cluster.secretsRead();
  const [found, ...others] = cluster.snapshot().secrets.values();
  assert.deepEqual(others, []);
  assert.equal(found?.values?.clientId, 'me');
  const hash = found?.values?.clientSecret?.hash ?? '';
  assert.equal(cluster.clientSecret(hash)?.reveal(), 'first-s3cret');

  api.store.apply([secret('oidc', { clientID: 'me', clientSecret: 'second-s3cret' })]);
  api.store.apply([secret('other', { a: 'c' })]);
  await eventually(() => assert.equal(cluster.clientSecret(hash), undefined));
  const changed = cluster.snapshot().secrets.get(oidc)?.values?.clientSecret;
  assert.equal(changed?.reveal(), 'second-s3cret');

  cluster.watchSecrets([]);
  assert.deepEqual([...cluster.snapshot().secrets.keys()], []);
  await cluster.stop();
  const asked = api.trace.filter(({ resource }) => resource === 'secrets');
  assert.deepEqual(
    [...new Set(asked.map(({ verb, namespace }) => `${verb} ${namespace}`))],
    ['list shop', 'watch shop'],
  );
  assert.doesNotMatch(JSON.stringify(told), /"other"/);
  assert.doesNotMatch(inspect(told, { depth: 9 }) + JSON.stringify(told), /s3cret/);
});

test('a Secret that does not exist is known not to, comes when it is made and goes when it is deleted', async (context) => {
  const { api, cluster } = await watching(context);
  const clientId = (): string | undefined => cluster.snapshot().secrets.get(oidc)?.values?.clientId;
  cluster.watchSecrets([oidc]);
  await cluster.secretsRead();
  assert.ok(cluster.snapshot().secrets.has(oidc));
  assert.equal(cluster.snapshot().secrets.get(oidc)?.values, undefined);
  api.store.apply([secret('oidc', { clientID: 'me' })]);
  await eventually(() => assert.equal(clientId(), 'me'));
  api.store.remove([secret('oidc', {})]);
  await eventually(() => assert.equal(clientId(), undefined));
  assert.ok(cluster.snapshot().secrets.has(oidc));
});
