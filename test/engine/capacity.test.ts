import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingress, rule } from '../support/builders.ts';
import { running, writes } from './support/world.ts';

const reserving = (units: string) =>
  ingress('web/site', {
    rules: [rule('app.example.com', { '/': 'front:80' })],
    annotations: { 'minimum-load-balancer-capacity': `CapacityUnits=${units}` },
  });

test('a reservation of capacity waits until AWS says that the load balancer is active, and 0 gives it back', async () => {
  const world = await running(reserving('500'));
  const { aws } = world;
  assert.equal(aws.state.loadBalancers[0]?.capacityUnits, 0);
  await world.rest(30_000);
  assert.deepEqual(writes(aws.taken()), []);
  aws.state = {
    ...aws.state,
    loadBalancers: aws.state.loadBalancers.map((found) => ({ ...found, state: 'active' })),
  };
  await world.rest(30_000);
  assert.deepEqual(writes(aws.taken()), ['modifyCapacityReservation']);
  assert.equal(aws.state.loadBalancers[0]?.capacityUnits, 500);
  world.cluster.put(reserving('0'));
  await world.rest();
  assert.deepEqual(writes(aws.taken()), ['modifyCapacityReservation']);
  assert.equal(aws.state.loadBalancers[0]?.capacityUnits, 0);
  await world.rest(60_000);
  assert.deepEqual(aws.taken(), []);
});
