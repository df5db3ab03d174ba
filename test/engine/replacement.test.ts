// NAM-12: a load balancer is replaced step by step, whatever fails or ends between two of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replacementAnnotation } from '../../src/core/model/consent.ts';
import { pauseAnnotation } from '../../src/core/model/pause.ts';
import { ingress, rule } from '../support/builders.ts';
import { running, type World, writes } from './support/world.ts';

const site = (scheme: string, consent = 'true') =>
  ingress('web/site', {
    annotations: { scheme, [replacementAnnotation]: consent },
    rules: [rule('app.example.com', { '/': 'front:80' })],
  });

/** Puts the Ingress as a user would: what the controller wrote stays. */
function put(world: World, next: ReturnType<typeof site>): void {
  const { meta, status } = world.cluster.ingress('web/site');
  world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
}

/** Lets time pass, and looks at every moment whether the name that clients are told is that of a load balancer with rules. */
async function pass(world: World, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    await world.rest(50);
    const [told] = world.cluster.ingress('web/site').status;
    const found = world.aws.state.loadBalancers.find(
      ({ dnsName }) => dnsName.toLowerCase() === told?.hostname,
    );
    assert.ok(found, `${told?.hostname} is the name of no load balancer`);
    assert.equal(found.listeners[0]?.rules.length, 1);
  }
}

const summary = ({ aws: { state } }: World): unknown => ({
  loadBalancers: state.loadBalancers.map(({ scheme }) => scheme),
  targetGroups: state.targetGroups.length,
  rules: state.loadBalancers.flatMap(({ listeners }) => listeners.flatMap(({ rules }) => rules.length)),
});
const after = { loadBalancers: ['internet-facing'], targetGroups: 1, rules: [1] };

test('Ask 24.1, trap 6, NAM-12: without consent a change of scheme is held, and the plan says what it would do', async () => {
  const world = await running(site('internal', 'no'));
  put(world, site('internet-facing', 'no'));
  await pass(world, 5000);
  assert.deepEqual(writes(world.aws.taken()), []);
  const [, said] =
    world.cluster
      .told()
      .join('\n')
      .match(/ReplacementHeld (.*)/) ?? [];
  assert.match(JSON.stringify(world.engine.problems()), /allow-replacement/, said);
});

test('Ask 24.2, NAM-12: with consent the new load balancer is made, awaited and named before the old one goes', async () => {
  const world = await running(site('internal'));
  const [first] = world.aws.state.targetGroups.map(({ name }) => name);
  put(world, site('internet-facing'));
  await pass(world, 10_000);
  const kinds = writes(world.aws.taken());
  const order = [
    'createTargetGroup',
    'registerTargets',
    'createLoadBalancer',
    'createListener',
    'createRule',
  ];
  assert.deepEqual(kinds.filter((kind) => order.includes(kind)).toSorted(), order.toSorted());
  const end = ['awaitActiveLoadBalancer', 'awaitHealthyTargets', 'retireLoadBalancer', 'deleteLoadBalancer'];
  assert.deepEqual(
    kinds.filter((kind) => end.includes(kind)),
    end,
  );
  assert.deepEqual(summary(world), after);
  // The second name stays: nothing more to do, also for a controller that knows nothing yet.
  assert.notEqual(world.aws.state.targetGroups[0]?.name, first);
  await world.restart();
  await pass(world, 10_000);
  assert.deepEqual(writes(world.aws.taken()), []);
  // And back: the first name is free again.
  put(world, site('internal'));
  await pass(world, 10_000);
  assert.deepEqual(summary(world), { ...after, loadBalancers: ['internal'] });
  assert.equal(world.aws.state.targetGroups[0]?.name, first);
  world.aws.taken();
  await world.restart();
  assert.deepEqual(writes(world.aws.taken()), []);
});

test('NAM-12: scheme is set back while both load balancers are there: the new one goes', async () => {
  const world = await running(site('internal'));
  world.aws.faults.set('awaitHealthyTargets', { kind: 'unavailable' });
  put(world, site('internet-facing'));
  await pass(world, 5000);
  assert.equal(world.aws.state.loadBalancers.length, 2);
  put(world, site('internal'));
  await pass(world, 60_000);
  world.aws.faults.clear();
  await pass(world, 300_000);
  assert.deepEqual(summary(world), { ...after, loadBalancers: ['internal'] });
});

test('Ask 4.3, NAM-12: a pause between two steps leaves the old load balancer in the status until it ends', async () => {
  const world = await running(site('internal'));
  const old = world.cluster.ingress('web/site').status;
  world.aws.faults.set('awaitHealthyTargets', { kind: 'unavailable' });
  put(world, site('internet-facing'));
  await pass(world, 5000);
  assert.equal(world.aws.state.loadBalancers.length, 2);
  const next = site('internet-facing');
  const annotations = { ...next.meta.annotations, [pauseAnnotation]: 'group' };
  put(world, { ...next, meta: { ...next.meta, annotations } });
  await pass(world, 60_000);
  world.aws.faults.clear();
  await pass(world, 60_000);
  assert.deepEqual(world.cluster.ingress('web/site').status, old);
  put(world, next);
  await pass(world, 300_000);
  assert.deepEqual(summary(world), after);
});

const kinds = [
  'createTargetGroup',
  'registerTargets',
  'createLoadBalancer',
  'createListener',
  'createRule',
  'awaitActiveLoadBalancer',
  'awaitHealthyTargets',
  'retireLoadBalancer',
  'deleteLoadBalancer',
  'deleteTargetGroup',
];

for (const kind of kinds) {
  for (const afterDoing of [false, true]) {
    test(`NAM-12: the controller ends at ${kind}, ${afterDoing ? 'after' : 'before'} it was done, and goes on`, async () => {
      const world = await running(site('internal'));
      world.aws.faults.set(kind, {
        kind: 'unavailable',
        times: 1,
        ...(afterDoing ? { afterDoing: true as const } : {}),
      });
      put(world, site('internet-facing'));
      await pass(world, 1500);
      await world.restart();
      await pass(world, 120_000);
      assert.deepEqual(summary(world), after);
      world.aws.taken();
      await world.restart();
      assert.deepEqual(writes(world.aws.taken()), []);
    });
  }
}
