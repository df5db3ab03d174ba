import assert from 'node:assert/strict';
import type { LocalController } from '../support/local-controller.ts';

/** Asserts that AWS holds nothing that the controller made, and no rule of it on the nodes' security group. */
export function assertNothingLeft({ world }: LocalController): void {
  const { loadBalancers, listeners, rules, targetGroups, securityGroups } = world.aws.state;
  assert.deepEqual(
    [loadBalancers, listeners, rules, targetGroups].map(({ size }) => size),
    [0, 0, 0, 0],
  );
  const own = [...securityGroups.values()].filter(({ name }) => name.startsWith('k8s-'));
  assert.deepEqual(
    own.map(({ name }) => name),
    [],
  );
  const nodes = securityGroups.get(world.id('sg/nodes'));
  assert.deepEqual(
    [...(nodes?.rules.values() ?? [])].filter(({ egress }) => !egress),
    [],
  );
}
