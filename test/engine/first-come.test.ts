import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../../src/core/domain/cluster.ts';
import { ingress, rule } from '../support/builders.ts';
import { running, type World, writes } from './support/world.ts';

type Words = Readonly<Record<string, string>>;

const born = { older: '2025-01-01T00:00:00Z', younger: '2026-06-01T00:00:00Z' };

const member = (name: string, at: keyof typeof born, words: Words = {}): Ingress =>
  ingress(`web/${name}`, {
    meta: { creationTimestamp: born[at] },
    annotations: { 'group.name': 'shop', ...words },
    rules: [rule(`${name}.example.com`, { '/': 'front:80' })],
  });

/** The Ingress is edited: what the controller wrote on it stays. */
function edit(world: World, next: Ingress): void {
  const { meta, status } = world.cluster.ingress(`web/${next.meta.name}`);
  world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
}

/** Nothing is written, now, after audits and after a restart. */
async function staysQuiet(world: World, why: string): Promise<void> {
  await world.rest();
  await world.clock.advance(700_000);
  await world.restart();
  await world.clock.advance(700_000);
  assert.deepEqual(writes(world.aws.taken()), [], why);
}

const arn = 'arn:aws:acm:us-west-2:123456789012:certificate/a';
const replaceable = { 'albatross.dev/allow-replacement': 'true' };
const https = { 'listen-ports': '[{"HTTPS":443}]', 'certificate-arn': arn };
const acl = (name: string) => `arn:aws:wafv2:us-west-2:123456789012:regional/webacl/${name}/1`;

/** What all say, the setting, the younger one's value, and another one. */
const settings: readonly (readonly [both: Words, key: string, first: string, second: string])[] = [
  [replaceable, 'scheme', 'internet-facing', 'internal'],
  [{}, 'waf-acl-id', 'acl-1', 'none'],
  [{}, 'load-balancer-attributes', 'idle_timeout.timeout_seconds=61', 'idle_timeout.timeout_seconds=90'],
  [{}, 'tags', 'team=one', 'team=two'],
  [{}, 'inbound-cidrs', '10.0.0.0/8', '0.0.0.0/0'],
  [{}, 'security-group-prefix-lists', 'pl-1', 'pl-2'],
  [{}, 'wafv2-acl-arn', acl('one'), acl('two')],
  [{}, 'wafv2-acl-arn', acl('one'), 'none'],
  [
    {},
    'listener-attributes.HTTP-80',
    'routing.http.response.server.enabled=false',
    'routing.http.response.server.enabled=true',
  ],
  [https, 'ssl-policy', 'ELBSecurityPolicy-TLS13-1-2-2021-06', 'ELBSecurityPolicy-2016-08'],
];

for (const [both, key, first, second] of settings) {
  test(`Ask 2.6: ${key} ${second}: neither an older member that is edited nor a newcomer takes the place of ${first}`, async () => {
    const world = await running(
      member('a', 'older', both),
      member('z', 'younger', { ...both, [key]: first }),
    );
    edit(world, member('a', 'older', { ...both, [key]: second }));
    await staysQuiet(world, 'an edit');
    const told = world.cluster.events.map(({ object, message }) => `${object.name}: ${message}`);
    assert.ok(told.some((line) => line.startsWith('a: Ingress web/a disagrees with Ingress web/z on ')));
    assert.ok(
      told.some((line) =>
        line.startsWith('z: Ingress web/a is held, because it disagrees with Ingress web/z'),
      ),
    );
    world.cluster.put(member('0', 'older', { ...both, [key]: second, 'group.order': '-10' }));
    await staysQuiet(world, 'a newcomer');
    edit(world, member('z', 'younger', both));
    await world.rest();
    assert.ok(writes(world.aws.taken()).length > 0, 'given up');
    assert.deepEqual(
      ['0', 'a', 'z'].filter((name) => world.cluster.ingress(`web/${name}`).status.length === 0),
      [],
    );
  });
}

test('Ask 2.6: what a held member has is not taken by a newcomer, who is told; mended, it goes on', async () => {
  const timeout = (seconds: number): Words => ({
    'load-balancer-attributes': `idle_timeout.timeout_seconds=${seconds}`,
  });
  const world = await running(member('z', 'younger', timeout(61)), member('b', 'older'));
  edit(world, member('z', 'younger', { ...timeout(61), 'healthcheck-interval-seconds': 'often' }));
  await staysQuiet(world, 'a mistake');
  world.cluster.events.splice(0);
  edit(world, member('b', 'older', timeout(90)));
  world.cluster.put(member('a', 'older', timeout(90)));
  await staysQuiet(world, 'others who want something else');
  for (const name of ['a', 'b'])
    assert.ok(
      world.cluster.events.some(
        ({ object, message }) => object.name === name && /disagrees with Ingress web\/z/.test(message),
      ),
      name,
    );
  edit(world, member('z', 'younger'));
  await world.rest();
  assert.deepEqual(
    writes(world.aws.taken()).filter((call) => /attributes/i.test(call)),
    ['modifyLoadBalancerAttributes'],
  );
});

test('Ask 2.6: who was never served has no word: a newcomer with a mistake keeps no setting from those who are served', async () => {
  const world = await running(
    member('b', 'older', { ...https, 'ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06' }),
  );
  world.cluster.put(member('a', 'older', { ...https, 'healthcheck-interval-seconds': 'often' }));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), []);
  edit(world, member('b', 'older', https));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), ['modifyListener']);
});

test('Ask 2.6: of two that were never served the older one has its way, whatever the order and the names', async () => {
  const world = await running(
    member('a', 'younger', { tags: 'team=young', 'group.order': '-5' }),
    member('b', 'older', { tags: 'team=old' }),
  );
  assert.equal(world.aws.state.loadBalancers[0]?.tags['team'], 'old');
  await staysQuiet(world, 'nothing new');
});
