// The real kubectl against the local Kubernetes API, as a user of the sandbox types it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { KubeSimulator } from '../../../src/simulator/kube/simulator.ts';
import { startKubeSimulator } from '../../../src/simulator/kube/simulator.ts';
import { roundRobin } from '../../../src/simulator/kube/workload-objects.ts';
import type { Workloads } from '../../../src/simulator/kube/workloads.ts';
import { startWorkloads } from '../../../src/simulator/kube/workloads.ts';
import { findBinaries } from '../../support/cluster/binaries.ts';
import { eventually } from '../../support/eventually.ts';
import { run } from '../../support/run.ts';

const manifest = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: alb, annotations: { ingressclass.kubernetes.io/is-default-class: "true" } }
spec: { controller: albatross.dev/alb }
---
apiVersion: v1
kind: Service
metadata: { name: front, labels: { app: front } }
spec: { type: NodePort, selector: { app: front }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: site }
spec:
  rules:
    - host: app.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: front, port: { number: 80 } } } }] }
`;

let simulator: KubeSimulator;
let workloads: Workloads;
let home: string;

/** Runs kubectl with the words of the line in a namespace; input goes to its standard input. */
function kubectl(
  namespace: string,
  line: string,
  options: { input?: string; editor?: string } = {},
): Promise<string> {
  const binary = findBinaries()?.kubectl ?? 'kubectl';
  const flags = ['--kubeconfig', join(home, 'config'), '--namespace', namespace];
  return run(binary, [...flags, ...line.split(' ')], {
    title: `kubectl ${line}`,
    // A home of its own: kubectl caches what a server offers by address, and a port may have had another server before.
    env: { ...process.env, HOME: home, KUBE_EDITOR: options.editor ?? 'false' },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
}

/** Lines of a table with single spaces, ages left out. */
function table(text: string): readonly string[] {
  const lines = text.trim().split('\n');
  return lines.map((line) => line.replaceAll(/\s+/g, ' ').replace(/ (AGE|\d+m?s)$/, ''));
}

suite('kubectl works with the local API', () => {
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'albatross-kubectl-'));
    simulator = await startKubeSimulator({ createNamespaces: true });
    const ips = Array.from({ length: 30 }, (_, index) => `10.0.96.${20 + index}`);
    workloads = startWorkloads({ simulator, podIp: roundRobin([{ nodeName: 'node-a', ips }]) });
    await writeFile(join(home, 'config'), simulator.kubeconfig());
  });
  after(async () => {
    workloads.close();
    await simulator.close();
    await rm(home, { recursive: true });
  });

  test('apply, twice, and get', async () => {
    const first = await kubectl('shop', 'apply -f -', { input: manifest });
    assert.deepEqual(table(first), [
      'ingressclass.networking.k8s.io/alb created',
      'service/front created',
      'ingress.networking.k8s.io/site created',
    ]);
    assert.match(await kubectl('shop', 'apply -f -', { input: manifest }), /site unchanged/);
    assert.deepEqual(table(await kubectl('shop', 'get ingress')), [
      'NAME CLASS HOSTS ADDRESS PORTS',
      'site alb app.example.com 80',
    ]);
    assert.deepEqual(table(await kubectl('shop', 'get svc,pods')).slice(0, 2), [
      'NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S)',
      'service/front NodePort 172.20.0.11 <none> 80:30000/TCP',
    ]);
  });

  test('describe shows the backends behind a rule', async () => {
    await kubectl('shown', 'apply -f -', { input: manifest });
    assert.match(
      await kubectl('shown', 'describe ingress site'),
      /front:80 \(10\.0\.96\.\d+:8080,10\.0\.96\.\d+:8080\)/,
    );
    assert.match(await kubectl('shown', 'describe service front'), /Endpoints: +10\.0\.96\.\d+:8080/);
  });

  test('server-side apply takes over what a plain apply made, and another manager gets a conflict', async () => {
    await kubectl('ssa', 'apply -f -', { input: manifest });
    assert.match(
      await kubectl('ssa', 'apply --server-side -f -', { input: manifest }),
      /site serverside-applied/,
    );
    const input = manifest.replaceAll('8080', '9090');
    await assert.rejects(
      kubectl('ssa', 'apply --server-side --field-manager other -f -', { input }),
      /conflict with "kubectl".*targetPort/,
    );
    assert.equal(await kubectl('ssa', 'get ingress site -o jsonpath={.spec.ingressClassName}'), 'alb');
  });

  test('edit, patch, label, annotate', async () => {
    await kubectl('change', 'apply -f -', { input: manifest });
    await kubectl('change', 'edit service front', { editor: 'sed -i s/8080/8081/' });
    await kubectl(
      'change',
      'patch ingress site --type=json -p [{"op":"remove","path":"/spec/rules/0/host"}]',
    );
    await kubectl('change', 'label ingress site team=a');
    await kubectl('change', 'annotate ingress site note=b');
    assert.equal(
      await kubectl('change', 'get service front -o jsonpath={.spec.ports[0].targetPort}'),
      '8081',
    );
    assert.match(await kubectl('change', 'get ingress -l team=a'), /site +alb +\*/);
  });

  test('an Ingress is edited, and a watch shows it', async () => {
    await kubectl('watched', 'apply -f -', { input: manifest });
    const words = ['get', 'ingress', 'site', '--watch', '--no-headers'];
    const watch = spawn(
      findBinaries()?.kubectl ?? 'kubectl',
      ['--kubeconfig', join(home, 'config'), '--namespace', 'watched', ...words],
      { env: { ...process.env, HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let seen = '';
    watch.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const ended = once(watch, 'exit');
    try {
      await eventually(() => assert.match(seen, /site +alb +app\.example\.com/));
      await kubectl('watched', 'edit ingress site', { editor: 'sed -i s/app.example.com/new.example.com/' });
      await eventually(() => assert.match(seen, /site +alb +new\.example\.com/));
      await kubectl('watched', 'delete ingress site --timeout=10s');
    } finally {
      watch.kill();
    }
    await ended;
  });

  test('create from the command line, scale, wait, delete', async () => {
    await kubectl('made', 'create namespace made');
    await kubectl('made', 'create ingress site --class=alb --rule=a.example.com/*=front:80');
    await kubectl('made', 'create deployment front --image=app --port=8080');
    await kubectl('made', 'expose deployment front --port=80');
    await kubectl('made', 'scale deployment front --replicas=3');
    await kubectl('made', 'rollout status deployment front --timeout=10s');
    assert.equal(table(await kubectl('made', 'get pods')).length, 4);
    await kubectl('made', 'delete ingress/site --timeout=10s');
    await kubectl('made', 'delete namespace made --timeout=10s');
    await assert.rejects(kubectl('made', 'get namespace made'), /namespaces "made" not found/);
  });

  test('mistakes are told in the words of a real cluster', async () => {
    const wrong = manifest.replace('pathType: Prefix, ', '');
    await assert.rejects(
      kubectl('wrong', 'apply -f -', { input: wrong }),
      /spec\.rules\[0\]\.http\.paths\[0\]\.pathType: Required value: pathType must be specified/,
    );
    await assert.rejects(
      kubectl('wrong', 'apply -f -', { input: manifest.replace('rules:', 'rulez:') }),
      /strict decoding error: unknown field "spec\.rulez"/,
    );
  });

  test('api-resources, explain and can-i', async () => {
    assert.match(
      await kubectl('shop', 'api-resources'),
      /ingresses +ing +networking\.k8s\.io\/v1 +true +Ingress/,
    );
    assert.match(await kubectl('shop', 'explain ingress.spec.tls'), /secretName\s+<string>/);
    assert.equal(await kubectl('shop', 'auth can-i delete ingresses'), 'yes\n');
  });
});
