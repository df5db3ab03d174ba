import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { casesIn } from './cases.ts';
import { replay } from './replay.ts';
import { differenceLine } from './report.ts';
import type { CaseResult } from './run-case.ts';
import { notSorted, subjectsOf } from './subjects.ts';

const root = join(import.meta.dirname, '..', '..');
const cases = casesIn([join(root, 'test', 'recordings')]);
const rows = readFileSync(join(root, 'docs', 'compatibility.md'), 'utf8');

let results: readonly Promise<CaseResult>[] | undefined;

for (const [index, { name }] of cases.entries()) {
  test(`${name} without the preset differs only by rows of docs/compatibility.md`, async () => {
    results ??= replay(cases, { preset: 'none' });
    const result = await results[index];
    assert.ok(result);
    const subjects = subjectsOf(result);
    assert.deepEqual(
      result.differences.filter((_difference, at) => subjects[at] === notSorted).map(differenceLine),
      [],
    );
    for (const subject of new Set(subjects))
      assert.ok(rows.includes(`\n| ${subject} |`), `docs/compatibility.md has no row "${subject}"`);
  });
}

test('without the preset some recordings do differ', async () => {
  const all = await Promise.all(results ?? []);
  assert.ok(all.some(({ differences }) => differences.length > 0));
});
