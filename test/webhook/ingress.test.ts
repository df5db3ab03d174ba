import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../src/core/domain/config.ts';
import { type ClusterObject } from '../../src/core/domain/cluster.ts';
import { snapshotOf } from '../../src/core/domain/snapshot.ts';
import { judgeIngress, type IngressWorld } from '../../src/webhook/ingress.ts';
import { ingress, ingressClass, type IngressWords, rule, service } from '../support/builders.ts';
import { coreConfig } from '../support/core-config.ts';

const albc = policies.albc;
const classes = [
  ingressClass('alb', { controller: 'ingress.k8s.aws/alb' }),
  ingressClass('nginx', { controller: 'k8s.io/ingress-nginx' }),
];

function world(overrides: Partial<IngressWorld> = {}, objects: readonly ClusterObject[] = []): IngressWorld {
  return {
    snapshot: snapshotOf([...classes, service('shop/front'), ...objects]),
    config: coreConfig({ policy: albc }),
    forbidden: { classAnnotation: false, groupName: false },
    ...overrides,
  };
}
const forbidden = { classAnnotation: true, groupName: true };

function words(now: IngressWords, given: IngressWorld = world(), before?: IngressWords): string {
  const old = before === undefined ? undefined : ingress('shop/web', before);
  const verdict = judgeIngress({ ingress: ingress('shop/web', now), before: old }, given);
  return verdict.allowed ? 'allowed' : verdict.words;
}

const byAnnotation: IngressWords = {
  className: undefined,
  annotations: { 'kubernetes.io/ingress.class': 'alb' },
};
const inGroup = (name: string): IngressWords => ({ annotations: { 'group.name': name } });
const newClass = 'new usage of `kubernetes.io/ingress.class` annotation is forbidden';
const newGroup = 'new usage of `alb.ingress.kubernetes.io/group.name` annotation is forbidden';

test('OPS-11: new use of the class annotation is refused, old use stays', () => {
  assert.equal(words(byAnnotation), 'allowed');
  assert.equal(words(byAnnotation, world({ forbidden })), newClass);
  assert.equal(words(byAnnotation, world({ forbidden }), {}), newClass);
  assert.equal(words(byAnnotation, world({ forbidden }), byAnnotation), 'allowed');
});

test('OPS-11: new use and another value of group.name are refused, an unchanged one stays', () => {
  assert.equal(words(inGroup('a')), 'allowed');
  assert.equal(words(inGroup('a'), world({ forbidden })), newGroup);
  assert.equal(words(inGroup('a'), world({ forbidden }), {}), newGroup);
  assert.equal(words(inGroup('a'), world({ forbidden }), inGroup('b')), newGroup);
  assert.equal(words(inGroup('a'), world({ forbidden }), inGroup('a')), 'allowed');
  assert.equal(words({}, world({ forbidden }), inGroup('a')), 'allowed');
});

test('OPS-10: a class that does not exist is refused only as ALBC, where it could be anybody’s', () => {
  const nowhere: IngressWords = { className: 'nowhere' };
  assert.equal(words(nowhere), 'invalid ingress class: IngressClass.networking.k8s.io "nowhere" not found');
  assert.equal(words(nowhere, world({ config: coreConfig() })), 'allowed');
  const complete = new Set(['Ingress', 'Service'] as const);
  assert.equal(words(nowhere, world({ snapshot: snapshotOf(classes, complete) })), 'allowed');
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  assert.equal(words({ ...nowhere, meta: { deletionTimestamp } }), 'allowed');
});

test('OPS-10: two default classes are told in ALBC’s words', () => {
  const defaults = ['a', 'b'].map((name) =>
    ingressClass(name, { controller: 'ingress.k8s.aws/alb', isDefault: true }),
  );
  assert.equal(
    words({ className: undefined }, world({}, defaults)),
    'multiple default IngressClass found: [a b]',
  );
});

test('OPS-10: an Ingress of somebody else is never refused', () => {
  const wrong = { 'conditions.front': '{', 'group.name': 'a', 'frontend-nlb-tags': 'x' };
  const theirs: IngressWords = { className: 'nginx', annotations: wrong };
  assert.deepEqual(
    judgeIngress({ ingress: ingress('shop/web', theirs), before: undefined }, world({ forbidden })),
    { allowed: true },
  );
  assert.equal(words({ className: undefined, annotations: wrong }, world({ forbidden })), 'allowed');
  const elsewhere = coreConfig({ policy: albc, watchNamespace: 'other' });
  assert.equal(words({ annotations: wrong }, world({ forbidden, config: elsewhere })), 'allowed');
});

const conditions = (text: string): IngressWords => ({ annotations: { 'conditions.front': text } });
const key = 'alb.ingress.kubernetes.io/conditions.front';

test('OPS-10: conditions of a backend must be readable', () => {
  const ignoring = `ignoring Ingress shop/web since invalid ${key} annotation`;
  assert.equal(words(conditions('[{"field": "host-header"}]')), `${ignoring}: missing hostHeaderConfig`);
  assert.equal(
    words(conditions('[{"field": "source-ip", "sourceIPConfig": {"values": []}}]')),
    `${ignoring}: invalid sourceIPConfig: values cannot be empty`,
  );
  assert.equal(
    words(conditions('[{')),
    `failed to parse json annotation, ${key}: [{: unexpected end of JSON input`,
  );
  assert.equal(words({ annotations: { 'conditions.other': '[{' } }), 'allowed');
  const resource = { kind: 'resource', apiGroup: 'g', resourceKind: 'K', name: 'n' } as const;
  assert.equal(words({ rules: [rule('a.example', { '/': resource })] }), 'allowed');
});

test('OPS-10: frontend-nlb-tags are checked as ALBC does', () => {
  const tags = (text: string) => words({ annotations: { 'frontend-nlb-tags': text } });
  const many = Array.from({ length: 51 }, (_none, i) => `k${i}=v`).join(',');
  assert.equal(tags('a=b, c=d'), 'allowed');
  assert.equal(tags(' '), 'allowed');
  const table = {
    x: "invalid frontend NLB tags format: tag 'x' must be in 'key=value' format",
    '=v': 'invalid frontend NLB tags format: tag key cannot be empty',
    'k=': 'invalid frontend NLB tags format: tag value cannot be empty',
    'k=a,k=b': "invalid frontend NLB tags: duplicate tag key 'k'",
    'AWS:x=1': "invalid frontend NLB tags: tag key 'AWS:x' is reserved (aws:* pattern)",
    [`${'k'.repeat(129)}=1`]: 'invalid frontend NLB tags: tag key exceeds maximum length of 128 characters',
    [`k=${'v'.repeat(257)}`]: 'invalid frontend NLB tags: tag value exceeds maximum length of 256 characters',
    [many]: 'invalid frontend NLB tags: number of tags (51) exceeds maximum allowed (50)',
  };
  for (const [text, fault] of Object.entries(table)) assert.equal(tags(text), fault);
});

test('DRF-05: every other mistake is a warning, and none of other objects', () => {
  const given = world({ config: coreConfig(), snapshot: snapshotOf([ingressClass('alb')]) });
  const annotations = { scheme: 'x', 'actions.front': '{', unheard: '1' };
  const verdict = judgeIngress({ ingress: ingress('shop/web', { annotations }), before: undefined }, given);
  assert.ok(verdict.allowed);
  const text = (verdict.warnings ?? []).join('\n');
  assert.match(text, /annotation alb\.ingress\.kubernetes\.io\/scheme is "x"/);
  assert.match(text, /alb\.ingress\.kubernetes\.io\/unheard is unknown and has no effect/);
  assert.doesNotMatch(text, /Service shop\/front/);
  assert.ok((verdict.warnings ?? []).every((warning) => Buffer.byteLength(warning) <= 256));
});

test('Ask 2.6: a newcomer is warned that another one has the setting, whatever their names and orders', () => {
  const old = ingress('shop/web', { annotations: { 'group.name': 'public', tags: 'team=one' } });
  const given = world({ config: coreConfig(), snapshot: snapshotOf([ingressClass('alb'), old]) });
  const annotations = { 'group.name': 'public', 'group.order': '-9', tags: 'team=two' };
  const coming = ingress('shop/api', { annotations });
  const verdict = judgeIngress({ ingress: coming, before: undefined }, given);
  assert.ok(verdict.allowed);
  assert.ok(
    (verdict.warnings ?? []).some((text) => /disagrees with Ingress shop\/web on the tag team/.test(text)),
  );
});

test('Ask 22.1: a newcomer is warned that another namespace has its host, and an old rule is not warned of again', () => {
  const annotations = { 'group.name': 'public' };
  const app = (path: string) => [rule('app.example.com', { [path]: 'front:80' })];
  const old = ingress('a/site', { annotations, rules: app('/') });
  const objects = [ingressClass('alb'), service('a/front'), service('b/front'), old];
  const given = world({ config: coreConfig(), snapshot: snapshotOf(objects) });
  const warnings = (now: IngressWords, before?: IngressWords): string => {
    const verdict = judgeIngress(
      {
        ingress: ingress('b/sly', {
          annotations,
          meta: { creationTimestamp: '2026-06-01T00:00:00Z' },
          ...now,
        }),
        before: before && ingress('b/sly', { annotations, ...before }),
      },
      given,
    );
    assert.ok(verdict.allowed);
    return (verdict.warnings ?? []).filter((text) => text.includes('had first')).join();
  };
  const claimed =
    /^Ingress b\/sly asks for app\.example\.com\/\S*, which Ingress a\/site of another namespace had first$/;
  assert.match(warnings({ rules: app('/') }), claimed);
  assert.equal(warnings({ rules: app('/b') }), '');
  assert.match(warnings({ rules: app('/') }, { rules: app('/b') }), claimed);
  assert.equal(warnings({ rules: app('/') }, { rules: app('/') }), '');
});
