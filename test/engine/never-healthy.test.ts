import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../../src/core/domain/cluster.ts';
import { isWarmUp } from '../../src/core/domain/warm-up-host.ts';
import { ingress, rule } from '../support/builders.ts';
import { running, type World, writes } from './support/world.ts';

const member = (name: string, words: Readonly<Record<string, string>>, ...paths: readonly string[]) =>
  ingress(`web/${name}`, {
    annotations: { 'group.name': 'shop', ...words },
    rules: [rule(`${name}.example.com`, Object.fromEntries(paths.map((path) => [path, 'front:80'])))],
  });

function edit(world: World, next: Ingress): void {
  const { meta, status } = world.cluster.ingress(`web/${next.meta.name}`);
  world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
}

test('Ask 2.2: a member whose new targets never get healthy is held, and its neighbours go on; it is tried again', async () => {
  const world = await running(member('a', {}, '/'), member('b', {}, '/'));
  world.aws.faults.set('awaitHealthyTargets', { kind: 'conflict' });
  edit(world, member('a', { 'backend-protocol': 'HTTPS' }, '/'));
  edit(world, member('b', {}, '/', '/more'));
  await world.rest(20_000);
  const calls = writes(world.aws.taken());
  const paths = world.aws.state.loadBalancers[0]?.listeners.flatMap(({ rules }) =>
    rules.flatMap(({ conditions }) =>
      conditions.flatMap((one) => (one.kind === 'path-pattern' ? one.values : [])),
    ),
  );
  assert.ok(paths?.includes('/more'), calls.join(' '));
  assert.equal(calls.filter((call) => call === 'awaitHealthyTargets').length, 1);
  assert.ok(
    world.cluster.events.some(
      ({ object, message }) =>
        object.name === 'a' &&
        /^Traffic does not move to .*: awaitHealthyTargets was refused \(conflict\)/.test(message),
    ),
  );
  await world.clock.advance(1_500_000);
  const warmUps = () =>
    world.aws.state.loadBalancers.flatMap(({ listeners }) =>
      listeners.flatMap(({ rules }) => rules.filter((one) => isWarmUp(one))),
    );
  assert.equal(warmUps().length, 1);
  assert.deepEqual(new Set(writes(world.aws.taken())), new Set(['registerTargets', 'awaitHealthyTargets']));
  world.aws.faults.clear();
  await world.clock.advance(700_000);
  assert.ok(writes(world.aws.taken()).includes('modifyRule'));
  assert.deepEqual(warmUps(), []);
  await world.clock.advance(700_000);
  assert.deepEqual(writes(world.aws.taken()), []);
});
