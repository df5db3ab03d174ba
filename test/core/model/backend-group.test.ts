import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../src/core/domain/config.ts';
import { ingress } from '../../support/builders.ts';
import { albcClass, modelOf } from './model-of.ts';

const anyway = (annotations: Readonly<Record<string, string>>, policy = policies.albc): boolean =>
  modelOf('shop/web', [albcClass, ingress('shop/web', { annotations })], { policy }).backendGroupAnyway ===
  true;

test('a group that fails at its rules has made the shared backend security group, as ALBC has it', () => {
  assert.equal(anyway({ 'healthcheck-interval-seconds': 'soon' }), true);
  assert.equal(anyway({ scheme: 'outside' }), false);
  assert.equal(anyway({}), false);
});

test('given security groups need no shared one, unless rules are managed', () => {
  const broken = { 'healthcheck-interval-seconds': 'soon', 'security-groups': 'sg-1' };
  assert.equal(anyway(broken), false);
  assert.equal(anyway({ ...broken, 'manage-backend-security-group-rules': 'true' }), true);
});

test('without compatibility nothing is made for a group that fails', () => {
  assert.equal(anyway({ 'healthcheck-interval-seconds': 'soon' }, policies.none), false);
});
