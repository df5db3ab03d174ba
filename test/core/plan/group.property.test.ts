// P1 to P7 and P9 of the plan of a group, against an AWS that is exactly what we remember of it. P2 is the second half of
// P1; P5 is asserted by every `applied` (a reference that does not resolve fails) and by the order of operations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DesiredGroup } from '../../../src/core/domain/desired-group.ts';
import type { TargetGroupArn } from '../../../src/core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import { forwardTargets } from '../../../src/core/plan/context.ts';
import { groupPlan } from '../../../src/core/plan/group.ts';
import { oneByOne } from '../../../src/core/plan/one-by-one.ts';
import { carriedOut } from '../../support/carried-out.ts';
import { coreConfig } from '../../support/core-config.ts';
import { desiredGroups, emptyGroup, groupModel } from '../../support/arbitrary-group.ts';
import { policies } from '../../../src/core/domain/config.ts';

const config = coreConfig();
const albc = coreConfig({ policy: policies.albc });

function plan(
  desired: DesiredGroup,
  observed: ObservedGroup,
  options: { previous?: DesiredGroup; complete?: boolean; config?: typeof config } = {},
) {
  const { previous, complete = true, config: used = config } = options;
  const whole = groupPlan({
    desired,
    observed,
    config: used,
    previous,
    complete,
    quotas: [],
    knownIds: new Map(),
  });
  return used.policy.afterRefusal === 'stop' ? oneByOne(whole) : whole;
}

const built = (desired: DesiredGroup) =>
  carriedOut(emptyObservedGroup(desired.key), plan(desired, emptyObservedGroup(desired.key)).operations);

test('P1: what was planned and done needs nothing more, from nothing and from any other state, in both policies', () => {
  fc.assert(
    fc.property(desiredGroups, desiredGroups, fc.constantFrom(config, albc), (before, after, policy) => {
      const first = carriedOut(
        emptyObservedGroup(before.key),
        plan(before, emptyObservedGroup(before.key), { config: policy }).operations,
      );
      assert.deepEqual(plan(before, first, { previous: before, config: policy }).operations, []);
      const second = carriedOut(first, plan(after, first, { previous: before, config: policy }).operations);
      assert.deepEqual(plan(after, second, { previous: after, config: policy }).operations, []);
    }),
    { numRuns: 300 },
  );
});

test('P5: every operation comes after those it depends on, and no two have one id', () => {
  fc.assert(
    fc.property(desiredGroups, desiredGroups, (before, after) => {
      const { operations } = plan(after, built(before), { previous: before });
      const seen = new Set<string>();
      for (const operation of operations) {
        assert.ok(
          operation.dependsOn.every((id) => seen.has(id)),
          operation.id,
        );
        assert.ok(!seen.has(operation.id), operation.id);
        seen.add(operation.id);
      }
    }),
  );
});

test('P3: the same input gives the same plan, byte for byte', () => {
  fc.assert(
    fc.property(desiredGroups, desiredGroups, (before, after) => {
      const observed = built(before);
      const shuffled = { ...after, targetGroups: after.targetGroups.toReversed() };
      assert.equal(
        JSON.stringify(plan(after, observed)),
        JSON.stringify(plan(structuredClone(after), structuredClone(observed))),
      );
      const ids = (desired: DesiredGroup) =>
        plan(desired, observed)
          .operations.map((operation) => operation.id)
          .toSorted();
      assert.deepEqual(ids(shuffled), ids(after));
    }),
  );
});

test('P4, trap 1: without proof nothing is deleted, revoked or deregistered', () => {
  fc.assert(
    fc.property(desiredGroups, fc.option(desiredGroups, { nil: emptyGroup }), (before, after) => {
      const { operations } = plan(after, built(before), { previous: before, complete: false });
      const gone = operations.filter((operation) =>
        /^(deleteLoadBalancer|deleteTargetGroup|deleteSecurityGroup|deleteListener|revoke)/.test(
          operation.kind,
        ),
      );
      assert.deepEqual(gone, []);
    }),
  );
});

test('P4, trap 4, trap 25: what carries other tags survives the deletion of the group, and rules of others survive every change', () => {
  fc.assert(
    fc.property(desiredGroups, desiredGroups, (before, after) => {
      const own = built(before);
      const [loadBalancer] = own.loadBalancers;
      const [listener] = loadBalancer?.listeners ?? [];
      assert.ok(loadBalancer && listener);
      const foreign = {
        arn: 'arn:foreign' as never,
        priority: 40_000,
        conditions: [],
        actions: [],
        transforms: [],
        tags: { team: 'other' },
      };
      const listeners = loadBalancer.listeners.map((each) =>
        each === listener ? { ...each, rules: [...each.rules, foreign] } : each,
      );
      const observed = { ...own, loadBalancers: [{ ...loadBalancer, listeners }] };
      const { operations } = plan(after, observed, { previous: before });
      const touched = operations.filter(
        (operation) =>
          (operation.kind === 'deleteRule' && operation.rule === foreign.arn) ||
          (operation.kind === 'modifyRule' && operation.rule === foreign.arn) ||
          (operation.kind === 'setRulePriorities' &&
            operation.priorities.some((setting) => setting.rule === foreign.arn)) ||
          (operation.kind === 'deleteListener' && operation.listener === listener.arn),
      );
      assert.deepEqual(touched, []);
    }),
  );
});

test("P4: somebody else's listener on a port of ours stays as it is, and the group is told", () => {
  fc.assert(
    fc.property(desiredGroups, desiredGroups, (before, after) => {
      const own = built(before);
      const [loadBalancer] = own.loadBalancers;
      const port = after.loadBalancer?.listeners[0]?.port;
      assert.ok(loadBalancer && port);
      const [model] = loadBalancer.listeners;
      assert.ok(model);
      const theirs = { ...model, arn: 'arn:theirs' as never, port, tags: { team: 'other' }, rules: [] };
      const listeners = [...loadBalancer.listeners.filter((listener) => listener.port !== port), theirs];
      const result = plan(
        after,
        { ...own, loadBalancers: [{ ...loadBalancer, listeners }] },
        { previous: before },
      );
      assert.ok(result.operations.every((operation) => !JSON.stringify(operation).includes('arn:theirs')));
      assert.deepEqual(
        result.problems.map(({ code }) => code),
        ['ListenerForeign'],
      );
    }),
  );
});

test('P6: after any interruption a new plan gets there all the same', () => {
  fc.assert(
    fc.property(desiredGroups, desiredGroups, fc.nat(), (before, after, cut) => {
      const observed = built(before);
      const { operations } = plan(after, observed, { previous: before });
      const half = carriedOut(observed, operations.slice(0, cut % (operations.length + 1)));
      const rest = carriedOut(half, plan(after, half).operations);
      const tagsOnly = plan(after, rest).operations;
      assert.deepEqual(tagsOnly, []);
    }),
    { numRuns: 300 },
  );
});

test('P9: no rule or listener ever forwards to a target group that is gone', () => {
  fc.assert(
    fc.property(desiredGroups, fc.option(desiredGroups, { nil: emptyGroup }), (before, after) => {
      carriedOut(
        built(before),
        plan(after, built(before), { previous: before }).operations,
        (now, operation) => {
          const present = new Set<TargetGroupArn>(now.targetGroups.map((group) => group.arn));
          const used = now.loadBalancers.flatMap((loadBalancer) =>
            loadBalancer.listeners.flatMap((listener) => [
              ...forwardTargets(listener.defaultActions),
              ...listener.rules.flatMap((rule) => forwardTargets(rule.actions)),
            ]),
          );
          assert.ok(
            used.every((arn) => present.has(arn)),
            `after ${operation.id}`,
          );
        },
      );
    }),
  );
});

test('Ask 2.2, P7: a held member keeps its rules and target groups, and its neighbour gets what it asks for', () => {
  fc.assert(
    fc.property(desiredGroups, (before) => {
      const observed = built(before);
      const isWeb = (name: string) => name === 'web';
      const withoutWeb: DesiredGroup = {
        ...before,
        model: groupModel(['web']),
        targetGroups: before.targetGroups.filter((group) => !isWeb(group.member.name)),
        loadBalancer: before.loadBalancer && {
          ...before.loadBalancer,
          listeners: before.loadBalancer.listeners.map((listener) => ({
            ...listener,
            rules: listener.rules.filter((rule) => !isWeb(rule.member.name)),
          })),
        },
      };
      assert.deepEqual(plan(withoutWeb, observed, { previous: before }).operations, []);
    }),
  );
});

test('a group whose last member is gone costs one delete per load balancer, target group and security group', () => {
  fc.assert(
    fc.property(desiredGroups, (before) => {
      const kinds = plan(emptyGroup, built(before), { previous: before }).operations.map(
        (operation) => operation.kind,
      );
      assert.deepEqual(kinds, [
        'deleteLoadBalancer',
        ...before.targetGroups.map(() => 'deleteTargetGroup'),
        'deleteSecurityGroup',
      ]);
    }),
  );
});

test('P4, trap 1: nobody there and nobody seen leaving is no proof', () => {
  fc.assert(
    fc.property(desiredGroups, (before) => {
      const nobody = { ...emptyGroup, model: groupModel([]) };
      assert.deepEqual(plan(nobody, built(before), { previous: before }).operations, []);
    }),
  );
});

test('a hand-made change is repaired by a plan that says drift, and what from what', () => {
  const [before] = fc.sample(desiredGroups, { numRuns: 1, seed: 7 });
  assert.ok(before);
  const observed = built(before);
  const edited = {
    ...observed,
    targetGroups: [],
    loadBalancers: observed.loadBalancers.map((loadBalancer) => ({
      ...loadBalancer,
      ipAddressType: 'dualstack',
    })),
  };
  const [operation] = plan(
    before,
    { ...edited, targetGroups: observed.targetGroups },
    { previous: before },
  ).operations;
  assert.equal(operation?.kind, 'setIpAddressType');
  assert.equal(operation?.because.reason, 'drift');
  assert.deepEqual(operation?.because.changes, [{ field: 'ipAddressType', from: 'dualstack', to: 'ipv4' }]);
});
