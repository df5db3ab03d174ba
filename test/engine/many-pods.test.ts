import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '../../src/core/domain/cluster.ts';
import { ingress, meta, rule } from '../support/builders.ts';
import { World, writes } from './support/world.ts';

/** One slice with the pods of these numbers. */
const pods = (numbers: readonly number[], ready = true): EndpointSlice => ({
  kind: 'EndpointSlice',
  meta: meta('EndpointSlice', 'web/front-1'),
  serviceName: 'front',
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints: numbers.map(
    (number): Endpoint => ({
      addresses: [`10.0.${number >> 8}.${number & 255}`],
      ready,
      serving: ready,
      terminating: false,
      nodeName: 'a',
      zone: undefined,
      pod: { namespace: 'web', name: `front-${number}`, uid: `uid-${number}` },
    }),
  ),
});
const range = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_none, index) => from + index);

async function serving(slice: EndpointSlice): Promise<World> {
  const world = new World();
  const rules = [rule('app.example.com', { '/': 'front:80' })];
  world.cluster.put(ingress('web/site', { annotations: { 'target-type': 'ip' }, rules }), slice);
  await world.start();
  world.aws.taken();
  return world;
}

const registered = ({ aws }: World): number =>
  [...aws.targets.values()].flat().filter(({ state }) => state !== 'draining').length;

test('Ask 16.3: 500 pods that become ready at once are registered within a second, by three calls', async () => {
  const world = await serving(pods(range(0, 500), false));
  world.cluster.put(pods(range(0, 500)));
  await world.rest(1000);
  assert.equal(registered(world), 500);
  assert.deepEqual(writes(world.aws.taken()), ['registerTargets', 'registerTargets', 'registerTargets']);
});

test('Ask 3.1: when all endpoints are replaced at once, the target group is never empty', async () => {
  const world = await serving(pods(range(0, 20)));
  let fewest = Number.POSITIVE_INFINITY;
  world.aws.onCall = () => {
    fewest = Math.min(fewest, registered(world));
  };
  world.cluster.put(pods(range(100, 20)));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), ['registerTargets', 'deregisterTargets']);
  assert.equal(fewest, 20);
  assert.equal(registered(world), 20);
});
