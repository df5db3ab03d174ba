import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type KubeAccess, loadKubeConfig, plainAccess } from '../../src/kube/kube-config.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { type KubeTransport, kubeTransport } from '../../src/kube/transport.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function served(
  context: TestContext,
  handler: Handler,
  access: (url: string) => KubeAccess = plainAccess,
) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = kubeTransport(access(url));
  context.after(async () => {
    await transport.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { transport, url };
}

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const get = (transport: KubeTransport, signal?: AbortSignal): Promise<unknown> =>
  transport.call({
    method: 'GET',
    path: '/api/v1/nodes',
    query: { limit: '1' },
    operation: 'list Nodes',
    ...(signal === undefined ? {} : { signal }),
  });

async function failure(work: Promise<unknown>): Promise<KubeError> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof KubeError, String(error));
  return error;
}

test('a request carries its query, its body and the type of the body', async (context) => {
  const seen: unknown[] = [];
  const { transport } = await served(context, (request, response) => {
    request.on('data', (chunk) => seen.push(String(chunk)));
    request.on('end', () => {
      seen.push(request.method, request.url, request.headers['content-type']);
      response.end('{"kind":"Status"}');
    });
  });
  const answered = await transport.call({
    method: 'PATCH',
    path: '/apis/x',
    query: { a: 'b c' },
    body: { spec: 1 },
    contentType: 'application/merge-patch+json',
    operation: 'patch',
  });
  assert.deepEqual(answered, { kind: 'Status' });
  assert.deepEqual(seen, ['{"spec":1}', 'PATCH', '/apis/x?a=b+c', 'application/merge-patch+json']);
});

const status = (code: number, reason: string, message: string): object => ({
  kind: 'Status',
  code,
  reason,
  message,
});
const refusals = [
  [400, 'BadRequest', 'invalid'],
  [404, 'NotFound', 'notFound'],
  [409, 'AlreadyExists', 'conflict'],
  [410, 'Expired', 'gone'],
  [422, 'Invalid', 'invalid'],
  [429, 'TooManyRequests', 'throttled'],
  [500, 'InternalError', 'unavailable'],
  [503, 'ServiceUnavailable', 'unavailable'],
] as const;
for (const [code, reason, kind] of refusals) {
  test(`HTTP ${code} is an error of kind ${kind} with the server's reason and words`, async (context) => {
    const { transport } = await served(
      context,
      answer(code, status(code, reason, 'because'), { 'retry-after': '3' }),
    );
    const error = await failure(get(transport));
    assert.deepEqual(
      [error.kind, error.status, error.reason, error.retryAfterMs],
      [kind, code, reason, 3000],
    );
    assert.match(error.message, /^list Nodes: .*because$/);
  });
}

test('a refusal by RBAC says where to look', async (context) => {
  const message = 'nodes is forbidden: User "x" cannot list resource "nodes"';
  const { transport } = await served(context, answer(403, status(403, 'Forbidden', message)));
  assert.match(
    (await failure(get(transport))).message,
    /User "x" cannot list resource "nodes"; compare the ClusterRole/,
  );
});

test('an answer that is not from an API server is cut short in the message', async (context) => {
  const { transport } = await served(context, answer(502, `<html>${'x'.repeat(5000)}`));
  assert.ok((await failure(get(transport))).message.length < 500);
});

test('a success that is not JSON is an error', async (context) => {
  const { transport } = await served(context, answer(200, '<html>'));
  assert.match((await failure(get(transport))).message, /not JSON; is it a Kubernetes API server\?/);
});

test('a server that is not there is named, with what to check', async () => {
  const transport = kubeTransport(plainAccess('http://127.0.0.1:1'));
  const error = await failure(get(transport));
  assert.equal(error.kind, 'unreachable');
  assert.match(
    error.message,
    /^list Nodes: cannot reach the API server at http:\/\/127\.0\.0\.1:1: the connection was refused; check/,
  );
  await transport.close();
});

test('a connection that is cut without an answer, or in the middle of one, is an error of the connection', async (context) => {
  let calls = 0;
  const { transport } = await served(context, (_, response) => {
    calls += 1;
    if (calls === 1) response.destroy();
    else response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy());
  });
  assert.equal((await failure(get(transport))).kind, 'unreachable');
  assert.equal((await failure(get(transport))).kind, 'unreachable');
});

test('an abort is passed on as it is, before and during an answer', async (context) => {
  const { transport } = await served(context, () => undefined);
  const reason = new Error('enough');
  await assert.rejects(get(transport, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const pending = get(transport, controller.signal);
  controller.abort(reason);
  await assert.rejects(pending, reason);
});

test('a watch yields bytes as they come, and ends by the abort', async (context) => {
  const { transport } = await served(context, (_, response) => {
    response.writeHead(200).write('one\n');
  });
  const controller = new AbortController();
  const stream = await transport.stream({
    method: 'GET',
    path: '/',
    operation: 'watch',
    signal: controller.signal,
  });
  const reason = new Error('enough');
  await assert.rejects(async () => {
    for await (const chunk of stream) {
      assert.equal(Buffer.from(chunk).toString(), 'one\n');
      controller.abort(reason);
    }
  }, reason);
});

test('a watch that is refused or reset is an error', async (context) => {
  let calls = 0;
  const { transport } = await served(context, (request, response) => {
    calls += 1;
    if (calls === 1) answer(410, status(410, 'Expired', 'too old'))(request, response);
    else response.writeHead(200).write('{', () => response.destroy());
  });
  const watch = () => transport.stream({ method: 'GET', path: '/', operation: 'watch' });
  assert.equal((await failure(watch())).kind, 'gone');
  const stream = await watch();
  const readAll = async (): Promise<void> => {
    for await (const _ of stream);
  };
  assert.equal((await failure(readAll())).kind, 'unreachable');
});

test('refused credentials are read anew once, and the request is made again', async (context) => {
  const given: string[] = [];
  const tokens = ['old', 'new'];
  let token = 'old';
  const { transport } = await served(
    context,
    (request, response) => {
      given.push(String(request.headers.authorization));
      answer(request.headers.authorization === 'Bearer new' ? 200 : 401, {})(request, response);
    },
    (server) => ({
      ...plainAccess(server),
      credentials: (refused) => {
        token = refused === undefined ? token : (tokens.at(-1) ?? '');
        return Promise.resolve({ headers: { authorization: `Bearer ${token}` }, tls: {} });
      },
    }),
  );
  await get(transport);
  await get(transport);
  assert.deepEqual(given, ['Bearer old', 'Bearer new', 'Bearer new']);
  tokens.push('worse');
  token = 'old';
  const error = await failure(get(transport));
  assert.equal(error.kind, 'unauthorized');
  assert.match(
    error.message,
    /refuses our credentials \(401\), also after reading them anew; the token has expired/,
  );
  assert.equal(given.length, 5);
});

async function kubeconfigFile(context: TestContext, user: object, cluster: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'config');
  const write = (newUser: object): Promise<void> =>
    writeFile(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1/', ...cluster } }],
        users: [{ name: 'u', user: newUser }],
        contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'kube-system' } }],
        'current-context': 'here',
      }),
    );
  await write(user);
  return { file, folder, write };
}

test('a kubeconfig gives server, context, namespace and token; a refused token is read from the file again', async (context) => {
  const { file, write } = await kubeconfigFile(context, { token: 'old\n' });
  const clock = new VirtualClock();
  const access = await loadKubeConfig({ kubeconfig: file, clock });
  assert.deepEqual(
    [access.server, access.context, access.namespace],
    ['http://127.0.0.1:1', 'here', 'kube-system'],
  );
  const old = await access.credentials();
  assert.deepEqual(old.headers, { authorization: 'Bearer old' });
  await write({ token: 'new' });
  assert.equal(await access.credentials(), old);
  const renewed = await access.credentials(old);
  assert.deepEqual(renewed.headers, { authorization: 'Bearer new' });
  assert.equal(await access.credentials(old), renewed);
});

test('a credential plug-in runs once for many requests, and again when its credential is refused', async (context) => {
  const { folder, write, file } = await kubeconfigFile(context, {});
  const log = join(folder, 'runs');
  const credential =
    '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}';
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', `echo run >> ${log}; echo '${credential}'`],
  };
  await write({ exec });
  const access = await loadKubeConfig({ kubeconfig: file, clock: new VirtualClock() });
  const [first] = await Promise.all(Array.from({ length: 8 }, () => access.credentials()));
  assert.deepEqual(first?.headers, { authorization: 'Bearer t' });
  await access.credentials(first);
  assert.equal(await readFile(log, 'utf8'), 'run\nrun\n');
});

test('a credential plug-in that fails is named as the cause', async (context) => {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', 'echo no login >&2; exit 3'],
  };
  const { file } = await kubeconfigFile(context, { exec });
  const access = await loadKubeConfig({ kubeconfig: file, clock: new VirtualClock() });
  const error = await failure(access.credentials());
  assert.equal(error.kind, 'unauthorized');
  assert.match(error.message, /^read the credentials: cannot get credentials: .*no login/);
});

test('a user name, a password and certificates from the kubeconfig are used', async (context) => {
  const { file } = await kubeconfigFile(
    context,
    {
      username: 'me',
      password: 'secret',
      'client-certificate-data': Buffer.from('CERT').toString('base64'),
      'client-key-data': Buffer.from('KEY').toString('base64'),
    },
    {
      server: 'https://127.0.0.1:1',
      'certificate-authority-data': Buffer.from('CA').toString('base64'),
      'tls-server-name': 'kubernetes',
    },
  );
  const access = await loadKubeConfig({ kubeconfig: file, clock: new VirtualClock() });
  const { headers, tls } = await access.credentials();
  assert.equal(headers['authorization'], `Basic ${Buffer.from('me:secret').toString('base64')}`);
  assert.deepEqual([tls.ca, tls.cert, tls.key].map(String), ['CA', 'CERT', 'KEY']);
  assert.equal(tls.servername, 'kubernetes');
});

test('a kubeconfig that is missing, broken or without a current context is a clear error', async (context) => {
  const load = (kubeconfig: string) => failure(loadKubeConfig({ kubeconfig, clock: new VirtualClock() }));
  const { file, folder } = await kubeconfigFile(context, {});
  assert.match(
    (await load(join(folder, 'absent'))).message,
    /^read the kubeconfig: the kubeconfig .*absent cannot be read: /,
  );
  await writeFile(file, 'clusters: [');
  assert.match((await load(file)).message, /cannot be read/);
  await writeFile(file, 'contexts: [{name: a, context: {cluster: c}}]\ncurrent-context: b\n');
  assert.match(
    (await load(file)).message,
    /the current context b .* does not lead to a cluster; it has the contexts a;/,
  );
});

test('connections are kept, and made anew when the TLS material changes', async (context) => {
  const ports = new Set<number | undefined>();
  let servername = 'one';
  const { transport } = await served(
    context,
    (request, response) => {
      ports.add(request.socket.remotePort);
      answer(200, {})(request, response);
    },
    (server) => ({
      ...plainAccess(server),
      credentials: () => Promise.resolve({ headers: {}, tls: { servername } }),
    }),
  );
  for (let call = 0; call < 10; call += 1) await get(transport);
  const before = ports.size;
  assert.ok(before <= 2, `${before} connections for ten calls`);
  servername = 'two';
  await get(transport);
  assert.equal(ports.size, before + 1);
});
