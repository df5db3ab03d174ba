import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotationTable } from '../../../src/core/annotations/table.ts';
import { backend, ingress, rule } from '../../support/builders.ts';
import { ids, modelOf } from './model-of.ts';

type Words = Readonly<Record<string, string>>;

const https = { 'listen-ports': '[{"HTTPS":443},{"HTTPS":8443}]', 'certificate-arn': 'arn:1' };
const front = { 'enable-frontend-nlb': 'true', 'frontend-nlb-scheme': 'internet-facing' };
const clients = (mode: string): string => `[{"port":443,"mode":"${mode}"}]`;

/** By annotation, what two members say of it, and what both say beside it. */
const settings: Readonly<Record<string, readonly [first: string, second: string, beside?: Words]>> = {
  'load-balancer-name': ['one', 'two'],
  tags: ['team=one', 'team=two'],
  scheme: ['internal', 'internet-facing'],
  'ip-address-type': ['ipv4', 'dualstack'],
  subnets: ['subnet-1,subnet-2', 'subnet-1,subnet-3'],
  'customer-owned-ipv4-pool': ['pool-1', 'pool-2'],
  'ipam-ipv4-pool-id': ['ipam-1', 'ipam-2'],
  'load-balancer-attributes': ['idle_timeout.timeout_seconds=61', 'idle_timeout.timeout_seconds=62'],
  'minimum-load-balancer-capacity': ['CapacityUnits=100', 'CapacityUnits=200'],
  'security-groups': ['sg-1', 'sg-2'],
  'manage-backend-security-group-rules': ['true', 'false', { 'security-groups': 'sg-1' }],
  'inbound-cidrs': ['10.0.0.0/8', '11.0.0.0/8'],
  'security-group-prefix-lists': ['pl-1', 'pl-2'],
  'listen-ports': ['[{"HTTP":8443}]', '[{"HTTPS":8443}]', { 'certificate-arn': 'arn:1' }],
  'ssl-redirect': ['443', '8443', https],
  'ssl-policy': ['Policy-1', 'Policy-2', https],
  'mutual-authentication': [clients('off'), clients('passthrough'), https],
  'listener-attributes.HTTP-80': ['a=1', 'a=2'],
  'wafv2-acl-arn': ['arn:aws:wafv2:1', 'none'],
  'wafv2-acl-name': ['one', 'two'],
  'waf-acl-id': ['acl-1', 'acl-2'],
  'web-acl-id': ['acl-1', 'acl-2'],
  'shield-advanced-protection': ['true', 'false'],
  'enable-frontend-nlb': ['true', 'false'],
  'frontend-nlb-scheme': ['internal', 'internet-facing', { 'enable-frontend-nlb': 'true' }],
  'frontend-nlb-subnets': ['subnet-1', 'subnet-2', front],
  'frontend-nlb-security-groups': ['sg-1', 'sg-2', front],
  'frontend-nlb-listener-port-mapping': [
    '80=80',
    '80=81',
    { ...front, 'listen-ports': '[{"HTTP":80},{"HTTP":81}]' },
  ],
  'frontend-nlb-eip-allocations': ['eipalloc-1', 'eipalloc-2', front],
  'frontend-nlb-healthcheck-port': ['80', '81', front],
  'frontend-nlb-healthcheck-protocol': ['HTTP', 'HTTPS', front],
  'frontend-nlb-healthcheck-path': ['/one', '/two', front],
  'frontend-nlb-healthcheck-interval-seconds': ['10', '20', front],
  'frontend-nlb-healthcheck-timeout-seconds': ['3', '4', front],
  'frontend-nlb-healthcheck-healthy-threshold-count': ['3', '4', front],
  'frontend-nlb-healthcheck-unhealthy-threshold-count': ['3', '4', front],
  'frontend-nlb-healthcheck-success-codes': ['200', '204', front],
  'frontend-nlb-attributes': ['a=1', 'a=2', front],
  'frontend-nlb-tags': ['a=1', 'a=2', front],
};

const member = (name: string, words: Words) =>
  ingress(`shop/${name}`, {
    annotations: { 'group.name': 'g', ...words },
    rules: [rule(`${name}.example.com`, { '/': 'front:80' })],
  });

for (const [key, [first, second, beside = {}]] of Object.entries(settings))
  test(`Ask 2.5: of two that disagree on ${key} each is told of the other one, with both values`, () => {
    const model = modelOf('g', [
      member('a', { ...beside, [key]: first }),
      member('b', { ...beside, [key]: second }),
    ]);
    assert.deepEqual([ids(model.members), ids(model.held)], [['shop/a'], ['shop/b']]);
    const toldTo = (id: string) =>
      model.problems.find(
        ({ code, object }) => code === 'AnnotationConflict' && `${object.namespace}/${object.name}` === id,
      );
    const [owner, newcomer] = [toldTo('shop/a'), toldTo('shop/b')];
    assert.deepEqual([owner?.severity, newcomer?.severity], ['warning', 'error']);
    for (const [problem, other] of [
      [owner, 'shop/b'],
      [newcomer, 'shop/a'],
    ] as const) {
      assert.ok(problem?.message.includes(`Ingress ${other}`), problem?.message);
      assert.match(problem?.message ?? '', /: (\S.*) here, (\S.*) in Ingress |: (\S.*) there, (\S.*) here$/);
      assert.match(problem?.path ?? '', new RegExp(`/${key === 'web-acl-id' ? 'waf-acl-id' : key}]$`));
      assert.match(problem?.hint ?? '', /same value in both/);
    }
  });

test('Ask 2.5: of two default backends on a port each is told of the other one', () => {
  const objects = ['a', 'b'].map((name) => ({
    ...member(name, {}),
    defaultBackend: backend('front:80'),
  }));
  const told = modelOf('g', objects).problems.map(({ code, severity, message }) => [code, severity, message]);
  assert.equal(told.length, 2);
  for (const [index, [code, severity, message]] of told.entries()) {
    assert.deepEqual([code, severity], ['DefaultBackendConflict', index === 0 ? 'error' : 'warning']);
    assert.match(message ?? '', /shop\/a.*shop\/b|shop\/b.*shop\/a/);
  }
});

test('Ask 2.5: every annotation that members have to agree on is in this table', () => {
  const agreed = annotationTable.filter(({ merge, key }) => merge !== 'own' && key !== 'certificate-arn');
  const known = Object.keys(settings).map((key) => key.replace('HTTP-80', '<protocol>-<port>'));
  assert.deepEqual(
    agreed.map(({ key }) => key).filter((key) => !known.includes(key)),
    [],
  );
});
