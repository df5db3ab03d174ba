// Asks 4 and 23: what is paused stays as it is, and many groups do not go at once without consent.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../../src/core/domain/cluster.ts';
import { deletionAnnotation } from '../../src/core/model/consent.ts';
import { pauseAnnotation } from '../../src/core/model/pause.ts';
import { ingress, ingressClass, rule } from '../support/builders.ts';
import { running, World, writes } from './support/world.ts';

const member = (name: string, path = '/', words: Readonly<Record<string, string>> = {}) =>
  ingress(`web/${name}`, {
    annotations: { 'group.name': 'shop', ...words },
    rules: [rule(`${name}.example.com`, { [path]: 'front:80' })],
  });

/** Puts an Ingress as a user would: what the controller wrote stays. */
function edit(world: World, next: Ingress): void {
  const { meta, status } = world.cluster.ingress(`web/${next.meta.name}`);
  world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
}

/** What the controller wrote since the last time, at rest. */
async function written(world: World): Promise<readonly string[]> {
  await world.rest();
  return writes(world.aws.taken());
}

test('Ask 4.3: a paused Ingress keeps what it has, and its neighbours go on', async () => {
  const world = await running(member('a'), member('b'));
  edit(world, member('a', '/new', { [pauseAnnotation]: 'true' }));
  edit(world, member('b', '/new'));
  assert.deepEqual(await written(world), ['createRule', 'deleteRule']);
  assert.ok(world.cluster.told().includes('web/a: Paused'));

  world.cluster.delete('web/a');
  assert.deepEqual(await written(world), []);
  assert.ok(world.cluster.has('web/a'));
  const { [pauseAnnotation]: _gone, ...annotations } = world.cluster.ingress('web/a').meta.annotations;
  const paused = world.cluster.ingress('web/a');
  world.cluster.put({ ...paused, meta: { ...paused.meta, annotations } });
  assert.deepEqual(await written(world), ['deleteRule', 'deleteTargetGroup']);
  assert.equal(world.cluster.has('web/a'), false);
});

for (const [who, objects] of [
  ['an Ingress', [member('a', '/', { [pauseAnnotation]: 'group' })]],
  [
    'the class',
    [{ ...ingressClass(), meta: { ...ingressClass().meta, annotations: { [pauseAnnotation]: 'true' } } }],
  ],
] as const) {
  test(`a group that ${who} pauses is not changed at all, its targets follow, and the plan is shown`, async () => {
    const world = await running(member('a'), member('b'));
    for (const object of objects) {
      if (object.kind === 'Ingress') edit(world, object);
      else world.cluster.put(object);
    }
    edit(world, member('b', '/new'));
    assert.deepEqual(await written(world), []);
    assert.match(
      world.engine
        .problems()
        .map(({ message }) => message)
        .join(),
      /^Group shop is paused by /,
    );
    world.cluster.delete('web/b');
    assert.deepEqual(await written(world), []);
    assert.ok(world.cluster.has('web/b'));

    world.cluster.take('Node', 'a');
    assert.deepEqual(await written(world), ['deregisterTargets', 'deregisterTargets']);
  });
}

test('a group that is paused before it is made is not made', async () => {
  const world = await running(member('a', '/', { [pauseAnnotation]: 'group' }));
  assert.equal(world.aws.state.loadBalancers.length, 0);
  assert.deepEqual(
    world.aws.state.securityGroups.map(({ name }) => name),
    ['nodes'],
  );
});

const site = (number: number, words: Readonly<Record<string, string>> = {}) =>
  ingress(`web/site-${number}`, {
    annotations: words,
    rules: [rule(`site-${number}.example.com`, { '/': 'front:80' })],
  });

test('Ask 4.3, trap 1: many groups that are deleted at once wait for consent, and one by one they go', async () => {
  const world = new World({ maxGroupDeletions: 3 });
  const numbers = [1, 2, 3, 4, 5];
  world.cluster.put(...numbers.map((number) => site(number)));
  await world.start();
  world.aws.taken();
  for (const number of numbers) world.cluster.delete(`web/site-${number}`);
  assert.deepEqual(await written(world), []);
  assert.equal(world.aws.state.loadBalancers.length, 5);
  assert.match(
    world.engine.problems()[0]?.message ?? '',
    /^5 groups are to be deleted at the same time, more than 3/,
  );

  const agree = (id: string): void => {
    const { meta, ...rest } = world.cluster.ingress(id);
    const annotations = { ...meta.annotations, [deletionAnnotation]: 'true' };
    world.cluster.put({ ...rest, meta: { ...meta, annotations } });
  };
  agree('web/site-1');
  await world.rest();
  assert.equal(world.aws.state.loadBalancers.length, 4);
  // Those that are left are few, but what had to wait once waits for a word, after a restart too.
  agree('web/site-2');
  await world.rest();
  await world.restart();
  assert.equal(world.aws.state.loadBalancers.length, 3);
  world.cluster.put({
    ...ingressClass(),
    meta: { ...ingressClass().meta, annotations: { [deletionAnnotation]: 'true' } },
  });
  await world.clock.advance(600_000);
  assert.equal(world.aws.state.loadBalancers.length, 0);
  assert.equal(world.cluster.has('web/site-5'), false);
});

test('Ask 4.3: one Ingress, one whole group and a few groups go without asking', async () => {
  const world = await running(...[1, 2, 3].map((number) => site(number)), member('a'), member('b'));
  for (const name of ['site-1', 'site-2', 'site-3', 'a', 'b']) world.cluster.delete(`web/${name}`);
  await world.rest();
  assert.equal(world.aws.state.loadBalancers.length, 0);
});
