import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMap } from '../../../src/core/annotations/string-map.ts';

const good: readonly (readonly [string, Record<string, string>])[] = [
  ['', {}],
  ['a=1', { a: '1' }],
  [' a = 1 , b = 2 ', { a: '1', b: '2' }],
  ['a=', { a: '' }],
  ['a=b=c', { a: 'b=c' }],
  ['a=1\\,2,b=x y ,c=,d=k=v', { a: '1,2', b: 'x y', c: '', d: 'k=v' }],
  ['a=1\\\\,b=2', { a: '1\\', b: '2' }],
  ['a=1,a=2', { a: '2' }],
  ['a=1,', { a: '1,' }],
];

test('a map is split at commas and first equal signs, with backslashes to escape', () => {
  for (const [text, value] of good) assert.deepEqual(parseMap(text), { ok: true, value }, text);
});

test('a piece without an equal sign, or without a key, spoils the whole', () => {
  for (const text of ['a=1,b', '=1', 'a', 'a=1,,b=2', 'a=1,,', 'a=1, ', ',a=1', 'a\\=1']) {
    const result = parseMap(text);
    assert.ok(!result.ok, text);
    assert.deepEqual(result.albc, { kind: 'stringMap' }, text);
  }
});

test('a very long map is no trouble', () => {
  const text = Array.from({ length: 50_000 }, (_, index) => `k${index}=v`).join(',');
  const result = parseMap(text);
  assert.ok(result.ok);
  assert.equal(Object.keys(result.value).length, 50_000);
});
