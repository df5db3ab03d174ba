// The 25 scenarios of kubernetes-sigs/ingress-controller-conformance (tag release-1.19) through the data plane, in both
// target modes. The manifests ask for what the feature files describe; docs/conformance.md holds the results and the two
// exceptions, which also stand in the names of their tests.

import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { connect, type PeerCertificate } from 'node:tls';
import { type LocalController, withController } from '../support/local-controller.ts';

type Path = {
  readonly path: string;
  readonly type: 'Exact' | 'Prefix';
  readonly service: string;
};

const host = (name: string, paths: readonly Path[]) => ({
  host: name,
  http: {
    paths: paths.map(({ path, type, service }) => ({
      path,
      pathType: type,
      backend: { service: { name: service, port: { number: 8080 } } },
    })),
  },
});

const root = (service: string): readonly Path[] => [{ path: '/', type: 'Prefix', service }];

const ingress = (name: string, targetType: string, spec: object, annotations: object = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name,
    namespace: 'conformance',
    annotations: { 'alb.ingress.kubernetes.io/target-type': targetType, ...annotations },
  },
  spec: { ingressClassName: 'alb', ...spec },
});

const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'conformance' },
  spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 8080, targetPort: 3000 }] },
});

const echo = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'echo', namespace: 'conformance' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'balanced' } },
    template: {
      metadata: { labels: { app: 'balanced' } },
      spec: { containers: [{ name: 'echo', image: 'echo' }] },
    },
  },
});

const pathRules = [
  host('exact-path-rules', [{ path: '/foo', type: 'Exact', service: 'foo-exact' }]),
  host('prefix-path-rules', [
    { path: '/foo', type: 'Prefix', service: 'foo-prefix' },
    { path: '/aaa', type: 'Prefix', service: 'aaa-prefix' },
    { path: '/aaa/bbb', type: 'Prefix', service: 'aaa-slash-bbb-prefix' },
  ]),
  host('mixed-path-rules', [
    { path: '/foo', type: 'Prefix', service: 'foo-prefix' },
    { path: '/foo', type: 'Exact', service: 'foo-exact' },
  ]),
  host('trailing-slash-path-rules', [
    { path: '/aaa/bbb/', type: 'Prefix', service: 'aaa-slash-bbb-slash-prefix' },
    { path: '/foo/', type: 'Exact', service: 'foo-slash-exact' },
  ]),
];

const services = [
  'echo-service',
  'wildcard-foo-com',
  'foo-bar-com',
  'balanced',
  ...new Set(
    pathRules.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service.name)).toSorted(),
  ),
];

const manifests = (targetType: string): readonly object[] => [
  ...services.map(service),
  echo(1),
  ingress('default-backend', targetType, {
    defaultBackend: { service: { name: 'echo-service', port: { number: 8080 } } },
  }),
  ingress(
    'host-rules',
    targetType,
    {
      tls: [{ hosts: ['foo.bar.com', '*.foo.com'], secretName: 'conformance-tls' }],
      rules: [host('*.foo.com', root('wildcard-foo-com')), host('foo.bar.com', root('foo-bar-com'))],
    },
    { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]' },
  ),
  ingress('ingress-class', targetType, {
    ingressClassName: 'some-invalid-class-name',
    rules: [host('ingress-class', root('echo-service'))],
  }),
  ingress('load-balancing', targetType, {
    defaultBackend: { service: { name: 'balanced', port: { number: 8080 } } },
  }),
  ingress('path-rules', targetType, { rules: pathRules }),
];

const yaml = (objects: readonly object[]): string =>
  objects.map((object) => JSON.stringify(object)).join('\n---\n');

/** Scenario, host, path, and the Service that answers; undefined: 404. */
const routes: readonly (readonly [number, string, string, string, string | undefined])[] = [
  [3, 'the exact host over HTTP answers', 'foo.bar.com', '/', 'foo-bar-com'],
  [4, 'a subdomain of an exact host is not found', 'subdomain.bar.com', '/', undefined],
  [5, 'a wildcard host matches one label', 'bar.foo.com', '/', 'wildcard-foo-com'],
  [6, 'a wildcard host does not match two labels', 'baz.bar.foo.com', '/', undefined],
  [7, 'a wildcard host does not match none', 'foo.com', '/', undefined],
  [10, 'Exact /foo matches /foo', 'exact-path-rules', '/foo', 'foo-exact'],
  [11, 'Exact /foo does not match /foo/', 'exact-path-rules', '/foo/', undefined],
  [12, 'Exact /foo does not match /FOO', 'exact-path-rules', '/FOO', undefined],
  [13, 'Exact /foo does not match /bar', 'exact-path-rules', '/bar', undefined],
  [14, 'Prefix /foo matches /foo', 'prefix-path-rules', '/foo', 'foo-prefix'],
  [15, 'Prefix /foo matches /foo/', 'prefix-path-rules', '/foo/', 'foo-prefix'],
  [16, 'Prefix /foo does not match /FOO', 'prefix-path-rules', '/FOO', undefined],
  [17, 'the longest prefix wins', 'prefix-path-rules', '/aaa/bbb', 'aaa-slash-bbb-prefix'],
  [18, 'the longest prefix wins below it too', 'prefix-path-rules', '/aaa/bbb/ccc', 'aaa-slash-bbb-prefix'],
  [19, 'Prefix /aaa matches /aaa/ccc', 'prefix-path-rules', '/aaa/ccc', 'aaa-prefix'],
  [20, 'Prefix /aaa does not match /aaaccc', 'prefix-path-rules', '/aaaccc', undefined],
  [21, 'Prefix /foo matches /foo/ (again)', 'prefix-path-rules', '/foo/', 'foo-prefix'],
  [22, 'Exact /foo beats Prefix /foo', 'mixed-path-rules', '/foo', 'foo-exact'],
  [
    23,
    'Prefix /aaa/bbb/ matches /aaa/bbb',
    'trailing-slash-path-rules',
    '/aaa/bbb',
    'aaa-slash-bbb-slash-prefix',
  ],
  [
    24,
    'Prefix /aaa/bbb/ matches /aaa/bbb/',
    'trailing-slash-path-rules',
    '/aaa/bbb/',
    'aaa-slash-bbb-slash-prefix',
  ],
  [25, 'Exact /foo/ does not match /foo', 'trailing-slash-path-rules', '/foo', undefined],
];

describe('Ingress conformance', { concurrency: 2 }, () => {
  for (const targetType of ['instance', 'ip']) {
    test(`the Ingress conformance scenarios, target type ${targetType}`, async (context) =>
      withController(
        { hosts: ['foo.bar.com', '*.foo.com'], before: yaml(manifests(targetType)) },
        async (local) => {
          await local.rest();
          await defaultBackend(context, local);
          await hostRules(context, local);
          await context.test('8: a class of nobody: the status stays empty, nothing is made', () => {
            assert.deepEqual(local.ingress('conformance', 'ingress-class')?.['status'] ?? {}, {
              loadBalancer: {},
            });
            assert.equal(local.world.aws.state.loadBalancers.size, 4);
            assert.deepEqual(local.events('Ingress', 'conformance/ingress-class'), []);
          });
          await loadBalancing(context, local);
          for (const [number, title, name, path, answering] of routes.filter(([id]) => id >= 10)) {
            await context.test(`${number}: ${title}`, () =>
              assertRoute(local, { loadBalancer: 'pathrule', name, path, answering }),
            );
          }
        },
      ));
  }
});

async function assertRoute(
  local: LocalController,
  of: {
    readonly loadBalancer: string;
    readonly name: string;
    readonly path: string;
    readonly answering: string | undefined;
  },
): Promise<void> {
  const answer = await local.request(`http://${of.name}${of.path}`, { loadBalancer: of.loadBalancer });
  assert.equal(answer.status, of.answering === undefined ? 404 : 200);
  assert.equal(answer.echo?.service, of.answering);
  if (answer.echo === undefined) return;
  assert.equal(answer.echo.host, of.name);
  assert.equal(answer.echo.path, of.path);
}

async function defaultBackend(context: TestContext, local: LocalController): Promise<void> {
  const requests = [
    ['GET', 'no-host', '/'],
    ['GET', 'no-host', '/sub-path'],
    ['POST', 'some-host', '/'],
    ['PUT', 'no-host', '/resource'],
    ['DELETE', 'some-host', '/resource'],
    ['PATCH', 'no-host', '/resource'],
  ] as const;
  await context.test(
    '1: a default backend answers every request (exception: no header Server, which neither the echo nor an ALB adds)',
    async () => {
      for (const [method, name, path] of requests) {
        const answer = await local.request(`http://${name}${path}`, { method, loadBalancer: 'defaultb' });
        assert.equal(answer.status, 200);
        assert.deepEqual(
          [answer.echo?.namespace, answer.echo?.service, answer.echo?.method, answer.echo?.path],
          ['conformance', 'echo-service', method, path],
        );
        for (const header of ['content-length', 'content-type', 'date'])
          assert.ok(answer.headers[header], `${method} ${path} has no ${header}`);
      }
    },
  );
}

async function hostRules(context: TestContext, local: LocalController): Promise<void> {
  await context.test(
    '2: TLS to the exact host is served with a certificate for it (exception: it comes from ACM, because an ALB cannot use a Secret)',
    async () => {
      const certificate = await servedCertificate(local, 'foo.bar.com');
      assert.equal(certificate.subjectaltname, 'DNS:foo.bar.com');
      const answer = await local.request('https://foo.bar.com/', { loadBalancer: 'hostrule' });
      assert.equal(answer.echo?.service, 'foo-bar-com');
    },
  );
  for (const [number, title, name, path, answering] of routes.filter(([id]) => id < 10)) {
    await context.test(`${number}: ${title}`, () =>
      assertRoute(local, { loadBalancer: 'hostrule', name, path, answering }),
    );
  }
}

/** The certificate that a client gets who trusts only ACM's and verifies the name. */
function servedCertificate({ world }: LocalController, name: string): Promise<PeerCertificate> {
  const listener = world.dataPlane
    .listeners()
    .find(({ protocol, loadBalancerName }) => protocol === 'HTTPS' && loadBalancerName.includes('hostrule'));
  const trusted = world.aws.state.certificates.get(world.id(`cert/${name}`));
  assert.ok(listener && trusted);
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: '127.0.0.1', port: listener.localPort, servername: name, ca: trusted.certificatePem },
      () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

async function loadBalancing(context: TestContext, local: LocalController): Promise<void> {
  await context.test('9: a hundred requests reach every one of ten pods', async () => {
    await local.apply(yaml([echo(10)]));
    const pods = new Set<string>();
    for (let i = 0; i < 100; i += 1) {
      const answer = await local.request('http://any/', { loadBalancer: 'loadbala' });
      assert.equal(answer.status, 200);
      pods.add(answer.echo?.pod ?? '');
    }
    assert.equal(pods.size, 10);
  });
}
