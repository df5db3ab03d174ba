import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { casesIn } from './cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'cases-'));
after(() => rmSync(folder, { recursive: true }));
const recorded = join(import.meta.dirname, '..', 'recordings', 'cases', 'RUL-13-missing-port');

test('cases are found in a folder, in folders of it, and below those', () => {
  for (const path of ['one', 'more/two', 'more/cases/three'])
    cpSync(recorded, join(folder, 'good', path), { recursive: true });
  assert.deepEqual(
    casesIn([join(folder, 'good')]).map(({ name }) => name),
    ['three', 'two', 'one'],
  );
  assert.deepEqual(
    casesIn([recorded]).map(({ name }) => name),
    ['RUL-13-missing-port'],
  );
});

test('a folder that is not there, one without a case, and a case that cannot be read are named', () => {
  assert.throws(() => casesIn([join(folder, 'nowhere')]), /nowhere is not a folder of recorded cases/);
  mkdirSync(join(folder, 'empty'));
  assert.throws(() => casesIn([join(folder, 'empty')]), /empty holds no recorded case/);
  mkdirSync(join(folder, 'bad'));
  writeFileSync(join(folder, 'bad', 'expected.json'), '{"case": "bad"}');
  assert.throws(() => casesIn([folder]), /bad.expected\.json is not that of a recorded case: .*steps/s);
  writeFileSync(join(folder, 'bad', 'expected.json'), '{');
  assert.throws(() => casesIn([folder]), /bad.expected\.json is not that of a recorded case: SyntaxError/);
});
