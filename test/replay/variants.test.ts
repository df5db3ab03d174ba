// Cases like the recordings that nobody has recorded: what ALBC does by its order of deployment (albc-internals §A.1) where
// something is refused or cannot be found, and what it does for pods and settings that the recordings leave out.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { casesIn } from './cases.ts';
import { replay } from './replay.ts';
import { differenceLine } from './report.ts';
import type { CaseResult } from './run-case.ts';

const cases = casesIn([join(import.meta.dirname, 'variants')]);
let results: readonly Promise<CaseResult>[] | undefined;

for (const [index, { name, point }] of cases.entries()) {
  test(`${name}: ${point}`, async () => {
    results ??= replay(cases);
    const result = await results[index];
    assert.deepEqual(result?.differences.map(differenceLine), []);
  });
}
