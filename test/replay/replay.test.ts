import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { casesIn } from './cases.ts';
import { differences } from './compare.ts';
import { knownDifferences } from './not-yet.ts';
import { replay } from './replay.ts';
import { differenceLine } from './report.ts';
import type { CaseResult } from './run-case.ts';

const cases = casesIn([join(import.meta.dirname, '..', 'recordings')]);
const known = knownDifferences();
const reasons = new Map(Object.entries(known.notYet));

test('a replay compares lists by what the recordings say about their order', () => {
  assert.deepEqual(differences([{ a: 1 }, { b: 2 }], [{ b: 2 }, { a: 1 }], '01-apply.yaml events'), []);
  assert.equal(differences([1, 2], [2, 1], 'rules').length, 2);
});

test('the list of differing cases names cases that exist', () => {
  const names = new Set(cases.map(({ name }) => name));
  assert.deepEqual(
    [...reasons.keys()].filter((name) => !names.has(name)),
    [],
  );
});

let results: readonly Promise<CaseResult>[] | undefined;

for (const [index, { name }] of cases.entries()) {
  test(`${name} replays as ALBC did it${reasons.has(name) ? ', but for what the list says' : ''}`, async () => {
    // Started with the first of these tests, so that other files in the process do not compete with it.
    results ??= replay(cases);
    const result = await results[index];
    assert.ok(result);
    const lines = result.differences.map(differenceLine);
    if (!reasons.has(name)) assert.deepEqual(lines, [], `${name} differs from its recording`);
    else assert.notDeepEqual(lines, [], `${name} is equal: remove it from test/replay/not-yet.json`);
  });
}

test('the count of equal cases', (context) => {
  context.diagnostic(`${cases.length - reasons.size} equal, ${reasons.size} not yet`);
});
