import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespacedName } from '../../src/core/domain/ids.ts';
import { admissionReads } from '../../src/kube/admission-reads.ts';
import { decoderOf } from '../../src/kube/decode/decode-object.ts';
import { ClusterWatch } from '../../src/kube/cluster-watch.ts';
import { EventRecorder } from '../../src/kube/events.ts';
import { runAsLeader } from '../../src/kube/lease.ts';
import { targetLists } from '../../src/kube/target-lists.ts';
import { kubeWriter } from '../../src/kube/write.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { comparedWithApiCalls } from './support/api-calls-seen.ts';
import { localApi } from './support/local-api.ts';

test('the permissions in deploy/ are exactly the requests that are made', async (context) => {
  const { api, transport } = await localApi(context);
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'web' };
  const spec = { defaultBackend: { service: { name: 's', port: { number: 80 } } } };
  api.store.apply([{ ...ingress, metadata: { namespace: 'shop', name: 'web' }, spec }]);
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-0' };
  api.store.apply([{ ...pod, metadata: pod, spec: { containers: [{ name: 'c', image: 'i' }] } }]);
  const log = { warn: assert.fail, info: () => undefined };
  const common = { transport, clock: systemClock, log };

  const cluster = new ClusterWatch(common);
  cluster.start();
  await cluster.ready();
  cluster.watchSecrets([namespacedName('shop', 'oidc')]);
  await cluster.secretsRead();
  const options = { signal: new AbortController().signal };
  const reads = admissionReads(transport);
  assert.equal(await reads.readClass('alb', options), undefined);
  assert.deepEqual(await reads.listBindings(options), []);
  const writer = kubeWriter(transport, systemClock);
  await writer.addFinalizer(ingress, 'albatross.dev/resources', options);
  await writer.patchStatus(ingress, [{ hostname: 'alb', ports: [80] }], options);
  const condition = { type: 'a/b', status: 'True', reason: '', message: '' } as const;
  const node = { apiVersion: 'v1', kind: 'Node', namespace: '', name: 'a' };
  api.store.apply([{ ...node, metadata: { name: 'a' } }]);
  await writer.annotateNode({ node: decoderOf('Node')({ metadata: { name: 'a' } }), drained: true }, options);
  await writer.patchPodCondition({ pod, condition, changesStatus: true }, options);
  const apiVersion = 'elbv2.k8s.aws/v1beta1';
  const binding = { apiVersion, kind: 'TargetGroupBinding', namespace: 'shop', name: 'b' };
  const serviceRef = { name: 's', port: 80 };
  api.store.apply([
    { ...binding, metadata: { namespace: 'shop', name: 'b' }, spec: { targetGroupName: 't', serviceRef } },
  ]);
  await writer.addFinalizer(binding, 'elbv2.k8s.aws/resources', options);
  await writer.patchObservedGeneration(binding, 1, options);
  await writer.patchFailedCleanup(binding, 'denied', options);
  await writer.discard(binding, 'elbv2.k8s.aws/resources', options);
  assert.deepEqual(api.store.list(apiVersion, 'TargetGroupBinding'), []);
  const lists = targetLists(transport);
  const list = { namespace: 'shop', binding: 'b' };
  for (const targets of [new Set(['10.0.0.1 80', '2001:db8::1 80']), new Set(['i-1 30080'])]) {
    await lists.store(list, targets, options);
    assert.deepEqual(await lists.read(list, options), targets);
  }
  await lists.drop(list, options);
  assert.deepEqual(await lists.read(list, options), new Set());
  const events = new EventRecorder({ ...common, component: 'albatross', instance: 'one' });
  for (const _ of [1, 2]) {
    events.record({ object: ingress, type: 'Normal', reason: 'Test', message: 'test' });
    await events.drained();
  }
  const lease = { ...common, ...options, namespace: 'default', name: 'lease', identity: 'one' };
  await runAsLeader({ ...lease, work: () => Promise.resolve() });
  // Watches are recorded when they end.
  await cluster.stop();
  await transport.close();
  await api.close();

  assert.deepEqual(comparedWithApiCalls(api.trace), { notGranted: [], notSeen: [] });
});
