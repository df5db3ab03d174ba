import assert from 'node:assert/strict';
import { get } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { allowed } from '../../src/webhook/admission.ts';
import type { Webhook } from '../../src/webhook/server.ts';
import { eventually } from '../support/eventually.ts';
import { certificate, reviewOf, served } from './support/webhook-server.ts';

const refusing: Webhook = {
  kind: 'validating',
  judge: async () => ({ allowed: false, words: 'no', hint: 'write yes', check: 'checkYes' }),
};
const patching: Webhook = {
  kind: 'mutating',
  judge: async () => ({
    allowed: true,
    patch: [{ op: 'add', path: '/spec/a', value: 1 }],
    warnings: ['look out'],
  }),
};
const failing: Webhook = { kind: 'validating', judge: () => Promise.reject(new Error('AWS is away')) };
const letting: Webhook = { kind: 'validating', judge: async () => allowed };
const all = { '/no': refusing, '/patch': patching, '/fail': failing, '/yes': letting };

const response = (body: string): unknown => (JSON.parse(body) as { response: unknown }).response;

test('OPS-12: a refusal has ALBC’s words, and the next step where it is wanted', async (context) => {
  const plain = await served(context, all);
  const hinting = await served(context, all, { withHints: true });
  const refusal = (message: string) => ({
    uid: 'u-1',
    allowed: false,
    status: { status: 'Failure', message, reason: 'Forbidden', code: 403 },
  });
  const answer = await plain.post('/no?timeout=10s', reviewOf({}));
  assert.equal(answer.status, 200);
  assert.deepEqual(response(answer.body), refusal('no'));
  assert.deepEqual(response((await hinting.post('/no', reviewOf({}))).body), refusal('no; write yes'));
  assert.match(
    (await plain.metrics.render()).body,
    /awslbc_webhook_validation_failure_total\{webhook_name="\/no",error_category="checkYes"\} 1/,
  );
});

test('OPS-12: a mutation is a JSON patch in base64, with warnings', async (context) => {
  const { post } = await served(context, all);
  const patch = Buffer.from('[{"op":"add","path":"/spec/a","value":1}]').toString('base64');
  assert.deepEqual(response((await post('/patch', reviewOf({}))).body), {
    uid: 'u-1',
    allowed: true,
    warnings: ['look out'],
    patchType: 'JSONPatch',
    patch,
  });
  assert.deepEqual(response((await post('/yes', reviewOf({}))).body), { uid: 'u-1', allowed: true });
});

test('OPS-12: what cannot be judged is an HTTP error that says why, never a refusal', async (context) => {
  const { post } = await served(context, all);
  const v1beta1 = reviewOf({}).replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1');
  const table: readonly (readonly [string, string, number, RegExp])[] = [
    ['/yes', '', 400, /the body is not JSON/],
    ['/yes', '{"kind":', 400, /the body is not JSON/],
    ['/yes', '[]', 400, /no AdmissionReview of admission\.k8s\.io\/v1/],
    ['/yes', v1beta1, 400, /apiVersion/],
    ['/yes', reviewOf({}, { uid: '' }), 400, /request\.uid/],
    ['/yes', reviewOf({}, { operation: 'PAINT' }), 400, /request\.operation/],
    ['/nowhere', reviewOf({}), 404, /no webhook is served at \/nowhere/],
    ['/constructor', reviewOf({}), 404, /no webhook/],
    ['/fail', reviewOf({}), 500, /AWS is away/],
  ];
  for (const [path, body, status, text] of table) {
    const answer = await post(path, body);
    assert.equal(answer.status, status, body);
    assert.match(answer.body, text);
  }
  assert.equal((await post('/yes', '', { method: 'GET' })).status, 405);
});

test('OPS-12: a body beyond the limit is not read to its end', async (context) => {
  const { post } = await served(context, all);
  const long = 'x'.repeat(8 * 1024 * 1024);
  const answer = await post('/yes', long).catch((error: NodeJS.ErrnoException) => error.code);
  // The answer may be lost when the client goes on sending into a closed connection.
  if (typeof answer === 'object') assert.equal(answer.status, 413);
  else assert.ok(['EPIPE', 'ECONNRESET'].includes(answer ?? ''), answer);
  assert.equal((await post('/yes', reviewOf({}))).status, 200);
});

async function fingerprint(port: number | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: 'localhost', port, agent: false, rejectUnauthorized: false }, (answer) => {
      const peer: PeerCertificate = (answer.socket as TLSSocket).getPeerCertificate();
      answer.resume();
      resolve(peer.fingerprint256);
    }).on('error', reject);
  });
}

test('OPS-12: a certificate that comes late is waited for, one that changes is taken, a broken one is not', async (context) => {
  const { server, clock, install } = await served(context, all, { installed: false });
  assert.match(server.unready() ?? '', /the certificate of the webhooks: .*tls\.crt/);
  install(certificate());
  await clock.advance(10_000);
  await eventually(() => assert.equal(server.unready(), undefined));
  const first = await fingerprint(server.port());
  install({ ...certificate(), privateKeyPem: 'not a key' });
  await clock.advance(10_000);
  assert.equal(await fingerprint(server.port()), first);
  install(certificate());
  await eventually(async () => {
    await clock.advance(10_000);
    assert.notEqual(await fingerprint(server.port()), first);
  });
});

test('OPS-12: with a client authority nobody else is served', async (context) => {
  const client = certificate();
  const { post } = await served(context, all, { clientAuthority: client.certificatePem });
  await assert.rejects(post('/yes', reviewOf({})));
  const other = certificate();
  await assert.rejects(post('/yes', reviewOf({}), { cert: other.certificatePem, key: other.privateKeyPem }));
  const known = { cert: client.certificatePem, key: client.privateKeyPem };
  assert.equal((await post('/yes', reviewOf({}), known)).status, 200);
});

test('OPS-12: nothing older than TLS 1.2', async (context) => {
  const { post } = await served(context, all);
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await assert.rejects(post('/yes', reviewOf({}), old));
});
