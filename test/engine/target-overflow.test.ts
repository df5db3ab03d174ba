// Services with more pods than fit into a target group (annotation albatross.dev/target-overflow), from call to call.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Endpoint, EndpointSlice } from '../../src/core/domain/cluster.ts';
import { ingress, meta, rule, service, servicePort } from '../support/builders.ts';
import { node, World } from './support/world.ts';

const limit = 10;
const pods = (count: number): EndpointSlice => ({
  kind: 'EndpointSlice',
  meta: meta('EndpointSlice', 'web/front-1', { uid: `slice ${count}` }),
  serviceName: 'front',
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints: Array.from(
    { length: count },
    (_, index): Endpoint => ({
      addresses: [`10.0.1.${index}`],
      ready: true,
      serving: true,
      terminating: false,
      nodeName: 'a',
      zone: undefined,
      pod: { namespace: 'web', name: `p${index}`, uid: `uid ${index}` },
    }),
  ),
});

const shop = (overflow: string) => ({
  ...ingress('web/site', {
    annotations: { 'target-type': 'ip', 'target-group-attributes': 'stickiness.enabled=true' },
    rules: [rule('app.example.com', { '/': 'front:80' })],
  }),
  overflow,
});

async function shopWorld(overflow: string, count: number): Promise<World> {
  const world = new World({ maxTargetsPerTargetGroup: limit });
  world.aws.passesChecks = true;
  const { overflow: value, ...object } = shop(overflow);
  const annotations = { ...object.meta.annotations, 'albatross.dev/target-overflow': value };
  const front = service('web/front', { ports: [servicePort({ port: 80, nodePort: 30080 })] });
  world.cluster.put(front, { ...object, meta: { ...object.meta, annotations } }, pods(count));
  await world.start();
  return world;
}

/** Target groups that requests for the one rule go to, with their weights and what is registered in each. */
function routes({ aws }: World) {
  const [action] =
    aws.state.loadBalancers[0]?.listeners[0]?.rules.find(
      ({ conditions }) => !JSON.stringify(conditions).includes('warm-up'),
    )?.actions ?? [];
  if (action?.kind !== 'forward') return [];
  return action.targetGroups.map(({ targetGroup, weight }) => {
    const registered = (aws.targets.get(targetGroup) ?? []).filter(({ state }) => state !== 'draining');
    return { weight, ids: registered.map(({ id }) => id), stickiness: action.stickinessSeconds };
  });
}

/** What was wrong after some call: no part of the requests may go where no target is, and no target group is too full. */
function watched(world: World): readonly string[] {
  const wrong: string[] = [];
  world.aws.onCall = () => {
    for (const { weight, ids } of routes(world)) {
      if (ids.length > limit) wrong.push(`${ids.length} targets in one target group`);
      if (weight > 0 && ids.length === 0)
        wrong.push(`requests go where no target is, after ${world.aws.calls}`);
    }
  };
  return wrong;
}

test('Ask 38.2: target-overflow split: pods are spread over as many target groups as they need, weighted, and stay where they are', async () => {
  const world = await shopWorld('split', 9);
  assert.deepEqual(
    routes(world).map(({ ids, weight }) => [ids.length, weight]),
    [[9, 1]],
  );
  world.aws.taken();
  const before = new Set(routes(world)[0]?.ids);
  world.cluster.put(pods(20));
  await world.rest(60_000);
  const after = routes(world);
  assert.equal(after.length, 3);
  assert.equal(new Set(after.flatMap(({ ids }) => ids)).size, 20);
  // Those that stay in the first one are what was there: the new pods and some of the old ones are in the others.
  assert.ok(after[0]?.ids.every((id) => before.has(id) || Number(id.split('.')[3]) >= 9));
  const shares = after.map(({ ids, weight }) => [ids.length / 20, weight / 100]);
  for (const [share = 0, weight = 0] of shares) assert.ok(Math.abs(share - weight) < 0.06, `${shares}`);
  // Cookies lead back to a target within its target group only.
  assert.deepEqual(new Set(after.map(({ stickiness }) => stickiness)), new Set([86_400]));
  world.aws.taken();
  await world.rest(60_000);
  assert.deepEqual(world.aws.taken(), []);
  await world.restart();
  assert.deepEqual(
    world.aws.taken().filter((call) => !/^(inventory|observe|facts)/.test(call)),
    [],
  );
  assert.equal(routes(world).length, 3);
});

test('Ask 38.2: target-overflow node-port: pods that do not fit are reached by their nodes, and by their addresses when there is room again', async () => {
  const world = await shopWorld('node-port', 9);
  const wrong = watched(world);
  const ids = () => routes(world).flatMap((route) => route.ids);
  const scale = async (to: number): Promise<readonly string[]> => {
    world.cluster.put(pods(to));
    await world.rest(60_000);
    return ids();
  };
  assert.equal(ids().length, 9);
  assert.deepEqual(await scale(10), ['i-a', 'i-b']);
  // Between the two edges it stays as it is.
  assert.deepEqual(await scale(8), ['i-a', 'i-b']);
  world.cluster.put(node('c'));
  await world.rest();
  await world.restart();
  assert.deepEqual(ids(), ['i-a', 'i-b', 'i-c']);
  assert.equal((await scale(7)).length, 7);
  assert.equal((await scale(9)).length, 9);
  assert.equal(world.aws.state.targetGroups.length, 1);
  assert.deepEqual(wrong, []);
});

test('Trap 24: however the number of pods moves, requests go to pods that are there, no target group is too full, and at rest every pod is in one', async () => {
  const steps = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), steps, fc.boolean(), async (first, rest, restarts) => {
      const world = await shopWorld('split', first);
      const wrong = watched(world);
      for (const next of rest) {
        world.cluster.put(pods(next));
        if (restarts) await world.restart();
        await world.rest(120_000);
        const used = routes(world).filter(({ weight }) => weight > 0);
        const wanted = Array.from({ length: next }, (_, index) => `10.0.1.${index}`);
        assert.deepEqual(used.flatMap(({ ids }) => ids).toSorted(), wanted.toSorted());
        const [least, most] = [0.9, 0.7].map((share) => Math.ceil(next / (share * limit)));
        assert.ok(routes(world).length >= (least ?? 0) && routes(world).length <= (most ?? 0));
        assert.equal(world.aws.state.targetGroups.length, routes(world).length);
        assert.deepEqual(wrong, []);
      }
      await world.engine.stop(0);
    }),
    { numRuns: 40 },
  );
});
