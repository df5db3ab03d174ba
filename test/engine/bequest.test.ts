// What a process that ends in order leaves to the next one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetGroupArn } from '../../src/core/domain/ids.ts';
import type { World } from './support/world.ts';
import { node, running, site, writes } from './support/world.ts';

const interval = 300_000;
const reads = (calls: readonly string[]): readonly string[] =>
  calls.filter((call) => !['facts', 'observeNetwork'].includes(call));
const arnOf = (world: World): TargetGroupArn => {
  const [group] = world.aws.state.targetGroups;
  assert.ok(group);
  return group.arn;
};
const idsIn = (world: World): readonly string[] =>
  (world.aws.targets.get(arnOf(world)) ?? [])
    .filter(({ state }) => state !== 'draining')
    .map(({ id }) => id)
    .toSorted();

test('where nothing changed the next process reads nothing of a group, and all of it within the interval of the audit', async () => {
  const world = await running(site());
  await world.succeed();
  assert.deepEqual(reads(world.aws.taken()), []);
  await world.rest(interval);
  const calls = world.aws.taken();
  assert.deepEqual(writes(calls), []);
  for (const read of ['inventory', 'observeGroup', 'observeTargets']) assert.ok(calls.includes(read), read);
});

test('endpoints that changed while there was no process are right at once, by what AWS says', async () => {
  const world = await running(site());
  await world.succeed(() => world.cluster.put(node('c')));
  const calls = reads(world.aws.taken());
  assert.deepEqual(calls, ['observeTargets', 'registerTargets']);
  assert.deepEqual(idsIn(world), ['i-a', 'i-b', 'i-c']);
});

test('what somebody else did to targets meanwhile is not undone by hearsay, and found by the audit', async () => {
  const world = await running(site());
  await world.succeed(() => void world.aws.targets.set(arnOf(world), []));
  assert.deepEqual(idsIn(world), []);
  await world.rest(interval);
  assert.deepEqual(idsIn(world), ['i-a', 'i-b']);
});

test('somebody else’s change of targets is seen as soon as there is something to do', async () => {
  const world = await running(site());
  await world.succeed(() => {
    world.aws.targets.set(arnOf(world), []);
    world.cluster.put(node('c'));
  });
  assert.deepEqual(idsIn(world), ['i-a', 'i-b', 'i-c']);
});

test('an Ingress that changed is planned from what AWS has, not from what was left', async () => {
  const world = await running(site());
  await world.succeed(() => world.cluster.put(site('/other')));
  const calls = world.aws.taken();
  assert.ok(calls.includes('observeGroup'), calls.join());
  assert.equal(world.aws.state.loadBalancers[0]?.listeners[0]?.rules.length, 1);
});

test('a rule that somebody took away meanwhile is put back within the interval of the audit', async () => {
  const world = await running(site());
  await world.succeed(() => {
    const loadBalancers = world.aws.state.loadBalancers.map((balancer) => ({
      ...balancer,
      listeners: balancer.listeners.map((listener) => ({ ...listener, rules: [] })),
    }));
    world.aws.state = { ...world.aws.state, loadBalancers };
  });
  assert.deepEqual(writes(world.aws.taken()), []);
  await world.rest(interval);
  assert.equal(world.aws.state.loadBalancers[0]?.listeners[0]?.rules.length, 1);
});

test('Ask 4.1: a group whose Ingress vanished unseen stays, whatever was left of it', async () => {
  const world = await running(site());
  await world.succeed(() => world.cluster.take('Ingress', 'web/site'));
  await world.rest(2 * interval);
  assert.deepEqual(writes(world.aws.taken()), []);
});

test('what was inherited is not passed on, and what is uncertain is not left at all', async () => {
  const world = await running(site());
  await world.succeed();
  await world.succeed();
  assert.ok(world.aws.taken().includes('observeGroup'));
  world.aws.faults.set('modifyRule', { kind: 'unavailable', afterDoing: true });
  world.cluster.put(site('/other'));
  await world.rest(200);
  await world.engine.stop(0);
  assert.deepEqual(world.engine.bequests(), []);
});
