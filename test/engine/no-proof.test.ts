// Traps 1 and 2, ask 4: every state in which the cluster is seen only in part. Nothing is deleted, revoked or deregistered.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterKind, ClusterObject } from '../../src/core/domain/cluster.ts';
import { clusterKinds } from '../../src/core/domain/snapshot.ts';
import { ingress, ingressClass, ingressClassParams, rule } from '../support/builders.ts';
import { node, World, writes } from './support/world.ts';

const without = (...kinds: readonly ClusterKind[]): ReadonlySet<ClusterKind> =>
  new Set(clusterKinds.filter((kind) => !kinds.includes(kind)));

const sites: readonly ClusterObject[] = [
  ingressClassParams('settings', {
    loadBalancerAttributes: [{ key: 'idle_timeout.timeout_seconds', value: '30' }],
  }),
  ingressClass('alb', { parameters: 'settings' }),
  ingress('web/one', {
    annotations: { 'group.name': 'shop' },
    rules: [rule('one.example.com', { '/': 'front:80' })],
  }),
  ingress('web/two', {
    annotations: { 'group.name': 'shop' },
    rules: [rule('two.example.com', { '/': 'front:80' })],
  }),
  ingress('web/alone', { rules: [rule('alone.example.com', { '/': 'front:80' })] }),
];

type State = readonly [what: string, happens: (world: World) => void];

/** The lists or their watches are not whole: what is missing may be there. */
const partial: readonly State[] = [
  ...(['Ingress', 'IngressClass', 'IngressClassParams', 'Service', 'Node'] as const).flatMap(
    (kind): State[] => {
      const ids: Readonly<Record<typeof kind, readonly string[]>> = {
        Ingress: ['web/one', 'web/two', 'web/alone'],
        IngressClass: ['alb'],
        IngressClassParams: ['settings'],
        Service: ['web/front'],
        Node: ['a', 'b'],
      };
      const take = (world: World): void => {
        for (const id of ids[kind]) world.cluster.take(kind, id);
      };
      return [
        [
          `the list of objects of kind ${kind} failed and is empty`,
          (world) => {
            world.cluster.complete = without(kind);
            take(world);
          },
        ],
        [
          `the list of objects of kind ${kind} was cut off after some`,
          (world) => {
            world.cluster.complete = without(kind);
            world.cluster.take(kind, ids[kind].at(-1) ?? '');
          },
        ],
        [`every ${kind} is gone from a list that says it is whole`, take],
      ];
    },
  ),
  [
    'no list at all came through',
    (world) => {
      world.cluster.complete = new Set();
      for (const object of sites) world.cluster.take(object.kind, idOf(object));
      world.cluster.take('Service', 'web/front');
    },
  ],
  [
    'the watch of Ingresses is stale when one is deleted',
    (world) => {
      world.cluster.complete = without('Ingress');
      for (const id of ['web/one', 'web/two', 'web/alone']) world.cluster.delete(id);
    },
  ],
  [
    'the class list is stale when the class seems to be another controller’s',
    (world) => {
      world.cluster.complete = without('IngressClass');
      world.cluster.put({
        ...ingressClass('alb', { parameters: 'settings' }),
        controller: 'example.com/other',
      });
    },
  ],
  [
    'the class names parameters that are not there yet',
    (world) => world.cluster.put(ingressClass('alb', { parameters: 'other' })),
  ],
  ['no node is ready', (world) => world.cluster.put(node('a', 'False'), node('b', 'False'))],
  ['all nodes stop reporting', (world) => world.cluster.put(node('a', 'Unknown'), node('b', 'Unknown'))],
  [
    'Ingresses lose their class',
    (world) => {
      for (const id of ['web/one', 'web/two', 'web/alone'])
        world.cluster.put({ ...world.cluster.ingress(id), className: undefined });
    },
  ],
  [
    'AWS answers every read with an error',
    (world) => {
      for (const call of ['inventory', 'observeGroup', 'observeNetwork', 'observeTargets', 'facts'])
        world.aws.faults.set(call, { kind: 'unavailable', times: 1000 });
      for (const id of ['web/one', 'web/two', 'web/alone']) world.cluster.put(world.cluster.ingress(id));
    },
  ],
];

function idOf({ meta: { namespace, name } }: ClusterObject): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

const destructive = (calls: readonly string[]): readonly string[] =>
  writes(calls).filter((call) => /^(delete|deregister|revoke|remove|disassociate|release)/.test(call));

for (const [what, happens] of partial) {
  test(`Ask 4.1, trap 1, trap 2: ${what}: nothing goes, now, after audits and after a restart`, async () => {
    const world = new World();
    world.cluster.put(...sites);
    await world.start();
    world.aws.taken();
    happens(world);
    await world.clock.advance(700_000);
    await world.restart();
    await world.clock.advance(700_000);
    assert.deepEqual(destructive(world.aws.taken()), []);
    assert.equal(world.aws.state.loadBalancers.length, 2);
  });
}

test('Trap 5: another name for the cluster makes everything anew, and deletes nothing of the old one', async () => {
  const before = new World();
  before.cluster.put(...sites);
  await before.start();
  await before.engine.stop(0);
  const old = before.aws.state.loadBalancers.map(({ name }) => name);
  const renamed = new World({ clusterName: 'another-name' }, 300_000, before.aws);
  renamed.cluster.put(...sites);
  await renamed.start();
  await renamed.clock.advance(700_000);
  assert.deepEqual(destructive(renamed.aws.taken()), []);
  const names = renamed.aws.state.loadBalancers.map(({ name }) => name);
  assert.ok(old.every((name) => names.includes(name)) && names.length === 2 * old.length);
});

test('Ask 4.2, trap 21: deleting needs nothing but what AWS has: class, parameters and Service are gone', async () => {
  const world = new World();
  world.cluster.put(...sites);
  await world.start();
  world.cluster.take('Service', 'web/front');
  world.cluster.take('IngressClassParams', 'settings');
  world.cluster.take('IngressClass', 'alb');
  for (const id of ['web/one', 'web/two', 'web/alone']) world.cluster.delete(id);
  await world.clock.advance(700_000);
  assert.equal(world.aws.state.loadBalancers.length, 0);
  assert.equal(world.cluster.has('web/one'), false);
});
