import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/simulator/kube/json.ts';
import { at, listOf } from '../../../src/simulator/kube/json.ts';
import type { KubeSimulator } from '../../../src/simulator/kube/simulator.ts';
import { serviceUid } from '../../../src/simulator/kube/uuid.ts';
import { objectsBeside, roundRobin } from '../../../src/simulator/kube/workload-objects.ts';
import { startWorkloads } from '../../../src/simulator/kube/workloads.ts';
import type { Client } from './support/client.ts';
import { start } from './support/client.ts';
import { paths, pod, service } from './support/manifests.ts';

const podIp = roundRobin(
  ['a', 'b', 'c'].map((zone, index) => ({
    nodeName: `node-${zone}`,
    ips: Array.from({ length: 30 }, (_, n) => `10.0.${96 + 32 * index}.${20 + n}`),
  })),
);

async function cluster(
  t: TestContext,
): Promise<{ readonly simulator: KubeSimulator; readonly client: Client }> {
  const started = await start(t);
  const workloads = startWorkloads({ simulator: started.simulator, podIp });
  t.after(() => workloads.close());
  return started;
}

function podLines(simulator: KubeSimulator): readonly string[] {
  return simulator.store
    .list('v1', 'Pod')
    .map(
      (each) =>
        `${each.metadata.name} ${String(at(each['status'], 'podIP') as string)} ${String(at(each['spec'], 'nodeName') as string)}`,
    );
}

/** `front-1 8080: 10.0.96.20 ready, …` for each slice. */
function sliceLines(simulator: KubeSimulator): readonly string[] {
  return simulator.store.list('discovery.k8s.io/v1', 'EndpointSlice').map((slice) => {
    const ports = listOf(slice['ports']).map((port) => at(port, 'port'));
    const endpoints = listOf(slice['endpoints']).map(
      (endpoint) =>
        `${listOf(at(endpoint, 'addresses')).join()}${at(endpoint, 'conditions', 'ready') === true ? '' : ' not ready'}`,
    );
    return `${slice.metadata.name} ${ports.join()}: ${endpoints.join(', ')}`;
  });
}

/** Lets the stand-in react: it works in a microtask. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function deployment(replicas: number): JsonObject {
  const labels = { app: 'front' };
  const containers = [{ name: 'app', image: 'app', ports: [{ name: 'web', containerPort: 9090 }] }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop', namespace: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

test('a Service that nobody runs pods for gets two, and a slice', async (t) => {
  const { simulator } = await cluster(t);
  simulator.store.apply([service('front')]);
  await settled();
  assert.deepEqual(podLines(simulator), ['front-0 10.0.96.20 node-a', 'front-1 10.0.128.20 node-b']);
  assert.deepEqual(sliceLines(simulator), ['front-1 8080: 10.0.96.20, 10.0.128.20']);
});

test('a deleted pod is replaced with a new address, and the slice follows', async (t) => {
  const { simulator, client } = await cluster(t);
  simulator.store.apply([service('front')]);
  await settled();
  await client.delete(`${paths.pods}/front-0`);
  assert.deepEqual(sliceLines(simulator), ['front-1 8080: 10.0.160.20, 10.0.128.20']);
});

test('pods and slices go with their Service', async (t) => {
  const { simulator } = await cluster(t);
  simulator.store.apply([service('front')]);
  await settled();
  simulator.store.remove([service('front')]);
  await settled();
  assert.deepEqual([...podLines(simulator), ...sliceLines(simulator)], []);
});

test('a Deployment runs the pods, named ports are resolved, and scaling is followed', async (t) => {
  const { simulator } = await cluster(t);
  simulator.store.apply([service('front', { ports: [{ port: 80, targetPort: 'web' }] }), deployment(3)]);
  await settled();
  assert.deepEqual(sliceLines(simulator), ['front-1 9090: 10.0.96.20, 10.0.128.20, 10.0.160.20']);
  simulator.store.apply([deployment(1)]);
  await settled();
  assert.deepEqual(podLines(simulator), ['shop-0 10.0.96.20 node-a']);
  const status = simulator.store.list('apps/v1', 'Deployment')[0]?.['status'];
  assert.equal(at(status, 'readyReplicas'), 1);
});

test("a user's own pods take the place of made-up ones and get an address", async (t) => {
  const { simulator } = await cluster(t);
  simulator.store.apply([service('front')]);
  await settled();
  simulator.store.apply([pod('mine', { app: 'front' })]);
  await settled();
  assert.deepEqual(podLines(simulator), ['mine 10.0.160.20 node-c']);
  assert.deepEqual(sliceLines(simulator), ['front-1 8080: 10.0.160.20']);
});

test('a pod is Ready only when its readiness gates are', async (t) => {
  const { simulator, client } = await cluster(t);
  const gated = pod(
    'mine',
    { app: 'front' },
    { spec: { containers: [{ name: 'c' }], readinessGates: [{ conditionType: 'a/b' }] } },
  );
  simulator.store.apply([service('front'), gated]);
  await settled();
  assert.deepEqual(sliceLines(simulator), ['front-1 8080: 10.0.96.20 not ready']);
  const status = { conditions: [{ type: 'a/b', status: 'True' }] };
  await client.patch(`${paths.pods}/mine/status`, 'strategic-merge', { status });
  assert.deepEqual(sliceLines(simulator), ['front-1 8080: 10.0.96.20']);
});

test('headless Services get slices, aliases and Services without a selector do not', async (t) => {
  const { simulator } = await cluster(t);
  simulator.store.apply([
    service('headless', { type: 'ClusterIP', clusterIP: 'None' }),
    service('alias', { type: 'ExternalName', externalName: 'example.com', ports: [] }),
    { ...service('manual'), spec: { ports: [{ port: 80 }] } },
  ]);
  await settled();
  assert.deepEqual(sliceLines(simulator), ['headless-1 8080: 10.0.96.20, 10.0.128.20']);
});

test("a user's own slice is left alone, and no pods are made up for it", async (t) => {
  const { simulator } = await cluster(t);
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'front-x', namespace: 'web', labels: { 'kubernetes.io/service-name': 'front' } },
    addressType: 'IPv4',
    ports: [{ port: 1 }],
    endpoints: [{ addresses: ['10.9.9.9'] }],
  };
  simulator.store.apply([service('front'), slice]);
  await settled();
  assert.deepEqual([...podLines(simulator), ...sliceLines(simulator)], ['front-x 1: 10.9.9.9 not ready']);
});

test('objects beside manifests follow the rules of the recordings', () => {
  let dealt = 0;
  const made = objectsBeside({
    manifests: [
      service('front', {
        ports: [
          { name: 'http', port: 80, targetPort: 8080 },
          { name: 'alt', port: 81, targetPort: 'web' },
        ],
      }),
      service('own'),
      pod(
        'given',
        { app: 'own' },
        { spec: { containers: [{ name: 'c' }] }, status: { podIP: '10.0.96.40' } },
      ),
    ],
    existingPods: [],
    nextAddress: () => podIp(dealt++),
  });
  assert.deepEqual(
    made.map(
      (object) => `${String(object['kind'] as string)} ${String(at(object, 'metadata', 'name') as string)}`,
    ),
    ['Pod front-0', 'Pod front-1', 'EndpointSlice front-1', 'EndpointSlice own-1'],
  );
  assert.deepEqual(
    listOf(made[2]?.['ports']).map((port) => at(port, 'port')),
    [8080, 8081],
  );
  const [endpoint] = listOf(made[3]?.['endpoints']);
  assert.deepEqual(at(endpoint, 'conditions'), { ready: false, serving: false, terminating: false });
});

test('Service UIDs are those of the recordings', () => {
  assert.equal(serviceUid('web', 'front'), '9bf00a7f-7e30-5fac-9028-7ceb0e7fa1fd');
});
