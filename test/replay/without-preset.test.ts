import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { casesIn } from './cases.ts';
import { replay } from './replay.ts';
import { notSorted, subjectsOf } from './subjects.ts';

const root = join(import.meta.dirname, '..', '..');

test('without the preset the recordings differ only by rows of docs/compatibility.md', async () => {
  const rows = readFileSync(join(root, 'docs', 'compatibility.md'), 'utf8');
  const results = await Promise.all(replay(casesIn([join(root, 'test', 'recordings')]), { preset: 'none' }));
  const found = results.flatMap((result) =>
    subjectsOf(result).map((subject) => ({ subject, name: result.name })),
  );
  assert.ok(found.length > 0);
  assert.deepEqual(
    found.filter(({ subject }) => subject === notSorted).map(({ name }) => name),
    [],
  );
  for (const subject of new Set(found.map((each) => each.subject)))
    assert.ok(rows.includes(`\n| ${subject} |`), `docs/compatibility.md has no row "${subject}"`);
});
