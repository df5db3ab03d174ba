import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namespacedName, type TargetGroupArn } from '../../../src/core/domain/ids.ts';
import {
  type DesiredTarget,
  type ObservedTarget,
  type TargetHealthState,
  targetKey,
} from '../../../src/core/domain/target.ts';
import { keptTargets } from '../../../src/core/targets/floor.ts';
import { targetsPlan } from '../../../src/core/targets/plan.ts';

const object = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'web', name: 'site' };

const node = (id: string): DesiredTarget => ({
  id,
  port: 30080,
  availabilityZone: undefined,
  object: { kind: 'Node', id: namespacedName('', id), uid: id },
});
const registered = (id: string, state: TargetHealthState = 'healthy'): ObservedTarget => ({
  id,
  port: 30080,
  availabilityZone: undefined,
  state,
  reason: '',
  description: '',
});

type Given = {
  readonly ready: readonly string[];
  readonly unready: readonly string[];
  readonly observed: readonly ObservedTarget[];
};

function planned({ ready, unready, observed }: Given, { percent = 50, limit = 1000 } = {}) {
  const value = ready.map(node);
  const kept = keptTargets(
    { value, unready: unready.map(node), leaving: [], problems: [] },
    { name: 'tg', object, observed, limit, config: { targetFloorPercent: percent } },
  );
  const plan = targetsPlan({
    name: 'tg',
    arn: 'arn' as TargetGroupArn,
    object,
    desired: value,
    kept,
    observed,
    complete: true,
    quotas: [],
    maxTargets: limit,
  });
  return { kept, plan };
}

const ids = (targets: readonly { readonly id: string }[]): string => targets.map(({ id }) => id).join(' ');
const all = (...names: readonly string[]) => names.map((name) => registered(name));

test('Ask 8.1, Trap 11: when most nodes stop being ready at once, half of them stay, and the plan holds their removal with the reason', () => {
  const names = ['a', 'b', 'c', 'd'];
  const { kept, plan } = planned({ ready: ['a'], unready: ['b', 'c', 'd'], observed: all(...names) });
  assert.equal(ids(kept.targets), 'b');
  assert.deepEqual(
    plan.operations.map((operation) => ('targets' in operation ? ids(operation.targets) : operation.kind)),
    ['c d'],
  );
  const [held] = plan.held;
  assert.equal(held !== undefined && 'targets' in held.operation && ids(held.operation.targets), 'b');
  assert.match(
    held?.why.message ?? '',
    /keeps 1 targets .*Node b.* only 1 of 4 are ready, .* no more than 50 %/,
  );
  assert.deepEqual(
    plan.problems.map(({ code }) => code),
    ['TargetsKept'],
  );
});

test('Trap 11: when none is ready, all that are registered stay', () => {
  const { plan } = planned({ ready: [], unready: ['a', 'b', 'new'], observed: all('a', 'b') });
  assert.deepEqual(plan.operations, []);
  assert.equal(plan.held.length, 1);
});

for (const [given, kept] of [
  [{ ready: ['a', 'b'], unready: ['c'], observed: all('a', 'b', 'c') }, ''],
  [{ ready: ['a'], unready: ['b', 'c'], observed: all('a', 'b', 'c') }, 'b'],
  [{ ready: ['new'], unready: ['b'], observed: all('b') }, ''],
  [{ ready: [], unready: ['b', 'c'], observed: all('c') }, 'c'],
  [{ ready: ['c'], unready: ['a', 'b'], observed: [registered('a', 'unhealthy'), registered('b')] }, 'b'],
  [{ ready: [], unready: ['a'], observed: [registered('a', 'draining')] }, ''],
] as const) {
  test(`of ${given.unready.join(' ')} beside ${given.ready.join(' ') || 'none'} that is ready, “${kept}” stays`, () => {
    assert.equal(ids(planned(given).kept.targets), kept);
  });
}

test('the floor gives way where the target group is full, and 0 % is no floor', () => {
  const given = { ready: ['a'], unready: ['b', 'c', 'd'], observed: all('a', 'b', 'c', 'd') };
  assert.equal(ids(planned(given).kept.targets), 'b');
  assert.equal(ids(planned(given, { limit: 1 }).kept.targets), '');
  assert.equal(ids(planned(given, { percent: 0 }).kept.targets), '');
});

test('Trap 11: whatever turns unready, and in however many steps, the share that is registered never falls below the floor', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const steps = fc.array(fc.subarray(names), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 100 }), (states, percent) => {
      let observed: readonly ObservedTarget[] = all(...names);
      for (const unready of states) {
        const ready = names.filter((name) => !unready.includes(name));
        const { plan } = planned({ ready, unready, observed }, { percent });
        for (const operation of plan.operations) {
          if (operation.kind === 'registerTargets') {
            observed = [...observed, ...operation.targets.map(({ id }) => registered(id))];
          }
          if (operation.kind === 'deregisterTargets') {
            const gone = new Set(operation.targets.map(targetKey));
            observed = observed.filter((target) => !gone.has(targetKey(target)));
          }
          assert.ok(observed.length >= Math.ceil((names.length * percent) / 100), ids(observed));
        }
      }
    }),
  );
});
