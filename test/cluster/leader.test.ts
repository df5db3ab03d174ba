// Two replicas as processes of their own, as deploy/ runs them: one works, the other one waits for the Lease.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { options } from '../../src/config/options.ts';
import type { RealWorld } from '../../src/sandbox/real-world.ts';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { eventually } from '../support/eventually.ts';
import { app } from './support/manifests.ts';
import {
  credentials,
  installDeploy,
  nodes,
  startWorld,
  targetsOf,
  worldFlags,
} from './support/real-controller.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

let cluster: Cluster;
let world: RealWorld;
const replicas: ChildProcess[] = [];

const kubectl = (line: string) => cluster.kubectl(line.split(' '));
const holder = () =>
  kubectl(
    `get lease -n albatross-system ${options.leaderElectionId.fallback} -o jsonpath={.spec.holderIdentity}`,
  ).catch(() => '');

async function startReplica(): Promise<ChildProcess> {
  const flags = {
    ...worldFlags(world),
    kubeconfig: await cluster.serviceAccountKubeconfig('albatross-system', 'albatross'),
    'metrics-bind-addr': '127.0.0.1:0',
    'health-probe-bind-addr': '127.0.0.1:0',
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const replica = spawn(process.execPath, [main, 'run', ...args], {
    env: {
      PATH: process.env['PATH'],
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  replicas.push(replica);
  return replica;
}

async function said(replica: ChildProcess, text: string): Promise<void> {
  let output = '';
  replica.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(() => assert.ok(output.includes(text), `${text} is not in the log:\n${output}`));
}

const targetsAre = (count: number) =>
  eventually(() => assert.equal(targetsOf(world, 'leader', 'web').length, count));

suite('two replicas', () => {
  before(async () => {
    cluster = await sharedCluster();
    await installDeploy(cluster);
    await cluster.addNodes(nodes);
    world = await startWorld(cluster);
  });
  after(async () => {
    for (const replica of replicas) replica.kill('SIGKILL');
    await world.close();
    await cluster.kubectl(['delete', 'nodes', '--ignore-not-found', ...nodes.map(({ name }) => name)]);
  });

  test('the second one takes over from a leader that was killed, without a write, and goes on working', async () => {
    await cluster.apply(app({ namespace: 'leader', name: 'web' }));
    const first = await startReplica();
    await targetsAre(2);
    const before = await holder();
    assert.notEqual(before, '');
    const second = await startReplica();
    await said(second, '"listed"');
    await kubectl('wait -n leader ingress/web --for=jsonpath={.status.loadBalancer.ingress} --timeout=20s');
    const mark = world.aws.trace.mark;
    const ended = once(first, 'exit');
    first.kill('SIGKILL');
    await ended;
    await eventually(async () => assert.ok(![before, ''].includes(await holder())));
    await eventually(() =>
      assert.ok(world.aws.trace.entries(mark).some(({ operation }) => operation === 'DescribeRules')),
    );
    assert.deepEqual(world.aws.trace.writes(mark), []);
    await kubectl('scale -n leader deployment/web --replicas=4');
    await targetsAre(4);
  });

  test('a leader that is asked to end cleans up after its users first, gives the Lease back and exits with 0', async () => {
    await kubectl('delete namespace leader --timeout=60s');
    assert.equal(world.aws.state.loadBalancers.size, 0);
    const leader = replicas.at(-1);
    assert.ok(leader);
    const ended = once(leader, 'exit');
    leader.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.equal(await holder(), '');
  });
});
