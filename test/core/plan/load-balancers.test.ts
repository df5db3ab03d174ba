import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../src/core/domain/config.ts';
import type { DesiredLoadBalancer } from '../../../src/core/domain/desired-group.ts';
import type { ResourceId, SubnetId } from '../../../src/core/domain/ids.ts';
import { emptyObservedGroup, type ObservedLoadBalancer } from '../../../src/core/domain/observed-group.ts';
import { planContext } from '../../../src/core/plan/context.ts';
import { changeLoadBalancer } from '../../../src/core/plan/load-balancers.ts';
import { coreConfig } from '../../support/core-config.ts';
import { emptyGroup } from '../../support/arbitrary-group.ts';
import { desiredLoadBalancer, observedLoadBalancer } from '../desired/models.ts';

const wanted = desiredLoadBalancer('web', {
  ipAddressType: 'dualstack',
  subnets: ['subnet-old-a', 'subnet-old-b'] as SubnetId[],
});

function planned(change: Partial<DesiredLoadBalancer>, found: Partial<ObservedLoadBalancer>) {
  const context = planContext({
    desired: emptyGroup,
    observed: emptyObservedGroup(emptyGroup.key),
    config: coreConfig({ policy: policies.none }),
    previous: undefined,
    complete: true,
    quotas: [],
    knownIds: new Map<ResourceId, string>(),
  });
  return changeLoadBalancer({ ...wanted, ...change }, observedLoadBalancer(found), context).operations.map(
    ({ id, dependsOn }) => ({ id: id.split(' ')[0], after: dependsOn.map((other) => other.split(' ')[0]) }),
  );
}

test('an address pool goes before other changes of addresses, and comes after them', () => {
  assert.deepEqual(planned({}, { ipamPoolId: 'ipam-pool-1' }), [
    { id: 'modifyIpPools', after: [] },
    { id: 'setIpAddressType', after: ['modifyIpPools'] },
  ]);
  assert.deepEqual(planned({ ipamPoolId: 'ipam-pool-2' }, { ipamPoolId: 'ipam-pool-1' }), [
    { id: 'setIpAddressType', after: [] },
    { id: 'modifyIpPools', after: ['setIpAddressType'] },
  ]);
});

test('capacity is reserved for an active load balancer that reserves something else, and only when asked for', () => {
  const same = { ipAddressType: 'dualstack', capacityUnits: 0 } as const;
  assert.deepEqual(planned({ capacityUnits: 500 }, same), [{ id: 'modifyCapacityReservation', after: [] }]);
  assert.deepEqual(planned({ capacityUnits: 500 }, { ...same, state: 'provisioning' }), []);
  assert.deepEqual(planned({ capacityUnits: 0 }, same), []);
  assert.deepEqual(planned({}, { ...same, capacityUnits: 500 }), []);
});
