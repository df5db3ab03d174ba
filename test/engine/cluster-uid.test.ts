// Trap 5: clusters with one name, told apart by their UID.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreConfig } from '../../src/core/domain/config.ts';
import { policies } from '../../src/core/domain/config.ts';
import { clusterUidTag } from '../../src/core/domain/cluster-uid.ts';
import { ingress } from '../support/builders.ts';
import { site, World, writes } from './support/world.ts';

const deleted = { deletionTimestamp: '2026-01-02T00:00:00Z' };

/** A cluster at rest with one Ingress. */
async function cluster(config: Partial<CoreConfig>, from?: World): Promise<World> {
  const world = new World(config);
  if (from !== undefined) {
    world.aws.state = from.aws.state;
    for (const [arn, targets] of from.aws.targets) world.aws.targets.set(arn, targets);
  }
  world.cluster.put(site());
  await world.start();
  return world;
}

const uids = ({ aws: { state } }: World): readonly (string | undefined)[] =>
  [...state.loadBalancers, ...state.targetGroups].map(({ tags }) => tags[clusterUidTag]);

test('Trap 5: what is made carries the UID of the cluster, and another cluster of the same name writes nothing to it', async () => {
  const first = await cluster({ clusterUid: 'uid-one' });
  assert.deepEqual(uids(first), ['uid-one', 'uid-one']);
  const before = first.aws.state;

  const second = await cluster({ clusterUid: 'uid-two' }, first);
  await second.clock.advance(600_000);
  assert.deepEqual(writes(second.aws.taken()), []);
  assert.equal(second.aws.state, before);
  const [problem] = second.engine.problems().filter(({ code }) => code === 'ClusterClash');
  assert.match(
    problem?.message ?? '',
    /^load balancer \S+ and \d more is of another cluster with the name demo-cluster/,
  );
  assert.match(problem?.hint ?? '', /--former-cluster-uids=uid-one$/);
  assert.match(second.cluster.events.map(({ message }) => message).join('\n'), /uid-one/);
  assert.match(
    (await second.metrics.render()).body,
    /albatross_problems\{code="ClusterClash",severity="error"\} 1/,
  );
});

test('Trap 5: deleting the Ingress of the second cluster ends, and takes nothing of the first one away', async () => {
  const first = await cluster({ clusterUid: 'uid-one' });
  const second = await cluster({ clusterUid: 'uid-two' }, first);
  const { meta } = second.cluster.ingress('web/site');
  second.cluster.put({ ...site(), meta: { ...meta, ...deleted } });
  await second.rest();
  assert.deepEqual(writes(second.aws.taken()), []);
  assert.deepEqual(second.aws.state, first.aws.state);
  assert.equal(second.cluster.has('web/site'), false);
});

test('Trap 5: a cluster that was built anew claims what the former one had, and says so in the tag', async () => {
  const first = await cluster({ clusterUid: 'uid-one' });
  const rebuilt = await cluster({ clusterUid: 'uid-two', formerClusterUids: ['uid-one'] }, first);
  assert.deepEqual([...new Set(writes(rebuilt.aws.taken()))], ['setSecurityGroupTags', 'setTags']);
  assert.deepEqual(uids(rebuilt), ['uid-two', 'uid-two']);
});

test('Trap 27: what has no UID is not written for its sake, and gets one with other tags', async () => {
  const older = await cluster({});
  assert.deepEqual(uids(older), [undefined, undefined]);
  const newer = await cluster({ clusterUid: 'uid-one' }, older);
  assert.deepEqual(writes(newer.aws.taken()), []);
  const { meta } = newer.cluster.ingress('web/site');
  const tagged = ingress('web/site', { annotations: { tags: 'team=shop' }, rules: site().rules });
  newer.cluster.put({ ...tagged, meta: { ...tagged.meta, finalizers: meta.finalizers } });
  await newer.rest();
  assert.deepEqual(uids(newer), ['uid-one', 'uid-one']);
});

test('with the preset nothing is tagged with a UID, and one that is there is respected and stays', async () => {
  const preset = { policy: policies.albc, clusterUid: 'uid-two' };
  const first = await cluster({ clusterUid: 'uid-one' });
  const other = await cluster(
    { ...preset, policy: { ...policies.albc, controllers: ['albatross.dev/alb'] } },
    first,
  );
  assert.deepEqual(writes(other.aws.taken()), []);
  const same = await cluster(
    { ...preset, clusterUid: 'uid-one', policy: { ...policies.albc, controllers: ['albatross.dev/alb'] } },
    first,
  );
  assert.ok(!same.aws.taken().includes('deleteLoadBalancer'));
  assert.deepEqual(uids(same), ['uid-one', 'uid-one']);
});
