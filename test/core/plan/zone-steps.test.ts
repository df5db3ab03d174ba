import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SubnetId } from '../../../src/core/domain/ids.ts';
import { type Zoned, zoneSteps } from '../../../src/core/plan/zone-steps.ts';

/** `a1`: subnet 1 of zone a. */
const zoned = (text: string): readonly Zoned[] =>
  text.split(' ').map((id) => ({ id: id as SubnetId, zone: id.slice(0, 1) }));

for (const [found, wanted, steps] of [
  ['a1 b1', 'a1 b1 c1', ['a1 b1 c1']],
  ['a1 b1', 'a1', ['a1']],
  ['a1', 'b1', ['a1 b1', 'b1']],
  ['a1 b1', 'a2 b1', ['b1', 'a2 b1']],
  ['a1 b1', 'a2 b1 c1', ['b1 c1', 'a2 b1 c1']],
  ['a1', 'a2 b1', ['a1 b1', 'b1', 'a2 b1']],
  ['a1 b1', 'a2 b2', ['a1', 'a1 b2', 'b2', 'a2 b2']],
  ['a1 b1', 'a2', ['b1', 'b1 a2', 'a2']],
  ['a1', 'a2', undefined],
] as const) {
  test(`ANN-67: from ${found} to ${wanted}: ${steps?.join(', then ') ?? 'no way'}`, () => {
    assert.deepEqual(
      zoneSteps(zoned(found), zoned(wanted))?.map((step) => step.join(' ')),
      steps,
    );
  });
}

test('ANN-67: whatever changes, AWS takes each step, what stays is in all of them, and the last is what is wanted', () => {
  const zones = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { minKeys: 1 });
  const all = (picked: Readonly<Record<string, string>>) =>
    zoned(
      Object.entries(picked)
        .map((pair) => pair.join(''))
        .join(' '),
    );
  fc.assert(
    fc.property(zones, zones, (before, after) => {
      const [found, wanted] = [all(before), all(after)];
      const steps = zoneSteps(found, wanted);
      if (steps === undefined) return found.length === 1 && wanted.length === 1;
      let now: readonly string[] = found.map(({ id }) => id);
      const stay = wanted.map(({ id }) => id as string).filter((id) => now.includes(id));
      for (const step of steps) {
        const isTaken = step.every(
          (id) => now.includes(id) || !now.some((one) => one.slice(0, 1) === id.slice(0, 1)),
        );
        const goesOn = step.some((id) => now.includes(id));
        if (!goesOn || !isTaken || !stay.every((id) => step.includes(id as SubnetId))) return false;
        now = step;
      }
      return (
        now.toSorted().join() ===
        wanted
          .map(({ id }) => id)
          .toSorted()
          .join()
      );
    }),
  );
});
