// P8: whatever AWS answers for a while, once it behaves again the whole loop gets to the planned state, leaves nothing
// behind, and then rests.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Fault } from '../../src/simulator/aws/faults.ts';
import type { AwsState } from '../../src/simulator/aws/state.ts';
import { withController } from '../support/local-controller.ts';

const manifests = readFileSync(
  join(import.meta.dirname, '..', '..', 'examples', '4-group', 'ingresses.yaml'),
  'utf8',
);

const operations = [
  'CreateLoadBalancer',
  'CreateListener',
  'CreateRule',
  'CreateTargetGroup',
  'RegisterTargets',
  'CreateSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  'DescribeSubnets',
  'DescribeLoadBalancers',
  'DescribeSecurityGroups',
] as const;

const actions: readonly Fault['action'][] = [
  { kind: 'fail', status: 500, code: 'InternalFailure', message: 'simulated' },
  { kind: 'fail', status: 503, code: 'ServiceUnavailable', message: 'simulated' },
  { kind: 'throttle' },
  { kind: 'loseAnswer' },
];

const faults = fc.array(
  fc.record({
    operation: fc.constantFrom(...operations),
    nth: fc.integer({ min: 1, max: 3 }),
    action: fc.constantFrom(...actions),
  }),
  { minLength: 1, maxLength: 5 },
);

/** What matters of the account, without ids: names, rules and targets. */
function shape(state: AwsState): unknown {
  const names = new Map([...state.targetGroups.values()].map((group) => [group.arn, group.name]));
  return {
    loadBalancers: [...state.loadBalancers.values()].map(({ name }) => name).toSorted(),
    listeners: [...state.listeners.values()].map(({ port }) => port).toSorted((a, b) => a - b),
    rules: [...state.rules.values()]
      .map(({ priority, conditions, actions: ofRule }) =>
        JSON.stringify([
          priority,
          conditions,
          ofRule.map((action) =>
            action.ForwardConfig?.TargetGroups?.map(({ TargetGroupArn = '' }) => names.get(TargetGroupArn)),
          ),
        ]),
      )
      .toSorted(),
    targetGroups: [...state.targetGroups.values()]
      .map(({ name, targets }) => `${name} ${[...targets.keys()].toSorted().join(' ')}`)
      .toSorted(),
    securityGroups: [...state.securityGroups.values()]
      .map(({ name, rules }) => `${name} ${rules.size}`)
      .toSorted(),
  };
}

async function outcome(
  given: readonly Fault[],
): Promise<{ readonly shape: unknown; readonly again: number; readonly left: unknown }> {
  let result: { readonly shape: unknown; readonly again: number; readonly left: unknown } | undefined;
  await withController({}, async ({ world, apply, remove, controller }) => {
    for (const fault of given) world.aws.faults.add(fault);
    await apply(manifests);
    // Back-offs and slow retries included.
    await controller.rest(120_000);
    const mark = world.aws.trace.mark;
    world.kube.store.apply([
      {
        ...world.kube.store.get({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          namespace: 'team-b',
          name: 'api',
        }),
      },
    ]);
    await controller.rest();
    const again = world.aws.trace.entries(mark).length;
    const built = shape(world.aws.state);
    await remove(manifests);
    await controller.rest(120_000);
    result = { shape: built, again, left: shape(world.aws.state) };
  });
  assert.ok(result);
  return result;
}

test('P8: with any few calls refused, throttled or unanswered, the group is built, rests, and goes again without a trace', async () => {
  const wanted = await outcome([]);
  assert.equal(wanted.again, 0);
  await fc.assert(
    fc.asyncProperty(faults, async (given) => {
      const { shape: built, again, left } = await outcome(given);
      assert.deepEqual(built, wanted.shape);
      assert.deepEqual(left, wanted.left);
      assert.equal(again, 0);
    }),
    { numRuns: 6, endOnFailure: true },
  );
});
