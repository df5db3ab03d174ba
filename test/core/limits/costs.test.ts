import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredGroup } from '../../../src/core/domain/desired-group.ts';
import { paidByTheHour } from '../../../src/core/limits/costs.ts';

const balancer = (more: object = {}) => ({
  scheme: 'internet-facing',
  ipAddressType: 'ipv4',
  subnets: ['a', 'b', 'c'],
  capacityUnits: undefined,
  ...more,
});
const group = (loadBalancer: object | undefined, frontend?: object): DesiredGroup =>
  ({
    key: 'shop',
    loadBalancer,
    ...(frontend === undefined ? {} : { frontendNlb: { loadBalancer: frontend, listeners: [] } }),
  }) as unknown as DesiredGroup;

test('Ask 26.2: what a group costs by the hour is a line: load balancers, public addresses, reserved capacity', () => {
  assert.equal(paidByTheHour(group(undefined)), undefined);
  assert.equal(
    paidByTheHour(group(balancer())),
    'Group shop: 1 application load balancer, 3 public IPv4 addresses',
  );
  assert.equal(
    paidByTheHour(group(balancer({ scheme: 'internal', capacityUnits: 200 }), balancer())),
    'Group shop: 1 application load balancer, 1 network load balancer, 3 public IPv4 addresses, 200 reserved capacity units',
  );
  assert.equal(
    paidByTheHour(group(balancer({ ipAddressType: 'dualstack-without-public-ipv4' }))),
    'Group shop: 1 application load balancer',
  );
});
