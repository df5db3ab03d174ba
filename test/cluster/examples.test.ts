// The examples as a user brings them to a real cluster: kubectl apply, then requests through the load balancers.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { InProcessController } from '../../src/sandbox/in-process-controller.ts';
import type { RealWorld } from '../../src/sandbox/real-world.ts';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/local-controller.ts';
import { deployment } from './support/manifests.ts';
import { installDeploy, nodes, startController, startWorld } from './support/real-controller.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');

/** What example 6 takes for granted. */
const boundGroup = { Name: 'orders-of-terraform', Protocol: 'HTTP', Port: 80, TargetType: 'ip' };

let cluster: Cluster;
let world: RealWorld;
let controller: InProcessController;

type Service = {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
};

/** The examples leave the applications to the reader. */
async function runApplications(): Promise<void> {
  const printed = await cluster.kubectl(['get', '-R', '-f', examples, '-o', 'json']);
  const { items } = JSON.parse(printed) as {
    readonly items: readonly (Service & { readonly kind: string })[];
  };
  const deployments = items
    .filter(({ kind }) => kind === 'Service')
    .map(({ metadata, spec }) => deployment({ ...metadata, replicas: 2, labels: spec.selector ?? {} }));
  await cluster.apply(deployments.join('---\n'));
}

type Expected = { readonly status?: number; readonly service?: string; readonly method?: string };

async function answers(
  loadBalancer: string,
  url: string,
  { status = 200, service, method = 'GET' }: Expected,
): Promise<void> {
  await eventually(async () => {
    await world.dataPlane.sync();
    const answer = await send(world, url, { loadBalancer, method });
    assert.deepEqual([answer.status, answer.echo?.service], [status, service], url);
  });
}

suite('the examples on a real cluster', () => {
  before(async () => {
    cluster = await sharedCluster();
    await installDeploy(cluster);
    await cluster.addNodes(nodes);
    world = await startWorld(cluster, ['shop.example.com']);
    await world.aws.call('elbv2', 'CreateTargetGroup', { ...boundGroup, VpcId: world.id('vpc') });
    controller = await startController(cluster, world);
    await cluster.kubectl(['apply', '-R', '-f', examples]);
    await runApplications();
  });
  after(async () => {
    await cluster.kubectl(['delete', '-R', '-f', examples, '--timeout=60s']);
    await controller.stop();
    await world.close();
    await cluster.kubectl(['delete', 'nodes', ...nodes.map(({ name }) => name)]);
  });

  test('1: a wildcard host answers for one label', async () => {
    await answers('wildcard', 'http://foo.bar.com/bar', { service: 'service1' });
    await answers('wildcard', 'http://bar.foo.com/foo', { service: 'service2' });
    await answers('wildcard', 'http://baz.bar.foo.com/foo', { status: 404 });
    await answers('wildcard', 'http://foo.com/foo', { status: 404 });
  });

  test('2: two applications by name', async () => {
    await answers('virtualh', 'http://app.test.com/', { service: 'test' });
    await answers('virtualh', 'http://app.prod.com/', { service: 'prod' });
  });

  test('3: node ports and pod IPs behind TLS', async () => {
    await answers('shop', 'https://shop.example.com/legacy', { service: 'legacy' });
    await answers('shop', 'https://shop.example.com/', { service: 'modern' });
    await answers('shop', 'http://shop.example.com/', { status: 301 });
  });

  test('4: a group over two namespaces, with a maintenance page', async () => {
    await answers('shared', 'http://www.example.com/admin', { status: 503 });
    await answers('shared', 'http://www.example.com/', { service: 'blue' });
    await answers('shared', 'http://www.example.com/', { service: 'green' });
    await answers('shared', 'http://api.example.com/v1/x', { service: 'api' });
    await answers('shared', 'http://api.example.com/v1/x', { status: 404, method: 'POST' });
  });

  test('5: a default backend', async () => {
    await answers('catchall', 'http://any.host/any', { service: 'everything' });
  });

  test("6: somebody else's target group, filled by a binding", async () => {
    await answers('bound', 'http://front.example.com/orders', { service: 'orders' });
    await answers('bound', 'http://front.example.com/', { service: 'front' });
  });
});
