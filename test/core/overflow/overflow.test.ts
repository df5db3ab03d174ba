import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterObject, Endpoint } from '../../../src/core/domain/cluster.ts';
import { policies } from '../../../src/core/domain/config.ts';
import type { GroupModel, TargetGroupIntent } from '../../../src/core/domain/group-model.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { withOverflow } from '../../../src/core/overflow/overflow.ts';
import { meta, service, servicePort } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { listener, model, nothingObserved, rule, targetGroup } from '../desired/models.ts';

const endpoints = (of: string, count: number): readonly Endpoint[] =>
  Array.from({ length: count }, (_, index) => ({
    addresses: [`10.0.${index >> 8}.${index & 255}`],
    ready: true,
    serving: true,
    terminating: false,
    nodeName: 'a',
    zone: undefined,
    pod: { namespace: 'web', name: `p${index}`, uid: `${of} ${index}` },
  }));

const running = (name: string, count: number): readonly ClusterObject[] => [
  service(`web/${name}`, { ports: [servicePort({ port: 80, nodePort: 30080 })] }),
  {
    kind: 'EndpointSlice',
    meta: meta('EndpointSlice', `web/${name}-1`),
    serviceName: name,
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: endpoints(name, count),
  },
];

const pods = (name: string, overrides: Partial<TargetGroupIntent> = {}): TargetGroupIntent =>
  targetGroup({
    id: `web/site-${name}:80`,
    service: { namespace: 'web', name, uid: name },
    targetType: 'ip',
    overflow: { kind: 'split' },
    ...overrides,
  });

/** One rule that forwards to these target groups with these weights. */
const forwarding = (
  targetGroups: readonly TargetGroupIntent[],
  weights: readonly number[] = [1],
): GroupModel =>
  model({
    targetGroups,
    listeners: [
      listener(80, {
        rules: [
          rule('web/site', 'a.b', {
            actions: [
              {
                kind: 'forward',
                targetGroups: targetGroups.map(({ id }, index) => ({
                  targetGroup: { kind: 'managed', id },
                  weight: weights[index] ?? 1,
                })),
                stickinessSeconds: undefined,
              },
            ],
          }),
        ],
      }),
    ],
  });

function decided(before: GroupModel, objects: readonly ClusterObject[], preset: 'none' | 'albc' = 'none') {
  const config = coreConfig({ policy: policies[preset] });
  const context = { snapshot: snapshotOf(objects), observed: nothingObserved, quotas: [], config };
  const after = withOverflow(before, context);
  const [action] = after.listeners[0]?.rules[0]?.actions ?? [];
  assert.ok(action?.kind === 'forward');
  return {
    after,
    stickiness: action.stickinessSeconds,
    forward: action.targetGroups.map(({ targetGroup: to, weight }) =>
      to.kind === 'managed' ? `${to.id.replace('web/site-', '')} ×${weight}` : '',
    ),
  };
}

test('Ask 38.2: as many target groups as the pods need with room to spare, and one that is what it would be alone', () => {
  for (const [count, forward] of [
    [900, ['front:80 ×1']],
    [901, ['front:80 ×50', 'front:80/2 ×50']],
    [2700, ['front:80 ×33', 'front:80/2 ×33', 'front:80/3 ×33']],
    [9000, ['front:80 ×20', 'front:80/2 ×20', 'front:80/3 ×20', 'front:80/4 ×20', 'front:80/5 ×20']],
  ] as const)
    assert.deepEqual(decided(forwarding([pods('front')]), running('front', count)).forward, forward);
});

test('Ask 38.2: beside other Services in an action their weights hold, and five target groups are the most', () => {
  const two = forwarding([pods('front'), pods('back', { overflow: undefined as never })], [80, 20]);
  assert.deepEqual(decided(two, [...running('front', 1800), ...running('back', 3)]).forward, [
    'front:80 ×999',
    'front:80/2 ×999',
    'back:80 ×500',
  ]);
  const both = forwarding([pods('front'), pods('back')]);
  assert.equal(decided(both, [...running('front', 5000), ...running('back', 5000)]).forward.length, 4);
});

test('Ask 38.2: clients that stick to their target stick to its target group for as long', () => {
  const attributes = { 'stickiness.enabled': 'true', 'stickiness.lb_cookie.duration_seconds': '600' };
  const found = decided(forwarding([pods('front', { attributes })]), running('front', 1000));
  assert.equal(found.stickiness, 600);
  assert.equal(decided(forwarding([pods('front')]), running('front', 1000)).stickiness, undefined);
});

test('Ask 38.2: with node-port those with the most pods give way when the load balancer as a whole is nearly full', () => {
  const onNodes = (name: string): TargetGroupIntent =>
    pods(name, {
      overflow: {
        kind: 'node-port',
        instead: targetGroup({ id: `web/site-${name}:80`, targetType: 'instance' }),
      },
    });
  const types = (front: number, back: number) =>
    decided(forwarding([onNodes('front'), onNodes('back')]), [
      ...running('front', front),
      ...running('back', back),
    ]).after.targetGroups.map(({ targetType }) => targetType);
  assert.deepEqual(types(400, 500), ['ip', 'ip']);
  assert.deepEqual(types(401, 500), ['ip', 'instance']);
  assert.deepEqual(types(900, 900), ['instance', 'ip']);
});

test('nothing changes under the preset of ALBC', () => {
  const before = forwarding([pods('front')]);
  assert.equal(decided(before, running('front', 5000), 'albc').after, before);
});
