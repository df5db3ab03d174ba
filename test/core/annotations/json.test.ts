import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  flag,
  int32,
  intOrText,
  jsonOf,
  list,
  mapOf,
  optional,
  record,
  text,
} from '../../../src/core/annotations/decode.ts';
import { type Json, parseJsonText } from '../../../src/core/annotations/parse-json.ts';

/** Back to plain JavaScript values. */
function plain(value: Json): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object' || !('kind' in value)) return value;
  if (value.kind === 'number') return Number(value.text);
  return Object.fromEntries(value.members.map(([key, item]) => [key, plain(item)]));
}

test('every JSON text is read as JSON.parse reads it, and every other text is refused', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((json) => json.slice(0, -1)),
      ),
      (source) => {
        let expected: unknown;
        try {
          expected = JSON.parse(source);
        } catch {
          assert.equal(parseJsonText(source).ok, false);
          return;
        }
        const result = parseJsonText(source);
        assert.ok(result.ok);
        assert.equal(JSON.stringify(plain(result.value)), JSON.stringify(expected));
      },
    ),
  );
});

const faults: readonly (readonly [string, string])[] = [
  ['', 'unexpected end of JSON input'],
  ['[{"field"', 'unexpected end of JSON input'],
  ['"abc', 'unexpected end of JSON input'],
  ['tru', 'unexpected end of JSON input'],
  ['{type: x}', "invalid character 't' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['[1 2]', "invalid character '2' after array element"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1e+x', "invalid character 'x' in exponent of numeric literal"],
  ['01', "invalid character '1' after top-level value"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
];

test('broken JSON is described in the words of Go', () => {
  for (const [source, go] of faults) assert.deepEqual(parseJsonText(source), { ok: false, go }, source);
});

test('JSON that is nested without end is refused instead of exhausting the stack', () => {
  assert.deepEqual(parseJsonText('['.repeat(200_000)), { ok: false, go: 'exceeded max depth' });
});

const inner = record<{ readonly name: string; readonly weight: number | undefined }>('Inner', {
  name: text,
  weight: optional(int32),
});
const outer = jsonOf(
  record<{
    readonly type: string;
    readonly on: boolean;
    readonly inner: { readonly name: string; readonly weight: number | undefined } | undefined;
    readonly items: readonly { readonly name: string; readonly weight: number | undefined }[];
  }>('Outer', { type: text, on: flag, inner: optional(inner), items: list(inner) }),
);

test('names match in any case, unknown ones are ignored, null and absence are zero', () => {
  assert.deepEqual(outer('{"TYPE": "a", "On": true, "nope": [1], "inner": null, "items": [null]}'), {
    ok: true,
    value: { type: 'a', on: true, inner: undefined, items: [{ name: '', weight: undefined }] },
  });
  assert.deepEqual(outer('null'), {
    ok: true,
    value: { type: '', on: false, inner: undefined, items: [] },
  });
});

function goError(source: string): string | undefined {
  const result = outer(source);
  return !result.ok && 'tail' in result.albc ? result.albc.tail : undefined;
}

test('the first value of a wrong type is named with its way through the structure', () => {
  assert.equal(goError('[]'), 'json: cannot unmarshal array into Go value of type ingress.Outer');
  assert.equal(
    goError('{"type": 1, "on": 2}'),
    'json: cannot unmarshal number into Go struct field Outer.type of type string',
  );
  assert.equal(
    goError('{"inner": {"weight": "1"}}'),
    'json: cannot unmarshal string into Go struct field Inner.inner.weight of type int32',
  );
  assert.equal(
    goError('{"items": [{"weight": 1.5}]}'),
    'json: cannot unmarshal number 1.5 into Go struct field Inner.items.weight of type int32',
  );
  assert.equal(
    goError('{"items": {}}'),
    'json: cannot unmarshal object into Go struct field Outer.items of type []ingress.Inner',
  );
});

test('maps keep their names as written, and a port is a number or text', () => {
  const ports = jsonOf(mapOf(intOrText));
  assert.deepEqual(ports('{"A": 80, "a": "http"}'), {
    ok: true,
    value: [
      ['A', 80],
      ['a', 'http'],
    ],
  });
  assert.equal(ports('{"a": true}').ok, false);
});
