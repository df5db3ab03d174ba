import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreConfig } from '../../src/core/domain/config.ts';
import type { SecurityGroupId } from '../../src/core/domain/ids.ts';
import { pauseAnnotation } from '../../src/core/model/pause.ts';
import { ingress, rule, service, servicePort } from '../support/builders.ts';
import { gatesWith } from '../support/core-config.ts';
import { running, World, writes } from './support/world.ts';

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
    edit(world, member('a', { ...clients, ...words }));
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

/** The Ingress is edited: what the controller wrote on it stays. */
function edit(world: World, next: ReturnType<typeof ingress>): void {
  const { meta, status } = world.cluster.ingress(`web/${next.meta.name}`);
  world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
}

const mistake = { 'healthcheck-interval-seconds': 'nope' };
const secure = {
  'listen-ports': '[{"HTTPS":443}]',
  'certificate-arn': 'arn:aws:acm:us-west-2:123456789012:certificate/a',
};

const arn = (what: string) => `arn:aws:${what}`;
const webAcl = arn('wafv2:us-west-2:123456789012:regional/webacl/one/1');
const trustStore = arn('elasticloadbalancing:us-west-2:123456789012:truststore/clients/1');

/** What a member alone says, what everybody says, and settings of the controller. */
const cases: readonly (readonly [
  what: string,
  settings: Readonly<Record<string, string>>,
  both?: Readonly<Record<string, string>>,
  config?: Partial<CoreConfig>,
])[] = [
  ['scheme', { scheme: 'internet-facing' }],
  ['name', { 'load-balancer-name': 'chosen' }],
  ['subnets', { subnets: 'subnet-a,subnet-b' }],
  ['tags', { tags: 'team=one,cost=two' }],
  [
    'attributes and access logs',
    { 'load-balancer-attributes': 'idle_timeout.timeout_seconds=61,access_logs.s3.enabled=true' },
  ],
  [
    'capacity',
    { 'minimum-load-balancer-capacity': 'CapacityUnits=100' },
    {},
    gatesWith({ LBCapacityReservation: true }),
  ],
  ['web ACL', { 'wafv2-acl-arn': webAcl }],
  ['web ACL of WAF Classic', { 'waf-acl-id': 'acl-1' }],
  ['protection', { 'shield-advanced-protection': 'true' }],
  ['clients', { 'inbound-cidrs': '10.0.0.0/8', 'security-group-prefix-lists': 'pl-1' }],
  ['security groups', { 'security-groups': 'sg-1,clients' }],
  [
    'security groups beside ours',
    { 'security-groups': 'sg-1', 'manage-backend-security-group-rules': 'true' },
  ],
  ['listener attributes', { 'listener-attributes.HTTP-80': 'routing.http.response.server.enabled=false' }],
  ['ports', { 'listen-ports': '[{"HTTP":80},{"HTTP":8080}]' }],
  ['certificate', { 'certificate-arn': arn('acm:us-west-2:123456789012:certificate/b') }, secure],
  ['TLS policy', { 'ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06' }, secure],
  [
    'client certificates',
    { 'mutual-authentication': `[{"port":443,"mode":"verify","trustStore":"${trustStore}"}]` },
    secure,
    gatesWith({ EnhancedDefaultBehavior: true }),
  ],
];

const givenGroups = ['sg-1', 'sg-2'].map((id) => ({
  id: id as SecurityGroupId,
  name: id,
  tags: { Name: id === 'sg-2' ? 'clients' : id },
}));

test('Ask 2.2: while the member is held that gave the security groups, a neighbour’s new Service is opened to the load balancer', async () => {
  const world = new World();
  world.aws.given = givenGroups;
  const gives = { 'security-groups': 'sg-1', 'manage-backend-security-group-rules': 'true' };
  world.cluster.put(member('a', gives), member('b'));
  await world.start();
  edit(world, member('a', { ...gives, ...mistake }));
  await world.rest();
  await world.restart();
  world.aws.taken();
  world.cluster.put(service('web/back', { ports: [servicePort({ nodePort: 30_090 })] }));
  edit(
    world,
    ingress('web/b', {
      annotations: { 'group.name': 'shop' },
      rules: [rule('b.example.com', { '/': 'front:80', '/back': 'back:80' })],
    }),
  );
  await world.rest();
  const opened = world.aws.state.securityGroups
    .find(({ id }) => id === 'sg-nodes')
    ?.ingress.some(({ fromPort, toPort }) => fromPort <= 30_090 && 30_090 <= toPort);
  assert.equal(opened, true);
  assert.ok(!world.aws.taken().includes('setSecurityGroups'));
});

test('Ask 2.2: a newcomer with a mistake keeps no security group that a neighbour gives up', async () => {
  const world = new World();
  world.aws.given = givenGroups;
  world.cluster.put(member('b', { 'security-groups': 'sg-1' }));
  await world.start();
  world.cluster.put(member('a', mistake));
  await world.rest();
  world.aws.taken();
  edit(world, member('b'));
  await world.rest();
  assert.ok(world.aws.taken().includes('setSecurityGroups'));
});

test('Ask 2.4: tags that only a held member asked for go with it', async () => {
  const world = await running(member('a', { tags: 'team=one' }), member('b'));
  edit(world, member('a', { tags: 'team=one', ...mistake }));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), []);
  world.cluster.delete('web/a');
  await world.rest();
  const tagged = [...world.aws.state.loadBalancers, ...world.aws.state.securityGroups].filter(
    ({ tags }) => 'team' in tags,
  );
  assert.deepEqual(tagged, []);
  assert.ok(!world.cluster.has('web/a'));
});

for (const [what, settings, both = {}, config = {}] of cases) {
  test(`Ask 2.1, Ask 2.3: a member that set the ${what} is held: all of it stays, a neighbour that is edited goes on, and mended it is as before`, async () => {
    const world = new World(config);
    world.aws.given = givenGroups;
    world.cluster.put(member('a', { ...both, ...settings }), member('b', both));
    await world.start();
    assert.equal(world.cluster.ingress('web/a').status.length, 1);
    world.aws.taken();
    edit(world, member('a', { ...both, ...settings, ...mistake }));
    await world.clock.advance(700_000);
    assert.deepEqual(writes(world.aws.taken()), [], 'held');
    await world.restart();
    await world.clock.advance(700_000);
    assert.deepEqual(writes(world.aws.taken()), [], 'after a restart');
    edit(
      world,
      ingress('web/b', {
        annotations: { 'group.name': 'shop', ...both },
        rules: [rule('b.example.com', { '/': 'front:80', '/more': 'front:80' })],
      }),
    );
    await world.clock.advance(5_000);
    assert.deepEqual(writes(world.aws.taken()), ['setRulePriorities', 'createRule']);
    edit(world, member('a', { ...both, ...settings }));
    await world.clock.advance(700_000);
    // Its rules stood before those that the neighbour got meanwhile.
    assert.deepEqual(writes(world.aws.taken()), ['setRulePriorities'], 'mended');
  });
}
