// `npm run bench -- memory`: what the shipped program holds in memory in a large cluster on a real kube-apiserver.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeTransport } from '../src/kube/transport.ts';
import { controllerFlags } from '../src/sandbox/controller-flags.ts';
import { startRealWorld } from '../src/sandbox/real-world.ts';
import { instantKnobs } from '../src/simulator/aws/knobs.ts';
import { createLog } from '../src/telemetry/log.ts';
import { type Cluster, startCluster } from '../test/support/cluster/start.ts';
import { run } from '../test/support/run.ts';
import { endpointSlice, ingress, ingressClass, selectorless } from './manifests.ts';

const root = join(import.meta.dirname, '..');
const services = 500;
const podsEach = 20;
const secrets = 6000;
const pods = services * podsEach;
const perGroup = 50;
/** Those of the Dockerfile, in a container of 256 MiB. */
const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=8', '--max-old-space-size=154'];
const place = { clusterName: 'bench', region: 'us-west-2' };

export async function benchMemory(print: (line: string) => void): Promise<void> {
  await run(process.execPath, [join(root, 'scripts', 'build.ts')], { title: 'build' });
  const cluster = await startCluster();
  try {
    print(await measured(cluster));
  } finally {
    await cluster.stop();
  }
}

async function measured(cluster: Cluster): Promise<string> {
  await cluster.kubectl(['apply', '-k', join(root, 'deploy', 'base')]);
  await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } }));
  await cluster.kubectl(['wait', '--for=create', '-n', 'bench', 'serviceaccount/default']);
  await cluster.apply(JSON.stringify(ingressClass));
  const quotas = { 'targets-per-application-load-balancer': services * podsEach };
  const world = await startRealWorld({
    kubeconfig: cluster.adminKubeconfig,
    ...place,
    knobs: { ...instantKnobs, quotas },
    hosts: [],
    log: createLog('silent'),
    print: () => undefined,
    signal: new AbortController().signal,
  });
  try {
    await fill(world.transport);
    const flags = new Map([
      ...controllerFlags({ endpoint: world.aws.url, vpcId: world.id('vpc'), ...place }),
      ['kubeconfig', cluster.adminKubeconfig],
      ['enable-leader-election', 'false'],
      ['metrics-bind-addr', '127.0.0.1:0'],
      ['health-probe-bind-addr', '127.0.0.1:0'],
      // Not below AWS's limits, so that all target groups are there soon.
      ['aws-api-throttle', 'Elastic Load Balancing v2:.*=10000:10000,EC2:.*=10000:10000'],
    ]);
    const args = [...flags].map(([name, value]) => `--${name}=${value}`);
    const command = [...nodeOptions, join(root, 'dist', 'albatross.mjs'), 'run', ...args];
    const child = spawn(process.execPath, command, {
      stdio: 'ignore',
      env: { ...process.env, AWS_ACCESS_KEY_ID: 'AKIDBENCH', AWS_SECRET_ACCESS_KEY: 'bench' },
    });
    try {
      const registered = () =>
        [...world.aws.state.targetGroups.values()].reduce((sum, { targets }) => sum + targets.size, 0);
      const deadline = Date.now() + 240_000;
      while (registered() < pods && Date.now() < deadline && child.exitCode === null) await sleep(500);
      await sleep(10_000);
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      const mebibytes = (name: string) =>
        Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024);
      return (
        `Memory with ${pods} pods, ${services} Ingresses and ${secrets} Secrets on a real kube-apiserver, ` +
        `${registered()} targets registered: ${mebibytes('VmRSS')} MiB resident (aim ≤ 256), ${mebibytes('VmHWM')} MiB at most`
      );
    } finally {
      child.kill();
    }
  } finally {
    await world.close();
  }
}

/** Pods that no scheduler takes, as what has to be held of a pod is the same wherever it runs. */
async function fill(transport: KubeTransport): Promise<void> {
  const objects: (readonly [path: string, body: object])[] = [];
  const inBench = (group: string, kinds: string) => `/${group}/namespaces/bench/${kinds}`;
  for (let i = 0; i < services; i += 1) {
    const name = `svc-${i}`;
    const addresses = Array.from({ length: podsEach }, (_none, pod) => addressOf(i * podsEach + pod));
    const rules = [{ host: `h${i}.example.com`, paths: { '/': name } }];
    const group = `g${Math.floor(i / perGroup)}`;
    objects.push(
      [inBench('api/v1', 'services'), selectorless(name)],
      [inBench('apis/discovery.k8s.io/v1', 'endpointslices'), endpointSlice(name, addresses)],
      [inBench('apis/networking.k8s.io/v1', 'ingresses'), ingress({ name, rules, group })],
    );
  }
  for (let i = 0; i < pods; i += 1) objects.push([inBench('api/v1', 'pods'), pod(addressOf(i))]);
  const data = { password: Buffer.from('x'.repeat(500)).toString('base64') };
  for (let i = 0; i < secrets; i += 1)
    objects.push([inBench('api/v1', 'secrets'), { metadata: { name: `secret-${i}` }, data }]);
  const signal = new AbortController().signal;
  const iterator = objects.values();
  const worker = async () => {
    for (const [path, body] of iterator)
      await transport.call({ method: 'POST', path, body, operation: 'fill the cluster', signal });
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

const addressOf = (i: number): string => `10.0.${96 + Math.floor(i / 250)}.${1 + (i % 250)}`;

const pod = (address: string): object => ({
  metadata: {
    name: `pod-${address}`,
    labels: { app: 'web', 'pod-template-hash': '5d4f8c7b9' },
    annotations: { 'example.com/checksum': 'x'.repeat(64) },
  },
  spec: {
    schedulerName: 'nobody',
    containers: [
      { name: 'web', image: 'web', ports: [{ containerPort: 8080 }], env: [{ name: 'A', value: 'b' }] },
    ],
  },
});
