// Each webhook at its path, with what it asks of the API server and of AWS.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../src/core/domain/config.ts';
import type { TargetGroupFact } from '../../src/core/domain/facts.ts';
import type { TargetGroupArn } from '../../src/core/domain/ids.ts';
import { snapshotOf } from '../../src/core/domain/snapshot.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import type { AdmissionRequest, Verdict } from '../../src/webhook/admission.ts';
import type { ReadTargetGroup } from '../../src/webhook/look-up.ts';
import { webhooks, type WebhookWorld } from '../../src/webhook/webhooks.ts';
import { ingress, ingressClass, type IngressWords, service } from '../support/builders.ts';
import { coreConfig } from '../support/core-config.ts';

const signal = new AbortController().signal;
const bindings = 'elbv2-k8s-aws-v1beta1-targetgroupbinding';
const arn = 'arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/one/0123456789abcdef';
const fact: TargetGroupFact = {
  arn: arn as TargetGroupArn,
  name: 'one',
  targetType: 'ip',
  protocol: 'HTTP',
  ipAddressType: 'ipv4',
  vpcId: coreConfig().vpcId,
};

function served(more: Partial<WebhookWorld> = {}, cluster: Partial<WebhookWorld['cluster']> = {}) {
  const clock = new VirtualClock();
  const all = webhooks({
    cluster: {
      snapshot: () => snapshotOf([ingressClass('nginx', { controller: 'k8s.io/ingress-nginx' })]),
      decodeIngress: (raw) => ingress('shop/web', raw as IngressWords),
      readClass: () => Promise.resolve(undefined),
      listBindings: () => Promise.resolve([]),
      ...cluster,
    },
    readTargetGroup: () => Promise.reject(new Error('AWS is away')),
    clock,
    config: coreConfig({ policy: policies.albc }),
    forbidden: { classAnnotation: false, groupName: true },
    injectsGates: true,
    ...more,
  });
  const judge = (path: string, object: unknown, asked: Partial<AdmissionRequest> = {}): Promise<Verdict> => {
    const webhook = all[path];
    assert.ok(webhook);
    const request = {
      uid: 'u',
      operation: 'CREATE',
      namespace: 'web',
      name: 'one',
      oldObject: undefined,
    } as const;
    return webhook.judge({ ...request, object, ...asked }, { signal });
  };
  return { judge, clock, paths: Object.keys(all) };
}

test('OPS-12: the paths are ALBC’s', () => {
  assert.deepEqual(served().paths.toSorted(), [
    '/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding',
    '/mutate-v1-pod',
    '/validate-elbv2-k8s-aws-v1beta1-ingressclassparams',
    '/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding',
    '/validate-networking-v1-ingress',
  ]);
});

const path = '/validate-networking-v1-ingress';

test('OPS-10: a class that was made a moment ago counts, and is asked for only when the watch lacks it', async () => {
  const asked: string[] = [];
  const readClass = async (name: string) => {
    asked.push(name);
    return name === 'new' ? ingressClass('new', { controller: 'ingress.k8s.aws/alb' }) : undefined;
  };
  const { judge } = served({}, { readClass });
  const grouped = { annotations: { 'group.name': 'a' } };
  assert.equal((await judge(path, { className: 'new' })).allowed, true);
  assert.equal((await judge(path, { className: 'new', ...grouped })).allowed, false);
  assert.equal((await judge(path, { className: 'nowhere' })).allowed, false);
  assert.equal((await judge(path, { className: 'nginx', ...grouped })).allowed, true);
  assert.deepEqual(asked, ['new', 'new', 'nowhere']);
});

test('OPS-10: an Ingress that cannot be decoded is let through, and so is a deletion', async () => {
  const { judge } = served({}, { decodeIngress: () => undefined });
  assert.deepEqual(await judge(path, {}), { allowed: true });
  assert.deepEqual(await judge(path, undefined, { operation: 'DELETE' }), { allowed: true });
});

const binding = (spec: object) => ({ metadata: { name: 'one', namespace: 'web', uid: 'u-1' }, spec });

test('TGB-03: a new binding costs one call to AWS for both webhooks, a changed one none', async () => {
  const asked: unknown[] = [];
  const readTargetGroup: ReadTargetGroup = async (query) => {
    asked.push(query);
    return fact;
  };
  const { judge, clock } = served({ readTargetGroup });
  assert.equal((await judge(`/mutate-${bindings}`, binding({ targetGroupName: 'one' }))).allowed, true);
  const complete = binding({ targetGroupARN: arn, targetType: 'ip' });
  assert.deepEqual(await judge(`/validate-${bindings}`, complete), { allowed: true });
  const changed = binding({ targetGroupARN: arn, targetType: 'ip', multiClusterTargetGroup: true });
  const update = { operation: 'UPDATE', oldObject: complete } as const;
  assert.deepEqual(await judge(`/mutate-${bindings}`, changed, update), { allowed: true });
  assert.deepEqual(await judge(`/validate-${bindings}`, changed, update), { allowed: true });
  assert.deepEqual(asked, [{ arn: undefined, name: 'one', role: undefined }]);
  await clock.advance(5000);
  await judge(`/validate-${bindings}`, complete);
  assert.equal(asked.length, 2);
});

test('TGB-04: bindings of the whole cluster count, as they are stored now', async () => {
  const other = { metadata: { name: 'two', namespace: 'shop', uid: 'u-2' }, spec: { targetGroupARN: arn } };
  const { judge } = served(
    { readTargetGroup: async () => fact },
    { listBindings: async () => [other, { spec: 'broken' }] },
  );
  const verdict = await judge(`/validate-${bindings}`, binding({ targetGroupARN: arn, targetType: 'ip' }));
  assert.ok(!verdict.allowed);
  assert.match(verdict.words, /is already bound to following TargetGroupBindings \[shop\/two\]/);
});

test('TGB-19: a target group of another account is looked up as the role that is to be assumed', async () => {
  const asked: unknown[] = [];
  const { judge } = served({
    readTargetGroup: async (query) => {
      asked.push(query.role);
      return fact;
    },
  });
  const spec = { targetGroupARN: arn, iamRoleArnToAssume: 'arn:aws:iam::1:role/x' };
  const external = { ...spec, assumeRoleExternalId: 'e' };
  const verdict = await judge(`/mutate-${bindings}`, binding(spec));
  assert.ok(verdict.allowed && verdict.patch?.some(({ path: field }) => field === '/spec/targetType'));
  await judge(`/mutate-${bindings}`, binding(external));
  const role = { arn: spec.iamRoleArnToAssume, externalId: undefined };
  assert.deepEqual(asked, [role, { ...role, externalId: 'e' }]);
});

test('TGB-03: AWS that does not answer refuses nothing; a missing target group does', async () => {
  const verdict = await served().judge(`/mutate-${bindings}`, binding({ targetGroupARN: arn }));
  assert.ok(verdict.allowed);
  assert.equal(verdict.warnings?.length, 1);
  const { judge } = served({ readTargetGroup: async () => undefined });
  const missing = await judge(`/mutate-${bindings}`, binding({ targetGroupName: 'gone' }));
  assert.ok(!missing.allowed);
  assert.match(
    missing.words,
    /^operation error Elastic Load Balancing v2: DescribeTargetGroups, .*TargetGroupNotFound/,
  );
});

test('TGB-20: gates are injected into new pods only, and not when that is switched off', async () => {
  const selector = { app: 'front' };
  const site = {
    ...ingress('web/site', {
      className: undefined,
      annotations: { 'kubernetes.io/ingress.class': 'alb', 'target-type': 'ip' },
    }),
    status: [{ hostname: 'a', ports: [80] }],
  };
  const cluster = { snapshot: () => snapshotOf([service('web/front', { selector }), site]) };
  const pod = { metadata: { labels: selector }, spec: {} };
  const patchOf = (verdict: Verdict) => (verdict.allowed ? verdict.patch : undefined);
  const on = served({}, cluster);
  assert.equal(patchOf(await on.judge('/mutate-v1-pod', pod))?.length, 1);
  assert.equal(patchOf(await on.judge('/mutate-v1-pod', pod, { operation: 'UPDATE' })), undefined);
  const off = served({ injectsGates: false }, cluster);
  assert.equal(patchOf(await off.judge('/mutate-v1-pod', pod)), undefined);
});
