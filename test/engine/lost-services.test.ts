import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../src/core/domain/config.ts';
import { ingress, rule, service } from '../support/builders.ts';
import { running, writes, World } from './support/world.ts';

const shop = ingress('web/shop', {
  annotations: { 'group.name': 'all' },
  rules: [rule('shop.example.com', { '/': 'front:80', '/back': 'back:80' })],
});
const other = ingress('web/other', {
  annotations: { 'group.name': 'all' },
  rules: [rule('other.example.com', { '/': 'front:80' })],
});

test('trap 2: a Service that rules lead to is deleted: nothing goes, its Ingress is told, neighbours go on, also after a restart, and when it is back nothing has to be done', async () => {
  const world = await running(service('web/back'), shop, other);
  world.cluster.take('Service', 'web/back');
  await world.rest();
  const [event] = world.cluster.events;
  assert.deepEqual(world.cluster.told(), ['web/shop: FailedBuildModel']);
  assert.match(
    event?.message ?? '',
    /Ingress web\/shop sends to Service web\/back, which does not exist any more; its rules and targets stay as they are/,
  );
  assert.deepEqual(writes(world.aws.taken()), []);
  world.cluster.put({
    ...other,
    rules: [rule('other.example.com', { '/': 'front:80', '/new': 'front:80' })],
  });
  await world.restart();
  assert.ok(writes(world.aws.taken()).includes('createRule'));
  await world.rest(400_000);
  assert.deepEqual(writes(world.aws.taken()), []);
  world.cluster.put(service('web/back'));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), []);
});

test('a Service that was never there is answered with 503, and what it is taken out of goes on', async () => {
  const world = new World();
  world.cluster.put(shop);
  await world.start();
  const actions = (): readonly string[] =>
    world.aws.state.loadBalancers.flatMap(({ listeners }) =>
      listeners.flatMap(({ rules }) => rules.map(({ actions: [action] }) => action?.kind ?? '')),
    );
  assert.deepEqual(actions().toSorted(), ['fixed-response', 'forward']);
  assert.ok(world.cluster.told().includes('web/shop: ServiceNotFound'));
  world.cluster.put({ ...shop, rules: [rule('shop.example.com', { '/': 'front:80' })] });
  await world.rest();
  assert.deepEqual(actions(), ['forward']);
});

test('with the preset of ALBC a Service that is deleted takes its target group along', async () => {
  const world = new World({ policy: { ...policies.albc, controllers: ['albatross.dev/alb'] } });
  world.cluster.put(service('web/back'), shop);
  await world.start();
  world.aws.taken();
  world.cluster.take('Service', 'web/back');
  await world.rest(60_000);
  assert.ok(writes(world.aws.taken()).includes('deleteTargetGroup'));
});
