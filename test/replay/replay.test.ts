import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { casesIn } from './cases.ts';
import { differences } from './compare.ts';
import { replay } from './replay.ts';
import { differenceLine } from './report.ts';
import type { CaseResult } from './run-case.ts';

const cases = casesIn([join(import.meta.dirname, '..', 'recordings')]);

test('a replay compares lists by what the recordings say about their order', () => {
  assert.deepEqual(differences([{ a: 1 }, { b: 2 }], [{ b: 2 }, { a: 1 }], '01-apply.yaml events'), []);
  assert.equal(differences([1, 2], [2, 1], 'rules').length, 2);
});

let results: readonly Promise<CaseResult>[] | undefined;

for (const [index, { name }] of cases.entries()) {
  test(`${name} replays as ALBC did it`, async () => {
    // Started with the first of these tests, so that other files in the process do not compete with it.
    results ??= replay(cases, { takesOver: true });
    const result = await results[index];
    assert.ok(result);
    assert.deepEqual(result.differences.map(differenceLine), [], `${name} differs from its recording`);
  });
}

/** `severalWebAcls`: the recordings' account kept several for one load balancer. Others: why, as docs/compatibility.md has it. */
const takenOver = z
  .strictObject({ severalWebAcls: z.array(z.string()), withoutPreset: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'taken-over.json'), 'utf8')));

/** Nobody's traffic can miss a rule that never answers or a target group that nothing forwards to; these are others. */
const losses = ['DeleteLoadBalancer', 'DeleteListener', 'DeleteSecurityGroup'];

test('NAM-04, NAM-05, trap 27: what ALBC leaves is taken over without a write, and without the preset with those that are listed', async () => {
  results ??= replay(cases, { takesOver: true });
  const all = (await Promise.all(results)).filter(
    ({ name, takenOver: found }) => found !== undefined && !takenOver.severalWebAcls.includes(name),
  );
  assert.ok(all.length > 150, `${all.length} cases were taken over`);
  const wrote = (of: 'withPreset' | 'withoutPreset'): readonly string[] =>
    all.filter(({ takenOver: found }) => found?.[of].length !== 0).map(({ name }) => name);
  assert.deepEqual(wrote('withPreset'), []);
  assert.deepEqual(wrote('withoutPreset').toSorted(), Object.keys(takenOver.withoutPreset).toSorted());
  const lost = all.filter(({ takenOver: found }) =>
    found?.withoutPreset.some((each) => losses.includes(each)),
  );
  assert.deepEqual(lost, []);
  const rows = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md'), 'utf8');
  for (const subject of Object.values(takenOver.withoutPreset))
    assert.ok(rows.includes(`\n| ${subject} |`), subject);
});
