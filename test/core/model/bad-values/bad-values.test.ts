// What users read about each wrong value. `UPDATE=1 node test/core/model/bad-values/bad-values.test.ts` writes messages.json
// anew; read the difference.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fullKey, annotationTable } from '../../../../src/core/annotations/table.ts';
import type { Problem } from '../../../../src/core/domain/problem.ts';
import { allGroupKeys } from '../../../../src/core/model/membership.ts';
import { ingress, rule } from '../../../support/builders.ts';
import { coreConfig } from '../../../support/core-config.ts';
import { cluster, modelOf } from '../model-of.ts';
import { type BadValues, badValues, textKeys } from './values.ts';

type Messages = Record<string, Record<string, readonly string[]>>;

const page = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200"}}';

function problemsOf(key: string, value: string, { beside = {}, as = key }: BadValues): readonly Problem[] {
  const annotations = { 'actions.x': page, ...beside, [as]: value };
  const site = ingress('shop/site', {
    annotations,
    rules: [rule('app.example.com', { '/': 'front:80', 'Exact /x': 'x:use-annotation' })],
  });
  return allGroupKeys(cluster([site]), coreConfig()).flatMap((group) => modelOf(group, [site]).problems);
}

const about = (problems: readonly Problem[], key: string): readonly Problem[] =>
  problems.filter(({ message }) => message.includes(fullKey(key)));

const found: Messages = Object.fromEntries(
  Object.entries(badValues).map(([key, bad]) => [
    bad.as ?? key,
    Object.fromEntries(
      bad.values.map((value) => [
        value,
        about(problemsOf(key, value, bad), bad.as ?? key).flatMap(
          ({ severity, message, hint, albcMessage }) => [
            `${severity}: ${message}${hint === undefined ? '' : `. ${hint}`}`,
            ...(albcMessage === undefined ? [] : [`ALBC: ${albcMessage}`]),
          ],
        ),
      ]),
    ),
  ]),
);

const golden = join(import.meta.dirname, 'messages.json');
if (process.env['UPDATE'] === '1') writeFileSync(golden, `${JSON.stringify(found, null, 2)}\n`);

test('every annotation has its wrong values, or takes any text', () => {
  const keys = annotationTable.map(({ key }) => key);
  assert.deepEqual(
    keys.filter((key) => (key in badValues ? 1 : 0) + (textKeys.includes(key) ? 1 : 0) !== 1),
    [],
  );
});

test('each wrong value is told with annotation, value and allowed form', () => {
  for (const [key, messages] of Object.entries(found)) {
    for (const [value, lines] of Object.entries(messages)) {
      const [first] = lines;
      assert.ok(first, `${key}: '${value}' is taken without a word`);
      assert.ok(first.includes(fullKey(key)), first);
      assert.ok(first.includes(value.slice(0, 100)), first);
      assert.match(first, /allowed: |For example |or name an HTTPS port|Add the annotation/);
    }
  }
});

test('the messages are the ones that were read and found clear', () => {
  assert.deepEqual(found, JSON.parse(readFileSync(golden, 'utf8')) as Messages);
});
