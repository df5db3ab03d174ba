import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drainedAnnotation } from '../../src/core/domain/draining.ts';
import { namespacedName } from '../../src/core/domain/ids.ts';
import { ingress, rule } from '../support/builders.ts';
import { node, site, World } from './support/world.ts';
import { endpoint, frontSlice } from './support/slices.ts';

const taints = [{ key: 'ToBeDeletedByClusterAutoscaler', value: '', effect: 'NoSchedule' }];

async function started(world: World, draining: World['draining']): Promise<World> {
  world.draining = draining;
  await world.engine.stop(0);
  await world.restart();
  world.aws.taken();
  world.cluster.told();
  return world;
}

/** What AWS does when the deregistration delay is over. */
function drained(world: World): void {
  for (const [arn, targets] of world.aws.targets)
    world.aws.targets.set(
      arn,
      targets.filter(({ state }) => state !== 'draining'),
    );
}
const looks = (world: World): number => world.aws.taken().filter((call) => call === 'observeTargets').length;

test('Ask 3.2: the time that targets drain is measured with few looks, and nobody looks unless told to', async () => {
  for (const draining of ['ignored', 'followed'] as const) {
    const world = new World();
    world.cluster.put(site(), node('c'));
    await started(world, draining);
    world.cluster.take('Node', 'a');
    await world.rest(100_000);
    drained(world);
    await world.rest(100_000);
    const count = looks(world);
    const { body: text } = await world.metrics.render();
    const measured = /albatross_target_drain_seconds_sum\{[^}]*service="front"[^}]*\} ([\d.]+)/.exec(
      text,
    )?.[1];
    if (draining === 'ignored') assert.deepEqual([count, measured], [0, undefined]);
    else {
      assert.ok(count > 3 && count < 10, `${count} looks`);
      assert.ok(Number(measured) >= 100 && Number(measured) < 160, measured);
    }
  }
});

test('an audit in the middle of it hides no drain', async () => {
  const world = new World({}, 30_000);
  world.cluster.put(site(), node('c'));
  await started(world, 'followed');
  world.cluster.take('Node', 'a');
  await world.rest(100_000);
  drained(world);
  await world.rest(100_000);
  const { body } = await world.metrics.render();
  assert.match(body, /albatross_target_drain_seconds_count\{[^}]*service="front"[^}]*\} 1/);
});

test('Ask 8.2: a node that an autoscaler takes away is annotated when it has drained, not before', async () => {
  const world = new World();
  world.cluster.put(site(), node('c'));
  await started(world, 'annotated');
  const annotation = (name: string) =>
    world.cluster.snapshot().nodes.get(namespacedName('', name))?.meta.annotations[drainedAnnotation];
  world.cluster.put({ ...node('a'), taints });
  await world.rest(60_000);
  assert.equal(annotation('a'), undefined);
  drained(world);
  await world.rest(60_000);
  assert.equal(annotation('a'), 'now');
  assert.equal(annotation('c'), undefined);
  world.cluster.put(node('a'));
  await world.rest();
  assert.equal(annotation('a'), undefined);
});

test('Ask 3.2: pods that end too early for their load balancer are told of once, when the first of them goes', async () => {
  const world = new World();
  world.cluster.podEnding = { pod: 'web/front-2', graceSeconds: 30, sleepSeconds: 0 };
  const rules = [rule('app.example.com', { '/': 'front:80' })];
  world.cluster.put(ingress('web/site', { annotations: { 'target-type': 'ip' }, rules }));
  world.cluster.put(frontSlice(endpoint(1), endpoint(2), endpoint(3)));
  await started(world, 'followed');
  world.cluster.put(frontSlice(endpoint(2), endpoint(3)));
  await world.rest();
  assert.deepEqual(world.cluster.told(), ['web/site: PodEndsEarly']);
  world.cluster.put(frontSlice(endpoint(3)));
  await world.rest(60_000);
  assert.deepEqual(world.cluster.told(), []);
});
