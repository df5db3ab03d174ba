// `npm run sandbox -- --kubeconfig FILE`, as a program of its own, with a real cluster.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { eventually } from '../support/eventually.ts';
import { app } from './support/manifests.ts';
import { installDeploy, nodes } from './support/real-controller.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

let cluster: Cluster;

const kubectl = (line: string) => cluster.kubectl(line.split(' '));

function startSandbox(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, 'sandbox', ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const says = (text: RegExp) =>
    eventually(() => assert.ok(text.test(output), `${text} is not in:\n${output}`));
  return { child, says, output: () => output };
}

async function get(url: string, host: string): Promise<string> {
  const outgoing = request(url, { headers: { host }, agent: false }).end();
  const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

suite('the sandbox with a real cluster', () => {
  before(async () => {
    cluster = await sharedCluster();
    await installDeploy(cluster);
    // Of a cluster that is nowhere near AWS.
    await cluster.addNodes(nodes.map((node) => ({ ...node, providerID: `kind://${node.name}` })));
    await cluster.apply(app({ namespace: 'sandboxed', name: 'web', host: 'web.example.com' }));
    await kubectl('rollout status -n sandboxed deployment/web --timeout=30s');
  });
  after(async () => {
    await cluster.kubectl(['delete', 'nodes', '--ignore-not-found', ...nodes.map(({ name }) => name)]);
  });

  test('its Ingresses answer as its pods, and follow kubectl', async () => {
    const { child, says, output } = startSandbox('--kubeconfig', cluster.adminKubeconfig);
    try {
      await says(/curl -H 'Host: web\.example\.com' http:\/\/127\.0\.0\.1:\d+\/\n/);
      await says(/Node real-a has no providerID of AWS/);
      const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/$/m.exec(output()) ?? [];
      const pods = await kubectl('get pods -n sandboxed -o name');
      const answer = JSON.parse(await get(url, 'web.example.com')) as { readonly pod: string };
      assert.ok(pods.includes(`pod/${answer.pod}`));
      await cluster.apply(app({ namespace: 'sandboxed', name: 'web', host: 'other.example.com' }));
      await says(/curl -H 'Host: other\.example\.com'/);
      assert.match(await get(url, 'other.example.com'), /"service": "web"/);
      await kubectl('delete namespace sandboxed --timeout=60s');
    } finally {
      child.kill('SIGINT');
    }
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('files and another AWS do not go with it', async () => {
    const kubeconfig = ['--kubeconfig', cluster.adminKubeconfig];
    for (const [args, complaint] of [
      [[main], /the cluster's own Ingresses are served: kubectl apply -f/],
      [['--aws-endpoint', 'http://127.0.0.1:1'], /need no sandbox: use `albatross run`/],
    ] as const) {
      const { child, output } = startSandbox(...kubeconfig, ...args);
      assert.deepEqual(await once(child, 'close'), [2, null]);
      assert.match(output(), complaint);
    }
  });
});
