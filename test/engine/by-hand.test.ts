import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservedTarget } from '../../src/core/domain/target.ts';
import { node, running, site, type World, writes } from './support/world.ts';

const auditMs = 600_000;
const stranger: ObservedTarget = {
  id: 'i-theirs',
  port: 30080,
  availabilityZone: undefined,
  state: 'healthy',
  reason: '',
  description: '',
};
const ids = (world: World): readonly string[] =>
  [...world.aws.targets.values()].flat().flatMap(({ id, state }) => (state === 'draining' ? [] : [id]));

function changeTargets(
  world: World,
  change: (targets: readonly ObservedTarget[]) => readonly ObservedTarget[],
): void {
  for (const [arn, targets] of world.aws.targets) world.aws.targets.set(arn, change(targets));
}

const repaired = (world: World): string =>
  world.cluster.events
    .filter(({ reason }) => reason === 'DriftRepaired')
    .map(({ message }) => message)
    .join('\n');

test('Ask 12.3, Ask 12.6: a target that somebody took out is registered again with an event and the metric', async () => {
  const world = await running(site());
  await world.rest(auditMs);
  changeTargets(world, ([, ...rest]) => rest);
  await world.rest(auditMs);
  assert.equal(ids(world).length, 2);
  assert.match(repaired(world), /made again target i-a:\d+/);
  assert.match(
    (await world.metrics.render()).body,
    /albatross_drift_found_total\{field="targetGroup.targets",mode="repair"\} 1/,
  );
});

test('Ask 12.3, Ask 12.6: a way to the nodes that somebody closed is opened again with an event', async () => {
  const world = await running(site());
  await world.rest(auditMs);
  const rules = () => world.aws.state.securityGroups.find(({ id }) => id === 'sg-nodes')?.ingress ?? [];
  const before = rules().length;
  assert.ok(before > 0);
  world.aws.state = {
    ...world.aws.state,
    securityGroups: world.aws.state.securityGroups.map((group) =>
      group.id === 'sg-nodes' ? { ...group, ingress: [] } : group,
    ),
  };
  await world.rest(auditMs);
  assert.equal(rules().length, before);
  assert.match(repaired(world), /made again ingress tcp \d+-\d+ from sg-/);
  world.cluster.told();
  await world.rest(auditMs);
  assert.deepEqual(world.cluster.told(), [], 'once');
});

test('Trap 12: a target that somebody else registered stays while nodes come and go, also after a restart', async () => {
  const world = await running(site());
  changeTargets(world, (targets) => [...targets, stranger]);
  await world.rest(auditMs);
  assert.equal(
    world.aws.state.targetGroups[0]?.tags['albatross.dev/foreign-targets'],
    'i-theirs:30080',
    'it is noted',
  );
  world.cluster.put(node('c'));
  world.cluster.take('Node', 'a');
  await world.rest();
  assert.deepEqual(ids(world).toSorted(), ['i-b', 'i-c', 'i-theirs']);
  await world.restart();
  world.aws.taken();
  world.cluster.take('Node', 'c');
  await world.rest(auditMs);
  assert.deepEqual(ids(world).toSorted(), ['i-b', 'i-theirs']);
  changeTargets(world, (targets) => targets.filter(({ id }) => id !== 'i-theirs'));
  await world.rest(auditMs);
  assert.equal('albatross.dev/foreign-targets' in (world.aws.state.targetGroups[0]?.tags ?? {}), false);
  world.aws.taken();
  await world.rest(auditMs);
  assert.deepEqual(writes(world.aws.taken()), []);
});
