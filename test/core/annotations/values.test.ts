import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCidr } from '../../../src/core/annotations/cidr.ts';
import { goQuote } from '../../../src/core/annotations/go-quote.ts';
import type { Parsed } from '../../../src/core/annotations/parsed.ts';
import {
  parseBoolean,
  parseInteger,
  parseList,
  parseLongInteger,
} from '../../../src/core/annotations/values.ts';

function tail(result: Parsed<unknown>): string | undefined {
  return !result.ok && 'tail' in result.albc ? result.albc.tail : undefined;
}

test('a boolean has exactly the spellings of Go', () => {
  for (const text of ['1', 't', 'T', 'true', 'TRUE', 'True']) {
    assert.deepEqual(parseBoolean(text), { ok: true, value: true }, text);
  }
  for (const text of ['0', 'f', 'F', 'false', 'FALSE', 'False']) {
    assert.deepEqual(parseBoolean(text), { ok: true, value: false }, text);
  }
  for (const text of ['', 'yes', 'on', ' true', 'tRUE']) {
    assert.equal(tail(parseBoolean(text)), `strconv.ParseBool: parsing "${text}": invalid syntax`);
  }
});

test('an integer has a sign and digits, nothing else', () => {
  const good = [
    ['0', 0],
    ['+15', 15],
    ['-1000', -1000],
    ['007', 7],
    ['2147483647', 2147483647],
    ['-2147483648', -2147483648],
  ] as const;
  for (const [text, value] of good) assert.deepEqual(parseInteger(text), { ok: true, value }, text);
  for (const text of ['', '15s', ' 5', '5 ', '2.0', '1e3', '0x10', '٣', '1_000']) {
    assert.equal(tail(parseInteger(text)), `strconv.ParseInt: parsing "${text}": invalid syntax`, text);
  }
});

test('an integer beyond 32 bits is out of range, one beyond 64 bits for the long form', () => {
  for (const text of ['2147483648', '-2147483649', '9'.repeat(10_000)]) {
    assert.equal(tail(parseInteger(text)), `strconv.ParseInt: parsing "${text}": value out of range`);
  }
  assert.deepEqual(parseLongInteger('2147483648'), { ok: true, value: 2147483648 });
  assert.equal(parseLongInteger('9223372036854775808').ok, false);
});

test('a list is split at commas, trimmed, and loses empty entries', () => {
  assert.deepEqual(parseList(' a , b,,c ,'), { ok: true, value: ['a', 'b', 'c'] });
  assert.deepEqual(parseList(' , '), { ok: true, value: [] });
});

test('a CIDR block has an address of its family and a prefix length', () => {
  for (const text of ['0.0.0.0/0', '10.1.2.3/32', '::/0', '2001:db8::/32']) assert.ok(isCidr(text), text);
  const bad = [
    '10.0.0.1',
    'everyone',
    '10.0.0.0/33',
    '10.0/8',
    '010.0.0.0/8',
    '::/129',
    'fe80::1%eth0/64',
    '/8',
    '1.1.1.1/8/8',
    '10.0.0.0/08',
    '',
  ];
  for (const text of bad) assert.ok(!isCidr(text), text);
});

test('quoted text looks as Go prints it', () => {
  assert.equal(goQuote('a"b\\c\n\u0001'), '"a\\"b\\\\c\\n\\x01"');
  assert.equal(goQuote("'", "'"), "'\\''");
});
