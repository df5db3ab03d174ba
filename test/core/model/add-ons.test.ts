import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../src/core/domain/config.ts';
import { ingress } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { modelOf } from './model-of.ts';

const group = { 'group.name': 'g' };
const member = (name: string, annotations: Record<string, string>) =>
  ingress(`shop/${name}`, { annotations: { ...group, ...annotations } });

test('one name of a web ACL makes the ARNs of all members count for nothing', () => {
  const { loadBalancer, held } = modelOf('g', [
    member('a', { 'wafv2-acl-arn': 'arn:1' }),
    member('b', { 'wafv2-acl-arn': 'arn:2' }),
    member('c', { 'wafv2-acl-name': 'acl' }),
  ]);
  assert.deepEqual(held, []);
  assert.equal(loadBalancer.webAcl?.kind === 'name' && loadBalancer.webAcl.name, 'acl');
});

test('members that name different web ACLs, or disagree on the protection, cannot both be served', () => {
  const { held } = modelOf('g', [
    member('a', { 'wafv2-acl-arn': 'arn:2', 'shield-advanced-protection': 'true' }),
    member('b', { 'wafv2-acl-arn': 'arn:1' }),
    member('c', { 'shield-advanced-protection': 'false' }),
  ]);
  assert.deepEqual(
    held.flatMap(({ problems }) => problems.map(({ albcMessage }) => albcMessage)),
    ['conflicting WAFv2 WebACL ARNs: [arn:1 arn:2]', 'conflicting enable shield advanced protection'],
  );
});

test('none takes the web ACL away; an empty ARN says nothing, except to ALBC', () => {
  const webAcl = (arn: string, policy = policies.none) =>
    modelOf('g', [member('a', { 'wafv2-acl-arn': arn })], coreConfig({ policy })).loadBalancer.webAcl;
  assert.deepEqual(webAcl('none'), { kind: 'none' });
  assert.equal(webAcl(''), undefined);
  assert.deepEqual(webAcl('', { ...policies.albc, controllers: policies.none.controllers }), {
    kind: 'none',
  });
});

test('flags switch both off', () => {
  const config = coreConfig({ enableWafv2: false, enableShield: false });
  const asking = member('a', { 'wafv2-acl-arn': 'arn:1', 'shield-advanced-protection': 'true' });
  const { webAcl, shieldProtection } = modelOf('g', [asking], config).loadBalancer;
  assert.deepEqual([webAcl, shieldProtection], [undefined, undefined]);
});
