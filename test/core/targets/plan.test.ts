import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TargetGroupArn } from '../../../src/core/domain/ids.ts';
import type { Operation } from '../../../src/core/domain/operation.ts';
import {
  type DesiredTarget,
  type ObservedTarget,
  type TargetHealthState,
  targetKey,
} from '../../../src/core/domain/target.ts';
import { targetsPlan } from '../../../src/core/targets/plan.ts';
import { ref } from '../desired/models.ts';

type Input = Parameters<typeof targetsPlan>[0];

const wanted = (id: string): DesiredTarget => ({
  id,
  port: 80,
  availabilityZone: undefined,
  object: { kind: 'Pod', id: `web/${id}` as DesiredTarget['object']['id'], uid: 'u' },
});
const present = (id: string, state: TargetHealthState = 'healthy'): ObservedTarget => ({
  id,
  port: 80,
  availabilityZone: undefined,
  state,
  reason: '',
  description: '',
});

function plan(
  desired: readonly DesiredTarget[],
  observed: readonly ObservedTarget[],
  words: Partial<Input> = {},
) {
  return targetsPlan({
    name: 'k8s-web-front-1',
    arn: 'arn:tg' as TargetGroupArn,
    object: ref('web/site'),
    desired,
    observed,
    complete: true,
    quotas: [],
    maxTargets: 0,
    ...words,
  });
}

const steps = ({ operations }: { readonly operations: readonly Operation[] }): readonly string[] =>
  operations.map((operation) => {
    assert.ok(operation.kind === 'registerTargets' || operation.kind === 'deregisterTargets');
    return `${operation.kind === 'registerTargets' ? '+' : '-'} ${operation.targets.map(({ id }) => id).join(' ')}`;
  });

test('Ask 3.1: a replaced pod is registered first, and the old one deregistered after that succeeded', () => {
  const { operations } = plan([wanted('b'), wanted('c')], [present('a'), present('b')]);
  assert.deepEqual(steps({ operations }), ['+ c', '- a']);
  assert.deepEqual(operations[1]?.dependsOn, [operations[0]?.id]);
  assert.match(operations[0]?.because.text ?? '', /^Pod web\/c ready$/);
});

test('a draining target is registered again when it is wanted and left alone when not', () => {
  const observed = [present('a', 'draining'), present('b', 'unhealthy.draining')];
  assert.deepEqual(steps(plan([wanted('a')], observed)), ['+ a']);
});

test('a target that still drains keeps neither the others out nor the old ones in', () => {
  const { operations } = plan([wanted('a'), wanted('b')], [present('a', 'draining'), present('old')]);
  assert.deepEqual(steps({ operations }), ['+ b', '+ a', '- old']);
  assert.deepEqual(operations[2]?.dependsOn, [operations[0]?.id]);
  assert.notEqual(operations[0]?.id, operations[1]?.id);
});

test('Ask 16.3: calls carry at most 200 targets', () => {
  const { operations } = plan(
    Array.from({ length: 401 }, (_, index) => wanted(`p${index}`)),
    [],
  );
  assert.deepEqual(
    operations.map((operation) => operation.kind === 'registerTargets' && operation.targets.length),
    [200, 200, 1],
  );
  assert.equal(new Set(operations.map(({ id }) => id)).size, 3);
});

test('without any ready target the Ingress is told, and the old ones go', () => {
  const result = plan([], [present('a')]);
  assert.deepEqual(steps(result), ['- a']);
  assert.deepEqual(
    result.problems.map(({ code, severity, object }) => [code, severity, object.name]),
    [['NothingReady', 'warning', 'site']],
  );
});

test('at the quota just what is in the way goes before, the targets that do not serve first', () => {
  const observed = [present('a'), present('b', 'unhealthy'), present('c')];
  const result = plan([wanted('c'), wanted('d')], observed, { maxTargets: 3 });
  assert.deepEqual(steps(result), ['- b', '+ d', '- a']);
  assert.deepEqual(result.operations[1]?.dependsOn, [result.operations[0]?.id]);
});

test('TGB-15: what does not fit is left out with a warning, and nobody who is registered makes room for another', () => {
  const all = ['a', 'b', 'c', 'd', 'e'].map(wanted);
  const result = plan(all, [present('e'), present('d')], { maxTargets: 3 });
  const [step] = steps(result);
  assert.match(step ?? '', /^\+ [abc]$/);
  assert.match(
    result.problems[0]?.message ?? '',
    /should have 5 targets and may have 3 \(--max-targets-per-target-group\); 2 are left out/,
  );
  const quota = plan(all, [], { quotas: [{ name: 'targets-per-target-group', limit: 4, source: 'api' }] });
  assert.match(
    quota.problems[0]?.message ?? '',
    /may have 4 \(quota targets-per-target-group, L-A0D0B863, adjustable\)/,
  );
});

// The target group as AWS would have it after some operations; what is deregistered drains.
function applied(
  observed: readonly ObservedTarget[],
  operations: readonly Operation[],
): readonly ObservedTarget[] {
  const state = new Map(observed.map((target) => [target.id, target]));
  for (const operation of operations) {
    if (operation.kind === 'registerTargets')
      for (const { id } of operation.targets) state.set(id, present(id, 'initial'));
    if (operation.kind === 'deregisterTargets')
      for (const { id } of operation.targets) state.set(id, present(id, 'draining'));
  }
  return [...state.values()];
}

const id = fc.integer({ min: 0, max: 12 }).map((number) => `p${number}`);
const states: readonly TargetHealthState[] = ['healthy', 'unhealthy', 'initial', 'draining', 'unused'];
const observedTargets = fc
  .uniqueArray(fc.tuple(id, fc.constantFrom(...states)), { selector: ([name]) => name })
  .map((list) => list.map(([name, state]) => present(name, state)));
const desiredSet = fc.uniqueArray(id).map((list) => list.map(wanted));

test('whatever the sets are, a plan applied leaves nothing to do and never breaks the limit on the way', () => {
  fc.assert(
    fc.property(
      desiredSet,
      observedTargets,
      fc.integer({ min: 0, max: 20 }),
      (desired, observed, maxTargets) => {
        const { operations } = plan(desired, observed, { maxTargets });
        assert.deepEqual(plan(desired, applied(observed, operations), { maxTargets }).operations, []);
        const count = (list: readonly ObservedTarget[]) =>
          list.filter(({ state }) => state !== 'draining').length;
        const start = count(observed);
        for (const [index] of operations.entries()) {
          const now = count(applied(observed, operations.slice(0, index + 1)));
          assert.ok(maxTargets === 0 || now <= Math.max(maxTargets, start));
        }
      },
    ),
  );
});

test('Trap 11: at the quota, too, not everything goes at once: a target group is never empty on the way to other targets', () => {
  const all = [present('a'), present('b', 'unhealthy'), present('c')];
  assert.deepEqual(steps(plan(['x', 'y', 'z'].map(wanted), all, { maxTargets: 3 })), [
    '- b a',
    '+ x y',
    '- c',
    '+ z',
  ]);
  fc.assert(
    fc.property(
      desiredSet.filter(({ length }) => length > 0),
      observedTargets,
      fc.integer({ min: 2, max: 8 }),
      (desired, observed, maxTargets) => {
        const { operations } = plan(desired, observed, { maxTargets });
        const registered = (done: number): number =>
          applied(observed, operations.slice(0, done)).filter(({ state }) => state !== 'draining').length;
        if (registered(0) < 2) return;
        for (const [index] of operations.entries()) assert.notEqual(registered(index + 1), 0);
      },
    ),
  );
});

test('Trap 11: what is wanted is never deregistered, and without proof nothing is', () => {
  fc.assert(
    fc.property(
      desiredSet,
      observedTargets,
      fc.integer({ min: 0, max: 8 }),
      (desired, observed, maxTargets) => {
        const gone = plan(desired, observed, { maxTargets }).operations.filter(
          ({ kind }) => kind === 'deregisterTargets',
        );
        const names = gone.flatMap((operation) =>
          'targets' in operation ? operation.targets.map((each) => each.id) : [],
        );
        assert.ok(names.every((name) => !desired.some((target) => target.id === name)));
        const doubtful = plan(desired, observed, { maxTargets, complete: false });
        assert.ok(doubtful.operations.every(({ kind }) => kind === 'registerTargets'));
      },
    ),
  );
});

test('Trap 10: targets are registered before others go, except for just as many as are in the way at the quota', () => {
  fc.assert(
    fc.property(
      desiredSet,
      observedTargets,
      fc.integer({ min: 1, max: 20 }),
      (desired, observed, maxTargets) => {
        const { operations } = plan(desired, observed, { maxTargets });
        const registers = operations.map(({ kind }) => kind).lastIndexOf('registerTargets');
        const early = operations
          .slice(0, Math.max(0, registers))
          .flatMap((operation) => (operation.kind === 'deregisterTargets' ? operation.targets : []));
        const come = operations.flatMap((operation) =>
          operation.kind === 'registerTargets' ? operation.targets : [],
        );
        const present = observed.filter(({ state }) => state !== 'draining').length;
        assert.equal(early.length, come.length === 0 ? 0 : Math.max(0, present + come.length - maxTargets));
      },
    ),
  );
});

test('Trap 12: where clusters share a target group only targets of our own go', () => {
  fc.assert(
    fc.property(desiredSet, observedTargets, fc.uniqueArray(id), (desired, observed, own) => {
      const ours = new Set(own.map((name) => targetKey(wanted(name))));
      const gone = plan(desired, observed, { own: ours }).operations.flatMap((operation) =>
        operation.kind === 'deregisterTargets' ? operation.targets : [],
      );
      assert.ok(gone.every((target) => ours.has(targetKey(target))));
    }),
  );
});

test('Trap 24: which targets are left out is told, is decided by no order of a list, and takes nobody out who is in', () => {
  fc.assert(
    fc.property(
      desiredSet,
      observedTargets,
      fc.integer({ min: 1, max: 8 }),
      (desired, observed, maxTargets) => {
        const one = plan(desired, observed, { maxTargets });
        assert.deepEqual(
          applied(observed, plan(desired.toReversed(), observed, { maxTargets }).operations)
            .map((target) => `${target.id} ${target.state}`)
            .toSorted(),
          applied(observed, one.operations)
            .map((target) => `${target.id} ${target.state}`)
            .toSorted(),
        );
        const isTold = one.problems.some(({ code }) => code === 'QuotaExceeded');
        assert.equal(isTold, desired.length > maxTargets);
        const wantedIds = new Set(desired.map((target) => target.id));
        const stay = observed.filter(({ id: name, state }) => wantedIds.has(name) && state !== 'draining');
        const after = new Map(applied(observed, one.operations).map((target) => [target.id, target.state]));
        assert.ok(stay.every((target) => after.get(target.id) !== 'draining'));
      },
    ),
  );
});

test('Trap 24: over many pods every place in the list has its share', () => {
  const many = Array.from({ length: 400 }, (_none, index) => wanted(`p${String(index).padStart(3, '0')}`));
  const [operation] = plan(many, [], { maxTargets: 200 }).operations;
  const taken = operation?.kind === 'registerTargets' ? operation.targets : [];
  const early = taken.filter((target) => Number(target.id.slice(1)) < 200).length;
  assert.equal(taken.length, 200);
  assert.ok(early > 70 && early < 130, `${early} of the first half`);
});
