// What members say together about the network load balancer in front of their load balancer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingress, rule } from '../../support/builders.ts';
import { albc, albcClass, modelOf } from './model-of.ts';

type Annotations = Readonly<Record<string, string>>;
const prefix = 'frontend-nlb-';
const enabled = { 'enable-frontend-nlb': 'true' };

const member = (name: string, annotations: Annotations) =>
  ingress(`shop/${name}`, {
    annotations: { 'group.name': 'shop', ...annotations },
    rules: [rule(`${name}.example.com`, { '/': 'front:80' })],
  });
const two = (one: Annotations, other: Annotations) => modelOf('shop', [member('a', one), member('b', other)]);
const intent = (one: Annotations, other: Annotations = {}) =>
  two({ ...enabled, ...one }, other).frontendNlb ?? assert.fail('no network load balancer');
const checkOf = (one: Annotations, other: Annotations = {}) =>
  intent(one, other).listeners.find(({ port }) => port === 80)?.healthCheck;

test('ANN-65: one member is enough, nobody asking is none, and a member that says no is held', () => {
  assert.equal(two({}, {}).frontendNlb, undefined);
  assert.equal(two({}, { 'frontend-nlb-scheme': 'internal' }).frontendNlb, undefined);
  assert.ok(two({}, enabled).frontendNlb);
  const { held, frontendNlb } = two(enabled, { 'enable-frontend-nlb': 'false' });
  assert.deepEqual(
    held.map(({ id }) => id),
    ['shop/b'],
  );
  assert.ok(frontendNlb);
});

test('ANN-66: its scheme is its own, by default that of the controller', () => {
  assert.equal(intent({ scheme: 'internet-facing' }).scheme, 'internal');
  assert.equal(intent({}, { 'frontend-nlb-scheme': 'internet-facing' }).scheme, 'internet-facing');
});

test('ANN-67, ANN-68, ANN-70, ANN-80: what one member gives holds for the group', () => {
  const given = intent(
    { 'frontend-nlb-scheme': 'internet-facing' },
    {
      'frontend-nlb-subnets': 'public-a, public-b',
      'frontend-nlb-security-groups': 'sg-2,sg-1',
      'frontend-nlb-eip-allocations': 'eipalloc-2,eipalloc-1',
      'frontend-nlb-tags': 'layer=nlb',
    },
  );
  assert.deepEqual(given.subnets, { kind: 'named', idsOrNames: ['public-a', 'public-b'] });
  assert.deepEqual(given.securityGroups, ['sg-2', 'sg-1']);
  assert.deepEqual(given.allocationIds, ['eipalloc-2', 'eipalloc-1'], 'the position decides on the subnet');
  assert.deepEqual(given.tags, { layer: 'nlb' });
  assert.deepEqual(
    intent({ tags: 'team=web' }).tags,
    { team: 'web' },
    'else it has those of the load balancer',
  );
});

test('ANN-67, ANN-70: order does not matter between members; ANN-68: it does', () => {
  const scheme = { ...enabled, 'frontend-nlb-scheme': 'internet-facing' };
  for (const [key, count] of [
    ['subnets', 0],
    ['eip-allocations', 0],
    ['security-groups', 1],
  ] as const) {
    const { held } = two({ ...scheme, [prefix + key]: 'x,y' }, { [prefix + key]: 'y,x' });
    assert.equal(held.length, count, key);
  }
});

test('ANN-66 to ANN-70, ANN-80: two members that disagree: the later one is held, in ALBC’s words', () => {
  const cases: readonly (readonly [key: string, one: string, other: string, words: RegExp])[] = [
    [
      'scheme',
      'internal',
      'internet-facing',
      /^conflicting scheme: map\[internal:\{\} internet-facing:\{\}\]$/,
    ],
    ['subnets', 'subnet-1', 'subnet-2', /^conflicting subnets: \[subnet-1\] \| \[subnet-2\]$/],
    ['security-groups', 'sg-1', 'sg-2', /^conflicting securityGroups: \[sg-1\] \| \[sg-2\]$/],
    ['tags', 'a=1', 'a=2', /^conflicting frontend NLB tags$/],
    ['attributes', 'a=1', 'a=2', /^conflicting frontend NLB attributes$/],
    [
      'listener-port-mapping',
      '80=80',
      '80=81',
      /^failed to merge NLB listenPort config for port: 80: conflicting Target Port, /,
    ],
  ];
  for (const [key, one, other, words] of cases) {
    const listens = { 'listen-ports': '[{"HTTP":80},{"HTTP":81}]' };
    const { held } = two(
      { ...enabled, ...listens, [prefix + key]: one },
      { ...listens, [prefix + key]: other },
    );
    assert.deepEqual(
      held.map(({ id }) => id),
      ['shop/b'],
      key,
    );
    assert.match(held[0]?.problems[0]?.albcMessage ?? '', words, key);
  }
  const eips = (id: string) => ({
    'frontend-nlb-scheme': 'internet-facing',
    'frontend-nlb-eip-allocations': id,
  });
  const { held } = two({ ...enabled, ...eips('eipalloc-1') }, eips('eipalloc-2'));
  assert.match(held[0]?.problems[0]?.message ?? '', /frontend-nlb-eip-allocations.*eipalloc-2.*eipalloc-1/);
});

test('ANN-70: a member with addresses for an internal one is held, its neighbours are not', () => {
  const { held, members, frontendNlb } = two(enabled, { 'frontend-nlb-eip-allocations': 'eipalloc-1' });
  assert.deepEqual([held.map(({ id }) => id), members.length], [['shop/b'], 1]);
  assert.equal(
    held[0]?.problems[0]?.albcMessage,
    'EIP allocations can only be set for internet facing load balancers',
  );
  assert.deepEqual(frontendNlb?.allocationIds, []);
  // The scheme may come from another member.
  assert.deepEqual(
    intent({ 'frontend-nlb-scheme': 'internet-facing' }, { 'frontend-nlb-eip-allocations': 'eipalloc-1' })
      .allocationIds,
    ['eipalloc-1'],
  );
});

test('ANN-69: mappings of all members add up; one to a port that its member does not listen on is left out', () => {
  const key = 'frontend-nlb-listener-port-mapping';
  const { listeners } = intent(
    { [key]: '8000=80,9000=9999' },
    { 'listen-ports': '[{"HTTP":80},{"HTTP":81}]', [key]: '8000=80,8001=81' },
  );
  assert.deepEqual(
    listeners.map(({ port, targetPort }) => [port, targetPort]),
    [
      [8000, 80],
      [8001, 81],
    ],
  );
  assert.deepEqual(
    intent({}, { 'listen-ports': '[{"HTTP":81}]' }).listeners.map(({ port }) => port),
    [80, 81],
    'without a mapping each listen port as it is',
  );
});

const checks = [
  ['ANN-71', 'port', '8080', 'port', '8080', 'Port'],
  ['ANN-72', 'protocol', 'HTTPS', 'protocol', 'HTTPS', 'Protocol'],
  ['ANN-73', 'path', '/ready', 'path', '/ready', 'Path'],
  ['ANN-74', 'interval-seconds', '30', 'intervalSeconds', 30, 'IntervalSeconds'],
  ['ANN-75', 'timeout-seconds', '6', 'timeoutSeconds', 6, 'TimeoutSeconds'],
  ['ANN-76', 'healthy-threshold-count', '4', 'healthyThreshold', 4, 'HealthyThresholdCount'],
  ['ANN-77', 'unhealthy-threshold-count', '5', 'unhealthyThreshold', 5, 'UnhealthyThresholdCount'],
  ['ANN-78', 'success-codes', '200-299', 'successCodes', '200-299', 'Matcher.HTTPCode'],
] as const;

for (const [id, key, text, field, value, what] of checks) {
  test(`${id}: healthcheck-${key} beats the default of another member, and two that differ hold the later one`, () => {
    const annotation = `frontend-nlb-healthcheck-${key}`;
    const plain = checkOf({});
    for (const [one, other] of [
      [{ [annotation]: text }, {}],
      [{}, { [annotation]: text }],
    ] as const)
      assert.deepEqual(checkOf(one, other), { ...plain, [field]: value });
    const differs = { path: '/other', protocol: 'HTTP', 'success-codes': '204' }[key as string] ?? '9';
    const { held } = two({ ...enabled, [annotation]: text }, { [annotation]: differs });
    assert.deepEqual(
      held.map((one) => one.id),
      ['shop/b'],
    );
    assert.equal(
      held[0]?.problems[0]?.albcMessage,
      `failed to merge NLB listenPort config for port: 80: conflicting ${what}, config 2: ${differs}, previous: ${value}`,
    );
  });
}

test('ANN-76, ANN-77: thresholds are 2 unless something is said', () => {
  const check = checkOf({});
  assert.deepEqual([check?.healthyThreshold, check?.unhealthyThreshold], [2, 2]);
});

test('ANN-79: with ALBC’s preset every later member must repeat the attributes', () => {
  const attributes = { 'frontend-nlb-attributes': 'load_balancing.cross_zone.enabled=true' };
  const of = (one: Annotations, other: Annotations) =>
    modelOf('shop', [albcClass, member('a', one), member('b', other)], albc).held.length;
  assert.equal(of({ ...enabled, ...attributes }, {}), 2);
  assert.equal(of({ ...enabled, ...attributes }, attributes), 0);
  assert.equal(of(enabled, attributes), 0, 'an earlier one need not');
  assert.equal(two({ ...enabled, ...attributes }, {}).held.length, 0, 'without the preset silence agrees');
});
