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

test('flags switch all of them off', () => {
  const config = coreConfig({ enableWaf: false, enableWafv2: false, enableShield: false });
  const asking = member('a', {
    'wafv2-acl-arn': 'arn:1',
    'waf-acl-id': 'acl-1',
    'shield-advanced-protection': 'true',
  });
  const { webAcl, classicWebAclId, shieldProtection } = modelOf('g', [asking], config).loadBalancer;
  assert.deepEqual([webAcl, classicWebAclId, shieldProtection], [undefined, undefined, undefined]);
});

test('ANN-62, ANN-63: a web ACL of WAF Classic, by its new name or its old one', () => {
  const table: readonly (readonly [Record<string, string>, string | undefined])[] = [
    [{ 'waf-acl-id': 'acl-1' }, 'acl-1'],
    [{ 'web-acl-id': 'acl-2' }, 'acl-2'],
    [{ 'waf-acl-id': 'acl-1', 'web-acl-id': 'acl-2' }, 'acl-1'],
    [{ 'waf-acl-id': 'none', 'web-acl-id': 'acl-2' }, ''],
    [{ 'web-acl-id': 'none' }, ''],
    [{ 'waf-acl-id': '' }, undefined],
    // The old name counts only where the new one is absent, not where it is empty.
    [{ 'waf-acl-id': '', 'web-acl-id': 'acl-2' }, undefined],
    [{}, undefined],
  ];
  for (const [annotations, expected] of table) {
    const { loadBalancer, held } = modelOf('g', [member('a', annotations)]);
    assert.deepEqual(held, []);
    assert.equal(loadBalancer.classicWebAclId, expected, JSON.stringify(annotations));
  }
});

test('ANN-62: one member decides for the group, and one that says otherwise is held', () => {
  const silent = modelOf('g', [member('a', {}), member('b', { 'waf-acl-id': 'acl-1' })]);
  assert.equal(silent.loadBalancer.classicWebAclId, 'acl-1');
  const { held, loadBalancer } = modelOf('g', [
    member('a', { 'waf-acl-id': 'acl-1' }),
    member('b', { 'web-acl-id': 'none' }),
  ]);
  assert.equal(loadBalancer.classicWebAclId, 'acl-1');
  assert.deepEqual(
    held.flatMap(({ problems }) => problems.map(({ albcMessage }) => albcMessage)),
    ['conflicting WAFClassic WebACL IDs: [acl-1 none]'],
  );
});

test('ADD-02: web ACLs of both kinds can be asked for side by side', () => {
  const asking = member('a', { 'wafv2-acl-arn': 'arn:1', 'waf-acl-id': 'acl-1' });
  const { webAcl, classicWebAclId } = modelOf('g', [asking]).loadBalancer;
  assert.deepEqual([webAcl, classicWebAclId], [{ kind: 'arn', arn: 'arn:1' }, 'acl-1']);
});
