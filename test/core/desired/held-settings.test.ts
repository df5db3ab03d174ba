import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeldMember } from '../../../src/core/domain/group-model.ts';
import { withHeldSettings } from '../../../src/core/desired/held-settings.ts';
import { policies } from '../../../src/core/domain/config.ts';
import { coreConfig } from '../../support/core-config.ts';
import { loadBalancerIntent, member, model, nothingObserved, observedLoadBalancer } from './models.ts';

const config = coreConfig();
const present = observedLoadBalancer({ ipAddressType: 'dualstack', ipamPoolId: 'ipam-pool-1' });
const observed = { ...nothingObserved, loadBalancers: [present] };
const held: HeldMember = { ...member('web/other'), finalizers: ['group'], problems: [] };
const served: HeldMember = { ...held, isServed: true };
const whileHeld = (held: HeldMember, around = config) => {
  const { ipAddressType, ipamPoolId } = withHeldSettings(model({ held: [held] }), {
    observed,
    config: around,
  }).loadBalancer;
  return [ipAddressType, ipamPoolId];
};

test('Ask 2.2: addresses that nobody names are as AWS has them while a served member is held', () => {
  assert.deepEqual(whileHeld(served), ['dualstack', 'ipam-pool-1']);
  assert.deepEqual(whileHeld(held), ['ipv4', undefined]);
  assert.deepEqual(whileHeld(served, coreConfig({ policy: policies.albc })), ['ipv4', undefined]);
});

test('what a valid member names counts', () => {
  const loadBalancer = {
    ...loadBalancerIntent,
    ipAddressType: 'dualstack',
    ipamPoolId: 'ipam-pool-2',
  } as const;
  const asked = model({ held: [served], loadBalancer });
  assert.deepEqual(withHeldSettings(asked, { observed, config }).loadBalancer, loadBalancer);
});
