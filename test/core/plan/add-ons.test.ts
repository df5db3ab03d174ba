import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredLoadBalancer } from '../../../src/core/domain/desired-group.ts';
import type { OperationId } from '../../../src/core/domain/ids.ts';
import { noClassicWaf, type ObservedLoadBalancer } from '../../../src/core/domain/observed-group.ts';
import { changeAddOns, createAddOns } from '../../../src/core/plan/add-ons.ts';
import { desiredLoadBalancer, observedLoadBalancer } from '../desired/models.ts';

const wanted = desiredLoadBalancer('web');

const changes = (wish: Partial<DesiredLoadBalancer>, found: Partial<ObservedLoadBalancer>) =>
  changeAddOns({ ...wanted, ...wish }, observedLoadBalancer(found), undefined).map(({ kind }) => kind);

test('Ask 5.4, Trap 14: a web ACL replaces another one, none takes it away, and without a wish all stays', () => {
  assert.deepEqual(changes({ webAclArn: 'arn:1' }, { webAclArn: 'arn:theirs' }), ['associateWebAcl']);
  assert.deepEqual(changes({ webAclArn: 'arn:1' }, { webAclArn: 'arn:1' }), []);
  assert.deepEqual(changes({ webAclArn: '' }, { webAclArn: 'arn:1' }), ['disassociateWebAcl']);
  assert.deepEqual(changes({ webAclArn: '' }, { webAclArn: '' }), []);
  assert.deepEqual(changes({}, { webAclArn: 'arn:theirs' }), []);
});

test('ADD-02: a web ACL of WAF Classic replaces another one, none takes it away, and without a wish all stays', () => {
  const classic = (wish: string | undefined, found: string | undefined) =>
    changes({ classicWebAclId: wish }, { classicWebAclId: found });
  assert.deepEqual(classic('acl-1', 'theirs'), ['associateClassicWebAcl']);
  assert.deepEqual(classic('acl-1', 'acl-1'), []);
  assert.deepEqual(classic('', 'acl-1'), ['disassociateClassicWebAcl']);
  assert.deepEqual(classic('', ''), []);
  assert.deepEqual(classic(undefined, 'theirs'), []);
  assert.deepEqual(classic('acl-1', noClassicWaf), [], 'the region has no WAF Classic');
  assert.deepEqual(classic('', noClassicWaf), []);
});

test('only protections with a managed name are taken away, and one is enough', () => {
  const ours = { id: '1', name: 'managed by aws-load-balancer-controller' };
  const old = { id: '1', name: 'managed by aws-alb-ingress-controller' };
  const theirs = { id: '1', name: 'by hand' };
  const off = { shieldProtection: false };
  assert.deepEqual(changes(off, { shieldProtection: ours }), ['deleteShieldProtection']);
  assert.deepEqual(changes(off, { shieldProtection: old }), ['deleteShieldProtection']);
  assert.deepEqual(changes(off, { shieldProtection: theirs }), []);
  assert.deepEqual(changes({ shieldProtection: true }, { shieldProtection: theirs }), []);
  assert.deepEqual(changes({ shieldProtection: true }, { shieldProtection: 'none' }), [
    'createShieldProtection',
  ]);
  assert.deepEqual(changes({}, { shieldProtection: ours }), []);
});

test('a new load balancer gets them once it is there', () => {
  const after = 'createLoadBalancer load-balancer/web' as OperationId;
  const arn = { ref: wanted.id, attribute: 'arn' } as const;
  const planned = createAddOns(
    { ...wanted, webAclArn: 'arn:1', classicWebAclId: 'acl-1', shieldProtection: true },
    { arn, after },
  );
  assert.deepEqual(
    planned.map(({ kind, dependsOn }) => [kind, dependsOn]),
    [
      ['associateWebAcl', [after]],
      ['associateClassicWebAcl', [after]],
      ['createShieldProtection', [after]],
    ],
  );
  assert.deepEqual(
    createAddOns({ ...wanted, webAclArn: '', classicWebAclId: '', shieldProtection: false }, { arn, after }),
    [],
  );
});
