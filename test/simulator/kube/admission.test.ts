import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { selfSigned } from '../../../src/simulator/aws/acm/self-signed.ts';
import { type KubeSimulator, startKubeSimulator } from '../../../src/simulator/kube/simulator.ts';

type Request = {
  readonly uid: string;
  readonly operation: string;
  readonly name: string;
  readonly object: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } };
  readonly oldObject: unknown;
};
type Response = Readonly<Record<string, unknown>>;

const { certificatePem, privateKeyPem } = selfSigned(['localhost'], Date.now());

/** A webhook that answers what it is told, and remembers what it was asked. */
async function webhook(context: TestContext, answer: (request: Request) => Response | Promise<Response>) {
  const asked: Request[] = [];
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { request } = JSON.parse(await textOf(incoming)) as { request: Request };
    asked.push(request);
    const response = { uid: request.uid, ...(await answer(request)) };
    outgoing.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
  };
  const server = createServer({ cert: certificatePem, key: privateKeyPem }, (incoming, outgoing) => {
    void serve(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  context.after(() => close().catch(() => undefined));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/judge`;
  return { asked, url, close };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

async function api(context: TestContext): Promise<KubeSimulator> {
  const kube = await startKubeSimulator({ createNamespaces: true });
  context.after(() => kube.close());
  return kube;
}

const rules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
];
const caBundle = Buffer.from(certificatePem).toString('base64');

function configuration(kind: 'Validating' | 'Mutating', url: string, more: Response = {}): object {
  const hook = { name: 'hook.example.com', clientConfig: { url, caBundle }, rules, ...more };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: 'test' },
    webhooks: [{ sideEffects: 'None', admissionReviewVersions: ['v1'], ...hook }],
  };
}

const configMap = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', labels },
  data: { a: '1' },
});

async function post(kube: KubeSimulator, object: object, query = '') {
  const answer = await fetch(`${kube.url}/api/v1/namespaces/shop/configmaps${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(object),
  });
  const body = (await answer.json()) as { readonly message?: string; readonly data?: unknown };
  return { status: answer.status, body, warning: answer.headers.get('warning') };
}

test('a refusal has the words and the code of the API server', async (context) => {
  const kube = await api(context);
  const statuses: Response[] = [{ code: 403, message: 'no', reason: 'Forbidden' }, { reason: 'Tired' }, {}];
  const hook = await webhook(context, () => ({ allowed: false, status: statuses.shift() }));
  kube.store.apply([configuration('Validating', hook.url)]);
  const denied = 'admission webhook "hook.example.com" denied the request';
  const first = await post(kube, configMap('a'));
  assert.deepEqual([first.status, first.body.message], [403, `${denied}: no`]);
  assert.deepEqual(await kube.store.submit([configMap('a')]), [
    { object: 'ConfigMap shop/a', code: 400, message: `${denied}: Tired` },
  ]);
  assert.equal((await post(kube, configMap('a'))).body.message, `${denied} without explanation`);
  assert.equal(
    kube.store.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' }),
    undefined,
  );
});

test('a mutation is stored and seen by the validating webhook; warnings reach the client', async (context) => {
  const kube = await api(context);
  const patch = Buffer.from('[{"op":"add","path":"/data/b","value":"2"}]').toString('base64');
  const mutating = await webhook(context, () => ({ allowed: true, patch, patchType: 'JSONPatch' }));
  const validating = await webhook(context, () => ({ allowed: true, warnings: ['look out'] }));
  kube.store.apply([configuration('Mutating', mutating.url), configuration('Validating', validating.url)]);
  const made = await post(kube, configMap('a'));
  assert.deepEqual([made.status, made.body.data], [201, { a: '1', b: '2' }]);
  assert.match(made.warning ?? '', /look out/);
  assert.deepEqual((validating.asked[0]?.object as { data?: unknown }).data, { a: '1', b: '2' });
  assert.equal(mutating.asked[0]?.operation, 'CREATE');
  assert.equal(mutating.asked[0]?.oldObject, null);
});

test('an update and a patch are asked about with the old object, a dry run too, a deletion is not', async (context) => {
  const kube = await api(context);
  kube.store.apply([configMap('a')]);
  const hook = await webhook(context, () => ({ allowed: true }));
  kube.store.apply([configuration('Validating', hook.url)]);
  const url = `${kube.url}/api/v1/namespaces/shop/configmaps/a`;
  await fetch(`${url}?dryRun=All`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{"data":{"a":"2"}}',
  });
  await fetch(url, { method: 'DELETE' });
  assert.deepEqual(
    hook.asked.map(({ operation, name }) => [operation, name]),
    [['UPDATE', 'a']],
  );
  assert.notEqual(hook.asked[0]?.oldObject, null);
});

test('a webhook that does not answer fails the write, or is ignored if its policy says so', async (context) => {
  const kube = await api(context);
  const hook = await webhook(context, () => ({ allowed: true }));
  await hook.close();
  kube.store.apply([configuration('Validating', hook.url)]);
  const failed = await post(kube, configMap('a'));
  assert.equal(failed.status, 500);
  assert.match(
    failed.body.message ?? '',
    /^Internal error occurred: failed calling webhook "hook\.example\.com": failed to call webhook: Post "https:\/\/localhost:\d+\/judge\?timeout=10s": /,
  );
  kube.store.apply([configuration('Validating', hook.url, { failurePolicy: 'Ignore' })]);
  assert.equal((await post(kube, configMap('a'))).status, 201);
});

test('rules and selectors say which webhooks are asked', async (context) => {
  const kube = await api(context);
  const hook = await webhook(context, () => ({ allowed: false }));
  kube.store.apply([
    configuration('Validating', hook.url, {
      objectSelector: { matchLabels: { guarded: 'yes' } },
      namespaceSelector: {
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] },
        ],
      },
    }),
  ]);
  const elsewhere = { ...configMap('c', { guarded: 'yes' }) };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'shop', labels: { guarded: 'yes' } },
  };
  const refused = await kube.store.submit([
    configMap('a'),
    configMap('b', { guarded: 'yes' }),
    { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: 'kube-system' } },
    secret,
  ]);
  assert.deepEqual(
    refused.map(({ object }) => object),
    ['ConfigMap shop/b'],
  );
});

test('a write that is overtaken while a webhook thinks begins anew', async (context) => {
  const kube = await api(context);
  kube.store.apply([configMap('a')]);
  let overtaken = false;
  const hook = await webhook(context, () => {
    if (!overtaken) kube.store.apply([configMap('a', { meanwhile: 'yes' })]);
    overtaken = true;
    return { allowed: true };
  });
  kube.store.apply([configuration('Validating', hook.url)]);
  const patched = await fetch(`${kube.url}/api/v1/namespaces/shop/configmaps/a`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{"data":{"b":"2"}}',
  });
  const { metadata, data } = (await patched.json()) as { metadata: { labels: unknown }; data: unknown };
  assert.deepEqual([metadata.labels, data], [{ meanwhile: 'yes' }, { a: '1', b: '2' }]);
  assert.equal(hook.asked.length, 2);
});

test('a webhook behind a Service is found where the simulator is told that it is', async (context) => {
  const hook = await webhook(context, () => ({ allowed: false }));
  const asked: object[] = [];
  const kube = await startKubeSimulator({
    createNamespaces: true,
    webhookService: (reference) => {
      asked.push(reference);
      return reference.name === 'here' ? new URL(hook.url).origin : undefined;
    },
  });
  context.after(() => kube.close());
  const behind = (name: string) => ({ service: { namespace: 'ops', name, path: '/judge' }, caBundle });
  kube.store.apply([configuration('Validating', '', { clientConfig: behind('here') })]);
  assert.match(
    (await post(kube, configMap('a'))).body.message ?? '',
    /denied the request without explanation/,
  );
  kube.store.apply([configuration('Validating', '', { clientConfig: behind('gone') })]);
  assert.match(
    (await post(kube, configMap('a'))).body.message ?? '',
    /failed to call webhook: service "gone" not found/,
  );
  assert.deepEqual(asked[0], { namespace: 'ops', name: 'here', port: 443 });
});
