import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { InvariantError } from '../../src/core/domain/invariant-error.ts';
import type { ObjectRef } from '../../src/core/domain/problem.ts';
import type { KubeRequest, KubeTransport } from '../../src/kube/transport.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { kubeWriter } from '../../src/kube/write.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { KubeSimulator } from '../../src/simulator/kube/simulator.ts';
import { localApi } from './support/local-api.ts';

const apiVersion = 'networking.k8s.io/v1';
const key = { apiVersion, kind: 'Ingress', namespace: 'shop', name: 'web' };
const options = { signal: new AbortController().signal };

function ingress(finalizers: readonly string[] = [], annotations: object = {}): object {
  return {
    apiVersion,
    kind: 'Ingress',
    metadata: { namespace: 'shop', name: 'web', finalizers, annotations },
    spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
  };
}

const finalizersOf = (api: KubeSimulator): unknown => api.store.get(key)?.metadata.finalizers;

function refOf(api: KubeSimulator): ObjectRef {
  return { ...key, uid: String(api.store.get(key)?.metadata['uid']) };
}

/** A writer whose n-th request (from 1) meets something that happens just before it. */
async function writing(
  context: TestContext,
  object: object,
  before: (call: number, api: KubeSimulator) => void = () => undefined,
) {
  const { api, transport } = await localApi(context);
  api.store.apply([object]);
  const requests: KubeRequest[] = [];
  const watched: KubeTransport = {
    ...transport,
    call: (request) => {
      requests.push(request);
      before(requests.length, api);
      return transport.call(request);
    },
  };
  return { api, requests, ref: refOf(api), writer: kubeWriter(watched, systemClock) };
}

test('the status is set and nothing else, by one request', async (context) => {
  const { api, ref, writer, requests } = await writing(context, ingress(['a/keep']));
  await writer.patchStatus(ref, [{ hostname: 'alb.example', ports: [80, 443] }], options);
  const stored = api.store.get(key);
  const ports = [80, 443].map((port) => ({ port, protocol: 'TCP' }));
  assert.deepEqual(stored?.['status'], { loadBalancer: { ingress: [{ hostname: 'alb.example', ports }] } });
  assert.deepEqual(finalizersOf(api), ['a/keep']);
  assert.equal(requests.length, 1);
});

test('the status of an Ingress that is gone, or of another one with its name, is not written', async (context) => {
  const { api, ref, writer } = await writing(context, ingress());
  await writer.patchStatus({ ...ref, uid: 'someone-else' }, [{ hostname: 'x', ports: [] }], options);
  assert.equal(JSON.stringify(api.store.get(key)?.['status'] ?? {}).includes('"x"'), false);
  api.store.remove([ingress()]);
  await writer.patchStatus(ref, [{ hostname: 'x', ports: [] }], options);
});

for (const present of [[], ['a/first'], ['a/first', 'a/second']]) {
  test(`a finalizer is added to ${present.length} others and removed from between them`, async (context) => {
    const { api, ref, writer } = await writing(context, ingress(present));
    await writer.addFinalizer(ref, 'a/ours', options);
    await writer.addFinalizer(ref, 'a/ours', options);
    assert.deepEqual(finalizersOf(api), [...present, 'a/ours']);
    await writer.addFinalizer(ref, 'a/last', options);
    await writer.removeFinalizer(ref, 'a/ours', options);
    await writer.removeFinalizer(ref, 'a/ours', options);
    assert.deepEqual(finalizersOf(api), [...present, 'a/last']);
  });
}

for (const present of [[], ['a/first']]) {
  test(`a finalizer that somebody else adds in between is kept (${present.length} before)`, async (context) => {
    const { api, ref, writer, requests } = await writing(context, ingress(present), (call, it) => {
      if (call === 2) it.store.apply([ingress(['a/theirs', ...present])]);
    });
    await writer.addFinalizer(ref, 'a/ours', options);
    assert.deepEqual(finalizersOf(api), ['a/theirs', ...present, 'a/ours']);
    assert.equal(requests.length, 4);
  });
}

test('a finalizer that moves in between is still the one that is removed', async (context) => {
  const { api, ref, writer } = await writing(context, ingress(['a/ours', 'a/x']), (call, it) => {
    if (call === 2) it.store.apply([ingress(['a/theirs', 'a/ours', 'a/x'])]);
  });
  await writer.removeFinalizer(ref, 'a/ours', options);
  assert.deepEqual(finalizersOf(api), ['a/theirs', 'a/x']);
});

test('an object that keeps changing is given up after five attempts', async (context) => {
  const { ref, writer, requests } = await writing(context, ingress(), (call, it) => {
    if (call % 2 === 0) it.store.apply([ingress([], { changed: String(call) })]);
  });
  await assert.rejects(
    writer.addFinalizer(ref, 'a/ours', options),
    /add the finalizer a\/ours to Ingress shop\/web/,
  );
  assert.equal(requests.length, 10);
});

test('a finalizer of an object that is gone or made anew: removing is done, adding is notFound', async (context) => {
  const { api, ref, writer } = await writing(context, ingress(['a/ours']));
  const other = { ...ref, uid: 'of-the-object-before' };
  const notFound = (error: unknown): boolean => error instanceof KubeError && error.kind === 'notFound';
  await writer.removeFinalizer(other, 'a/ours', options);
  await assert.rejects(writer.addFinalizer(other, 'more', options), notFound);
  assert.deepEqual(finalizersOf(api), ['a/ours']);
  await writer.removeFinalizer(ref, 'a/ours', options);
  api.store.remove([ingress()]);
  await writer.removeFinalizer(ref, 'a/ours', options);
  await assert.rejects(writer.addFinalizer(ref, 'a/ours', options), notFound);
});

test('annotations are set and removed one by one', async (context) => {
  const { api, ref, writer } = await writing(context, ingress([], { keep: 'x', old: 'y' }));
  await writer.annotate(ref, { old: undefined, fresh: 'z' }, options);
  assert.deepEqual(api.store.get(key)?.metadata['annotations'], { keep: 'x', fresh: 'z' });
});

test('an object of a kind without a known path is a bug of ours', async (context) => {
  const { writer, ref } = await writing(context, ingress());
  await assert.rejects(async () => writer.annotate({ ...ref, kind: 'Widget' }, {}, options), InvariantError);
});

test("a condition of a Pod is set beside the kubelet's own, on that Pod and no other of its name", async (context) => {
  const { api, transport } = await localApi(context);
  const id = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'p' };
  const ready = {
    type: 'Ready',
    status: 'False',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    lastProbeTime: null,
  };
  const pod = {
    ...id,
    metadata: { namespace: 'shop', name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
    status: { conditions: [ready] },
  };
  api.store.apply([pod]);
  const uid = String(api.store.get(id)?.metadata['uid']);
  const writer = kubeWriter(transport, { now: () => Date.parse('2026-02-03T04:05:06.789Z') });
  const condition = {
    type: 'target-health.elbv2.k8s.aws/x',
    status: 'True',
    reason: '',
    message: 'm',
  } as const;
  const patch = { pod: { ...id, uid }, condition, changesStatus: true };
  await writer.patchPodCondition(patch, options);
  const conditions = () => (api.store.get(id)?.['status'] as { conditions: readonly object[] }).conditions;
  const set = { ...condition, lastTransitionTime: '2026-02-03T04:05:06Z', lastProbeTime: null };
  assert.deepEqual(conditions(), [ready, set]);
  await writer.patchPodCondition(
    { ...patch, condition: { ...condition, reason: 'r' }, changesStatus: false },
    options,
  );
  assert.deepEqual(conditions(), [ready, { ...set, reason: 'r' }]);
  await writer.patchPodCondition({ ...patch, pod: { ...id, uid: 'another' }, condition: set }, options);
  assert.deepEqual(conditions(), [ready, { ...set, reason: 'r' }]);
  api.store.remove([pod]);
  await writer.patchPodCondition(patch, options);
});

test('TGB-16: why a binding is not cleaned up changes, and since when does not', async (context) => {
  const { api, transport } = await localApi(context);
  const binding = {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    namespace: 'shop',
    name: 'b',
  };
  const spec = { targetGroupName: 't', serviceRef: { name: 's', port: 80 } };
  const { apiVersion: version, kind, ...metadata } = binding;
  api.store.apply([{ apiVersion: version, kind, metadata, spec }]);
  let now = Date.parse('2026-01-01T00:00:00Z');
  const writer = kubeWriter(transport, { now: () => now });
  const condition = () =>
    (api.store.get(binding)?.['status'] as { readonly conditions: readonly Record<string, string>[] })
      .conditions[0];
  await writer.patchFailedCleanup(binding, 'denied', options);
  now += 60_000;
  await writer.patchFailedCleanup(binding, 'throttled', options);
  assert.equal(condition()?.['message'], 'throttled');
  assert.equal(Date.parse(condition()?.['lastTransitionTime'] ?? ''), Date.parse('2026-01-01T00:00:00Z'));
  await writer.patchFailedCleanup({ ...binding, name: 'gone' }, 'denied', options);
});
