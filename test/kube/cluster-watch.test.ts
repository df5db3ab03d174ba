import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { ClusterChange } from '../../src/core/domain/snapshot.ts';
import { namespacedName } from '../../src/core/domain/ids.ts';
import { ClusterWatch, type ClusterWatchOptions } from '../../src/kube/cluster-watch.ts';
import { plainAccess } from '../../src/kube/kube-config.ts';
import { kubeTransport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type KubeSimulator, startKubeSimulator } from '../../src/simulator/kube/simulator.ts';

/** A cluster watch on a local Kubernetes API, listed and running. */
async function watching(
  context: TestContext,
  prepare: (api: KubeSimulator) => void = () => undefined,
  options: Partial<ClusterWatchOptions> = {},
) {
  const api = await startKubeSimulator({ createNamespaces: true });
  prepare(api);
  const transport = kubeTransport(plainAccess(api.url));
  const warnings: string[] = [];
  const log = { warn: (_: unknown, message: string) => void warnings.push(message), info: () => undefined };
  const cluster = new ClusterWatch({ transport, clock: systemClock, log, ...options });
  const changes: ClusterChange[] = [];
  cluster.onChange((change) => void changes.push(change));
  cluster.start();
  context.after(async () => {
    await cluster.stop();
    await transport.close();
    await api.close();
  });
  await cluster.ready();
  return { api, cluster, changes, warnings };
}

/** Waits for what comes over a real connection; a second is a hundred times what it takes. */
async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 5000) assert.fail(`never: ${what}`);
    await setTimeout(5);
  }
}

const service = (namespace: string, name: string, port = 80): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace, name },
  spec: { ports: [{ port }] },
});

const slice = (name: string, serviceName: string, address: string): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'shop', name, labels: { 'kubernetes.io/service-name': serviceName } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address] }],
});

test('every object of more than one page is there when the cluster is ready, and every kind is complete', async (context) => {
  const services = Array.from({ length: 503 }, (_, at) => service('shop', `s${at}`));
  const { cluster } = await watching(context, (api) => void api.store.apply(services));
  const snapshot = cluster.snapshot();
  assert.equal([...snapshot.services.values()].filter(({ meta }) => meta.namespace === 'shop').length, 503);
  assert.ok(snapshot.namespaces.has(namespacedName('', 'shop')));
  assert.deepEqual([...snapshot.complete].toSorted(), [
    'EndpointSlice',
    'Ingress',
    'IngressClass',
    'IngressClassParams',
    'Namespace',
    'Node',
    'Pod',
    'Service',
    'TargetGroupBinding',
  ]);
});

test('a change is reported with the object before and after, when the snapshot already shows it', async (context) => {
  const { api, cluster } = await watching(context, (it) => void it.store.apply([service('shop', 's')]));
  const seen: unknown[] = [];
  cluster.onChange(({ kind, before, after }) => {
    const key = namespacedName('shop', 's');
    seen.push([kind, portOf(before), portOf(after), cluster.snapshot().services.get(key)?.ports[0]?.port]);
  });
  const earlier = cluster.snapshot();
  assert.equal(cluster.snapshot(), earlier);
  api.store.apply([service('shop', 's', 81)]);
  api.store.remove([service('shop', 's')]);
  await eventually('two changes', () => seen.length === 2);
  assert.deepEqual(seen, [
    ['Service', 80, 81, 81],
    ['Service', 81, undefined, undefined],
  ]);
  assert.equal(earlier.services.get(namespacedName('shop', 's'))?.ports[0]?.port, 80);
});

const portOf = (object: ClusterChange['after']): number | undefined =>
  object?.kind === 'Service' ? object.ports[0]?.port : undefined;

test('EndpointSlices are found by their Service, in order of names, and follow a changed label', async (context) => {
  const { api, cluster, changes } = await watching(context, (it) => {
    it.store.apply([slice('web-b', 'web', '10.0.0.2'), slice('web-a', 'web', '10.0.0.1')]);
  });
  const names = (serviceName: string): unknown =>
    cluster
      .snapshot()
      .endpointSlices.get(namespacedName('shop', serviceName))
      ?.map(({ meta }) => meta.name);
  assert.deepEqual(names('web'), ['web-a', 'web-b']);
  const before = changes.length;
  api.store.apply([slice('web-a', 'api', '10.0.0.1')]);
  api.store.remove([slice('web-b', 'web', '10.0.0.2')]);
  await eventually('both changes', () => changes.length === before + 2);
  assert.deepEqual([names('web'), names('api')], [undefined, ['web-a']]);
});

test('OPS-15: with a namespace given, other namespaces are not even asked for', async (context) => {
  const objects = [service('shop', 's'), service('other', 's'), slice('a', 's', '10.0.0.1')];
  const { api, cluster } = await watching(context, (it) => void it.store.apply(objects), {
    watchNamespace: 'shop',
  });
  assert.deepEqual([...cluster.snapshot().services.keys()], ['shop/s']);
  const asked = api.trace.filter(({ resource }) =>
    ['services', 'ingresses', 'endpointslices'].includes(resource),
  );
  assert.ok(asked.length >= 3 && asked.every(({ namespace }) => namespace === 'shop'));
});

test('of all Pods only those are kept that wait for the health of a target, unless all are asked for', async (context) => {
  const pod = (name: string, ...gates: readonly string[]): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name },
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      readinessGates: gates.map((conditionType) => ({ conditionType })),
    },
  });
  const first = [
    pod('plain'),
    pod('other', 'example.com/warm'),
    pod('gated', 'target-health.elbv2.k8s.aws/x'),
  ];
  const { api, cluster, changes } = await watching(context, (it) => void it.store.apply(first));
  assert.deepEqual([...cluster.snapshot().pods.keys()], ['shop/gated']);
  assert.equal(cluster.snapshot().complete.has('Pod'), true);
  const before = changes.length;
  api.store.apply([pod('plain-2'), pod('gated-2', 'target-health.elbv2.k8s.aws/x')]);
  await eventually('the second one', () => cluster.snapshot().pods.size === 2);
  assert.equal(changes.length, before + 1);
  const all = await watching(context, (it) => void it.store.apply(first), { pods: 'all' });
  assert.equal(all.cluster.snapshot().pods.size, 3);
});

test('nothing is lost while the API server resets, expires, garbles and refuses watches', async (context) => {
  const watch = { verb: 'watch', resource: 'services' } as const;
  const { api, cluster } = await watching(context, (it) => {
    it.store.apply([service('shop', 'first')]);
    it.faults.add(
      { ...watch, nth: 1, action: { kind: 'reset', afterEvents: 1 } },
      { ...watch, nth: 1, action: { kind: 'gone', inStream: true } },
      { ...watch, nth: 1, action: { kind: 'malformed', afterEvents: 0 } },
      { ...watch, nth: 1, action: { kind: 'status', code: 500 } },
      { verb: 'list', resource: 'services', nth: 2, action: { kind: 'truncate' } },
    );
  });
  for (let at = 0; at < 10; at += 1) {
    api.store.apply([service('shop', `s${at}`)]);
    await setTimeout(50);
  }
  api.store.remove([service('shop', 'first')]);
  const expected = Array.from({ length: 10 }, (_, at) => `shop/s${at}`);
  await eventually('all Services', () => {
    const found = [...cluster.snapshot().services.keys()].filter((key) => key.startsWith('shop/')).toSorted();
    return found.join() === expected.join() && cluster.snapshot().complete.has('Service');
  });
});

test('a kind that may not be listed keeps the cluster from being ready, and says so', async (context) => {
  const api = await startKubeSimulator();
  const transport = kubeTransport(plainAccess(api.url));
  const refused = { kind: 'status', code: 403, message: 'no' } as const;
  api.faults.add({ verb: 'list', resource: 'nodes', times: Number.POSITIVE_INFINITY, action: refused });
  const log = { warn: () => undefined, info: () => undefined };
  const cluster = new ClusterWatch({ transport, clock: systemClock, log });
  cluster.start();
  context.after(async () => {
    await cluster.stop();
    await transport.close();
    await api.close();
  });
  await eventually('trouble', () => cluster.trouble().length === 1);
  assert.match(cluster.trouble()[0] ?? '', /^list \/api\/v1\/nodes: no; compare the ClusterRole/);
  assert.equal(await Promise.race([cluster.ready(), setTimeout(20, 'waiting')]), 'waiting');
  assert.equal(cluster.snapshot().complete.has('Node'), false);
});

test('a listener that throws keeps no other from hearing', async (context) => {
  const { api, cluster, changes, warnings } = await watching(context);
  cluster.onChange(() => {
    throw new Error('oops');
  });
  const heard: ClusterChange[] = [];
  const off = cluster.onChange((change) => void heard.push(change));
  const before = changes.length;
  api.store.apply([service('default', 's')]);
  await eventually('the change', () => heard.length === 1 && changes.length === before + 1);
  assert.match(warnings[0] ?? '', /listener failed/);
  off();
  api.store.remove([service('default', 's')]);
  await eventually('the second change', () => changes.length === before + 2);
  assert.equal(heard.length, 1);
});
