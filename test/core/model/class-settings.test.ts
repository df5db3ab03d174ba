import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsAnnotation } from '../../../src/core/model/class-settings.ts';
import { ingress, ingressClass, ingressClassParams } from '../../support/builders.ts';
import { modelOf, problemLines } from './model-of.ts';

const alb = ingressClass('alb', { parameters: 'alb' });
const kept = { ...alb, meta: { ...alb.meta, annotations: { [settingsAnnotation]: 'class' } } };
const params = ingressClassParams('alb', { scheme: 'internet-facing' });
const member = (id: string, annotations: Readonly<Record<string, string>>) =>
  ingress(id, { annotations: { 'group.name': 'g', ...annotations } });

const settings: Readonly<Record<string, string>> = {
  scheme: 'internal',
  'security-groups': 'sg-12345678',
  'wafv2-acl-arn': 'none',
  'shield-advanced-protection': 'true',
  'load-balancer-name': 'mine',
  'load-balancer-attributes': 'idle_timeout.timeout_seconds=5',
  'ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
  'ssl-redirect': '443',
  'inbound-cidrs': '10.0.0.0/8',
  'mutual-authentication': '[{"port": 443, "mode": "passthrough"}]',
  'listener-attributes.HTTP-80': 'routing.http.response.server.enabled=false',
  'albatross.dev/shards': '2',
};

for (const [key, value] of Object.entries(settings))
  test(`Ask 22.3: where the class keeps settings to itself no tenant sets ${key}, and its neighbours go on`, () => {
    const sly = member('b/sly', { [key]: value, 'group.order': '-100' });
    const model = modelOf('g', [kept, params, sly, member('shop/web', {})]);
    assert.deepEqual(
      [model.members.map(({ id }) => id), model.held.map(({ id }) => id)],
      [['shop/web'], ['b/sly']],
    );
    const told = model.problems.filter(({ code }) => code === 'SettingOfClass');
    assert.deepEqual(problemLines(told), ['error SettingOfClass b/sly']);
    assert.match(told[0]?.message ?? '', new RegExp(key.replaceAll('.', '\\.')));
    assert.equal(model.loadBalancer.scheme, 'internet-facing');
  });

test('Ask 22.3: what is the Ingress’s own stays its own, and without the annotation everything does', () => {
  const own = {
    'group.order': '5',
    'listen-ports': '[{"HTTP": 8080}]',
    tags: 'team=b',
    'healthcheck-path': '/up',
  };
  assert.equal(modelOf('g', [kept, params, member('shop/web', own)]).held.length, 0);
  assert.equal(modelOf('g', [alb, params, member('shop/web', { scheme: 'internal' })]).held.length, 0);
});
