import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../../../../src/simulator/kube/json.ts';
import { start } from '../support/client.ts';

const path = '/apis/apps/v1/namespaces/web/deployments';
const labels = { app: 'front' };
const deployment = {
  metadata: { name: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app' }] } },
  },
};

test('a Deployment is read and scaled through its scale', async (t) => {
  const { client } = await start(t);
  await client.post(path, deployment);
  const scale = (await client.get(`${path}/shop/scale`)).body;
  assert.deepEqual(scale['spec'], { replicas: 2 });
  assert.equal(at(scale, 'status', 'selector'), 'app=front');
  const patched = await client.patch(`${path}/shop/scale`, 'merge', { spec: { replicas: 5 } });
  assert.deepEqual(patched.body['spec'], { replicas: 5 });
  const read = (await client.get(`${path}/shop`)).body;
  assert.equal(at(read, 'spec', 'replicas'), 5);
  assert.equal(at(read, 'metadata', 'generation'), 2);
});

test('scaling by an outdated scale is a conflict', async (t) => {
  const { client } = await start(t);
  await client.post(path, deployment);
  const scale = (await client.get(`${path}/shop/scale`)).body;
  await client.patch(`${path}/shop/scale`, 'merge', { spec: { replicas: 5 } });
  assert.equal((await client.put(`${path}/shop/scale`, scale)).status, 409);
});
