import assert from 'node:assert/strict';
import { test } from 'node:test';
import { node, running, site, World } from './support/world.ts';

/** No audit comes within the test, which would hide what the memory gets wrong. */
const withoutAudit = (): World => new World({}, 360_000_000);

test('a grant that fails without an answer stays its group’s to repeat, though what was seen is forgotten', async () => {
  const world = withoutAudit();
  world.aws.faults.set('authorizeIngress', { kind: 'unavailable', times: 1 });
  world.cluster.put(site());
  await world.start();
  assert.ok(world.cluster.told().includes('web/site: FailedDeployModel'));
  await world.rest(60_000);
  assert.equal(world.aws.state.loadBalancers.length, 1);
});

test('a grant that AWS refuses in the pass over all groups is told on the group that needs it', async () => {
  const world = await running(site());
  world.aws.faults.set('authorizeIngress', { kind: 'quotaExceeded' });
  world.aws.state = {
    ...world.aws.state,
    securityGroups: world.aws.state.securityGroups.map((group) =>
      group.id === 'sg-nodes' ? { ...group, ingress: [] } : group,
    ),
  };
  await world.engine.auditNow();
  await world.rest(20_000);
  const told = world.cluster.told();
  assert.deepEqual([...new Set(told)], ['web/site: FailedDeployModel']);
  const tries = world.aws.taken().filter((call) => call === 'authorizeIngress').length;
  assert.ok(tries > 1 && tries < 12, `${tries} tries in 20 s`);
  world.aws.faults.clear();
  await world.rest(300_000);
  assert.deepEqual(
    world.aws.state.securityGroups
      .find(({ id }) => id === 'sg-nodes')
      ?.ingress.map(({ fromPort }) => fromPort),
    [30_080],
  );
});

test('a node that AWS does not know yet is asked for again, ever more seldom, and opened when it is known', async () => {
  const world = withoutAudit();
  world.aws.unknownEndpoints.add('i-c');
  world.cluster.put(site());
  await world.start();
  world.aws.taken();
  world.cluster.put(node('c'));
  await world.rest(600_000);
  const asked = world.aws.taken().filter((call) => call === 'observeNetwork').length;
  assert.ok(asked >= 4 && asked <= 10, `${asked} looks in 10 minutes`);
  world.aws.own('i-c');
  world.aws.unknownEndpoints.clear();
  await world.rest(301_000);
  assert.deepEqual(
    world.aws.state.securityGroups
      .find(({ id }) => id === 'sg-of-i-c')
      ?.ingress.map(({ fromPort }) => fromPort),
    [30_080],
  );
  world.aws.taken();
  await world.rest(1_200_000);
  assert.deepEqual(world.aws.taken(), [], 'nothing is unknown any more');
});
