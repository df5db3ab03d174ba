import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingress, rule } from '../support/builders.ts';
import { running, type World, writes } from './support/world.ts';

const site = (annotations: Readonly<Record<string, string>>) =>
  ingress('web/site', { rules: [rule('app.example.com', { '/': 'front:80' })], annotations });
const front = site({ 'enable-frontend-nlb': 'true' });

function activate({ aws }: World): void {
  const loadBalancers = aws.state.loadBalancers.map((found) => ({ ...found, state: 'active' }) as const);
  aws.state = { ...aws.state, loadBalancers };
}

const kinds = (world: World): readonly string[] => writes(world.aws.taken());

test('ANN-65: the load balancer is registered when it is active, and then nothing is called any more', async () => {
  const world = await running(front);
  assert.ok(!kinds(world).includes('registerLoadBalancer'));
  const types = world.aws.state.loadBalancers.map(({ type }) => type);
  assert.deepEqual(types.toSorted(), ['application', 'network']);
  activate(world);
  await world.rest(30_000);
  assert.deepEqual(kinds(world), ['registerLoadBalancer']);
  await world.rest(60_000);
  assert.deepEqual(world.aws.taken(), []);
});

test('ANN-65: switched off, its target goes before anything of it is deleted, and the load balancer stays', async () => {
  const world = await running(front);
  activate(world);
  await world.rest(30_000);
  kinds(world);
  world.cluster.put(site({}));
  await world.rest();
  assert.deepEqual(kinds(world), ['deregisterTargets', 'deleteLoadBalancer', 'deleteTargetGroup']);
  assert.deepEqual(
    world.aws.state.loadBalancers.map(({ type }) => type),
    ['application'],
  );
});

test('ANN-65: a new process finds all of it as it is and writes nothing', async () => {
  const world = await running(front);
  activate(world);
  await world.rest(30_000);
  kinds(world);
  await world.restart();
  assert.deepEqual(kinds(world), []);
});

test('ANN-69: a changed mapping moves the target without a stop of the other port', async () => {
  const world = await running(front);
  activate(world);
  await world.rest(30_000);
  kinds(world);
  world.cluster.put(
    site({ 'enable-frontend-nlb': 'true', 'frontend-nlb-listener-port-mapping': '80=80,8000=80' }),
  );
  await world.rest(30_000);
  assert.deepEqual(kinds(world), ['createTargetGroup', 'registerLoadBalancer', 'createListener']);
});

for (const kind of ['deregisterTargets', 'deleteLoadBalancer', 'deleteTargetGroup']) {
  test(`ANN-65: cut off after ${kind}, a new process takes the rest away in order`, async () => {
    const world = await running(front);
    activate(world);
    await world.rest(30_000);
    world.aws.faults.set(kind, { kind: 'unknownOutcome', times: 1, afterDoing: true });
    world.cluster.put(site({}));
    await world.rest(100);
    await world.restart();
    await world.rest(60_000);
    assert.deepEqual(
      world.aws.state.loadBalancers.map(({ type }) => type),
      ['application'],
    );
    assert.ok(world.aws.state.targetGroups.every(({ targetType }) => targetType !== 'alb'));
  });
}
