import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { freePorts } from '../support/free-ports.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
};

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };
type Started = { readonly out: () => string; readonly stop: () => void; readonly ended: Promise<Ended> };

function start(...args: readonly string[]): Started {
  const child = spawn(process.execPath, [main, ...args], { env: environment });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { out: () => out, stop: () => child.kill('SIGTERM'), ended };
}

const run = (...args: readonly string[]): Promise<Ended> => start(...args).ended;

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'albatross-cli-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('mistakes on the command line are a sentence with a suggestion and exit code 2, never a stack', async () => {
  const results = await Promise.all([
    run('pln'),
    run('run', '--cluser-name=x', '--aws-region=us-west-2', '--aws-vpc-id=vpc-1'),
    run('run', 'stray'),
    run('simulate', '--prot', '1'),
    run('simulate', '--port', 'many'),
  ]);
  for (const { code, err } of results) {
    assert.equal(code, 2, err);
    assert.doesNotMatch(err, /^\s+at /m);
  }
  const [command, option, stray, simulate, port] = results.map(({ err }) => err);
  assert.match(command ?? '', /did you mean plan\?/i);
  assert.match(
    option ?? '',
    /--cluser-name is not an option \(did you mean --cluster-name\?\)\n {2}--cluster-name is required/,
  );
  assert.match(stray ?? '', /“stray” is not an option/);
  assert.match(simulate ?? '', /did you mean --port\?/i);
  assert.match(port ?? '', /--port “many” is not a port; use a number from 0 to 65535/);
});

test('help is printed for the program and for each command, with exit code 0', async () => {
  const results = await Promise.all(
    [[], ['run'], ['plan'], ['explain'], ['simulate'], ['dashboard'], ['sandbox']].map((command) =>
      run(...command, '--help'),
    ),
  );
  for (const { code, out } of results) {
    assert.equal(code, 0);
    assert.match(out, /^Usage: albatross/);
  }
  assert.match(results[1]?.out ?? '', /--default-ssl-policy/);
});

test('a kubeconfig that is missing is one line and exit code 1', async () => {
  const { code, err } = await run(
    'run',
    '--cluster-name=x',
    '--aws-region=us-west-2',
    '--aws-vpc-id=vpc-1',
    '--kubeconfig=/nonexistent/config',
  );
  assert.equal(code, 1);
  assert.match(
    err,
    /^albatross: read the kubeconfig: the kubeconfig \/nonexistent\/config cannot be read: .*\n$/,
  );
});

test('plan -f prints what would be made and why, and fails when something is wrong with an Ingress', async (context) => {
  const path = join(folder(context), 'site.yaml');
  const manifest = (annotation: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: site, namespace: web, annotations: { alb.ingress.kubernetes.io/target-type: ${annotation} } }
spec:
  ingressClassName: alb
  rules: [{ host: app.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: front, port: { number: 80 } } } }] } }]
---
apiVersion: v1
kind: Service
metadata: { name: front, namespace: web }
spec: { ports: [{ port: 80, targetPort: 8080 }] }
`;
  writeFileSync(path, manifest('ip'));
  const good = await run('plan', '-f', path);
  assert.equal(good.code, 0, good.err + good.out);
  assert.match(good.out, /\+ create rule .*host app\.example\.com, path \/\* → k8s-web-front-/);
  assert.match(good.out, /Assumed, because AWS and the cluster were not asked:\n {2}IngressClass alb exists/);
  const json = JSON.parse((await run('plan', '-f', path, '--json')).out) as {
    readonly groups: readonly { readonly key: string }[];
  };
  assert.deepEqual(
    json.groups.map(({ key }) => key),
    ['web/site'],
  );
  writeFileSync(path, manifest('lambda'));
  const bad = await run('plan', '-f', path);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /error AnnotationInvalid Ingress web\/site .*target-type/);
  writeFileSync(path, 'kind: [');
  const broken = await run('plan', '-f', path);
  assert.equal(broken.code, 1);
  assert.match(broken.out, /site\.yaml:1:\d+: /);
});

test('plan -f shows the targets that the files hold, and what a facts file says of a binding’s target group', async (context) => {
  const at = folder(context);
  const [path, facts] = [join(at, 'binding.yaml'), join(at, 'facts.json')];
  const manifest = `
apiVersion: v1
kind: Service
metadata: { name: front, namespace: web }
spec: { ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: TargetGroupBinding
metadata: { name: mine, namespace: web }
spec: { targetGroupName: theirs, serviceRef: { name: front, port: 80 } }
`;
  const slice = `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: front-1, namespace: web, labels: { kubernetes.io/service-name: front } }
addressType: IPv4
ports: [{ name: '', port: 8080 }]
endpoints: [{ addresses: [10.0.0.5], conditions: { ready: true }, targetRef: { kind: Pod, name: front-a, namespace: web, uid: a } }]
`;
  writeFileSync(path, manifest);
  const bare = await run('plan', '-f', path);
  assert.match(bare.out, /target group theirs exists, with targets of type ip, and is empty\n/);
  assert.match(bare.out, /without EndpointSlices and Nodes in the files there are no targets\n/);
  writeFileSync(path, `${manifest}${slice}`);
  const theirs = { targetType: 'ip', targets: [{ id: '10.0.0.9', port: 8080 }] };
  writeFileSync(facts, JSON.stringify({ targetGroups: { theirs } }));
  const filled = await run('plan', '-f', path, `--facts=${facts}`);
  assert.match(
    filled.out,
    /Group \(binding\) web\/mine: 2 operations\n {2}\+ register targets theirs: 10\.0\.0\.5:8080 .*\n {2}- deregister targets theirs: 10\.0\.0\.9:8080 /,
  );
  assert.doesNotMatch(filled.out, /target group theirs exists/);
});

test('run drives a simulated AWS and Kubernetes, dashboard reads it, and SIGTERM ends both in order', async (context) => {
  const kubeconfig = join(folder(context), 'kubeconfig');
  const simulator = start('simulate', '--port=0', '--kube', `--write-kubeconfig=${kubeconfig}`, '--instant');
  context.after(simulator.stop);
  await eventually(() => assert.match(simulator.out(), /Serving until/));
  const found = (pattern: RegExp): string =>
    pattern.exec(simulator.out())?.[1] ?? assert.fail(String(pattern));
  const aws = found(/^AWS +(\S+)$/m);
  const kube = found(/^Kubernetes +(\S+)$/m);
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${kube}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(response.status, 201, await response.text());
  };
  const networking = { apiVersion: 'networking.k8s.io/v1' };
  await post('/apis/networking.k8s.io/v1/ingressclasses', {
    ...networking,
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller: 'albatross.dev/alb' },
  });
  const spec = {
    ingressClassName: 'alb',
    defaultBackend: { service: { name: 'front', port: { number: 80 } } },
  };
  await post('/apis/networking.k8s.io/v1/namespaces/web/ingresses', {
    ...networking,
    kind: 'Ingress',
    metadata: { name: 'site' },
    spec,
  });
  const options = [
    '--cluster-name=demo-cluster',
    '--aws-region=us-west-2',
    `--aws-vpc-id=${found(/^ +vpc +(\S+)$/m)}`,
    `--aws-api-endpoints=EC2=${aws},Elastic Load Balancing v2=${aws},ACM=${aws}`,
    `--kubeconfig=${kubeconfig}`,
  ];
  const controller = start(
    'run',
    ...options,
    '--metrics-bind-addr=127.0.0.1:0',
    '--health-probe-bind-addr=0',
    '--leader-election-namespace=default',
  );
  context.after(controller.stop);
  const status = async (): Promise<string> =>
    (await fetch(`${kube}/apis/networking.k8s.io/v1/namespaces/web/ingresses/site`)).text();
  await eventually(async () => assert.match(await status(), /k8s-web-site-[^"]*\.elb\.amazonaws\.com/));
  const dashboard = await run('dashboard', ...options);
  assert.equal(dashboard.code, 0, dashboard.err);
  assert.match(dashboard.out, /"app\/k8s-web-site-/);
  const plan = await run('plan', ...options);
  assert.match(plan.out, /Group web\/site: nothing to do/);
  controller.stop();
  assert.equal((await controller.ended).code, 0);
  simulator.stop();
  assert.equal((await simulator.ended).code, 0);
});

test('run waits for an API server that cannot be reached, not ready and saying why', async (context) => {
  const [api, health] = await freePorts(2);
  const path = join(folder(context), 'kubeconfig');
  const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${api}` } };
  const current = { name: 'c', context: { cluster: 'c', user: 'u' } };
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [cluster],
      contexts: [current],
      users: [{ name: 'u', user: {} }],
    }),
  );
  const controller = start(
    'run',
    '--cluster-name=x',
    '--aws-region=us-west-2',
    '--aws-vpc-id=vpc-1',
    `--kubeconfig=${path}`,
    '--metrics-bind-addr=0',
    `--health-probe-bind-addr=127.0.0.1:${health}`,
  );
  context.after(controller.stop);
  await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${health}/readyz`);
    assert.equal(response.status, 503);
    assert.match(
      await response.text(),
      /cannot reach the API server at http:\/\/127\.0\.0\.1:\d+: the connection was refused/,
    );
  });
  controller.stop();
  const { code, out } = await controller.ended;
  assert.equal(code, 0);
  assert.doesNotMatch(out, /^\s+at /m);
});
