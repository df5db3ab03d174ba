import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseAnnotation } from '../../src/core/model/pause.ts';
import { ingress, rule } from '../support/builders.ts';
import { running, writes } from './support/world.ts';

const member = (name: string, words: Readonly<Record<string, string>> = {}) =>
  ingress(`web/${name}`, {
    annotations: { 'group.name': 'shop', ...words },
    rules: [rule(`${name}.example.com`, { '/': 'front:80' })],
  });

for (const [what, words] of [
  ['a mistake elsewhere', { 'healthcheck-interval-seconds': 'nope' }],
  ['a pause', { [pauseAnnotation]: 'true' }],
] as const) {
  test(`Ask 2.1: a member that restricts the clients is held for ${what}: the load balancer is opened to nobody else`, async () => {
    const clients = { 'inbound-cidrs': '10.0.0.0/8' };
    const world = await running(member('a', clients), member('b'));
    const { meta, status } = world.cluster.ingress('web/a');
    const next = member('a', { ...clients, ...words });
    world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
    await world.clock.advance(700_000);
    await world.restart();
    assert.deepEqual(writes(world.aws.taken()), []);
    const own = world.aws.state.securityGroups.find(({ name }) => name.includes('-shop-'));
    assert.deepEqual(
      own?.ingress.map(({ source }) => source),
      [{ kind: 'ipv4', cidr: '10.0.0.0/8' }],
    );
  });
}

const mistake = { 'healthcheck-interval-seconds': 'nope' };
const secure = {
  'listen-ports': '[{"HTTPS":443}]',
  'certificate-arn': 'arn:aws:acm:us-west-2:123456789012:certificate/a',
};

for (const [what, settings, both] of [
  ['scheme', { scheme: 'internet-facing' }, {}],
  ['TLS policy', { 'ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06' }, secure],
] as const) {
  test(`Ask 2.2: a member that set the ${what} is held: it stays, and a neighbour that is edited goes on`, async () => {
    const world = await running(member('a', { ...both, ...settings }), member('b', both));
    const { meta, status } = world.cluster.ingress('web/a');
    const held = member('a', { ...both, ...settings, ...mistake });
    world.cluster.put({ ...held, meta: { ...held.meta, finalizers: meta.finalizers }, status });
    await world.clock.advance(700_000);
    await world.restart();
    assert.deepEqual(writes(world.aws.taken()), []);
    const live = world.cluster.ingress('web/b');
    const edited = ingress('web/b', {
      annotations: { 'group.name': 'shop', ...both },
      rules: [rule('b.example.com', { '/': 'front:80', '/more': 'front:80' })],
    });
    world.cluster.put({
      ...edited,
      meta: { ...edited.meta, finalizers: live.meta.finalizers },
      status: live.status,
    });
    await world.clock.advance(5_000);
    assert.deepEqual(writes(world.aws.taken()), ['setRulePriorities', 'createRule']);
  });
}
