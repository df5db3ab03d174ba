// Whatever text an annotation has: either its parser says what is wrong, or what it read can be written down and read again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseListenPorts } from '../../../src/core/annotations/listen-ports.ts';
import type { Parser } from '../../../src/core/annotations/parsed.ts';
import { parseMap } from '../../../src/core/annotations/string-map.ts';
import {
  parseBoolean,
  parseInteger,
  parseList,
  parseLongInteger,
} from '../../../src/core/annotations/values.ts';

const escaped = (text: string): string => text.replaceAll(/[\\,=]/g, (character) => `\\${character}`);

/** Text made of what the parsers look for, and any other. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom('=', ',', '\\', ' ', '-', '+', '0', '80', '443', 'true', 'F', 'a', 'é', '\n'),
    fc.constantFrom('[', ']', '{"HTTP":', '{"HTTPS": 443}', '}', '[{"HTTP": 80}]'),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 8 },
);
const text = pieces.map((parts) => parts.join(''));

function printsBack<T>(parse: Parser<T>, print: (value: T) => string): void {
  let read = 0;
  fc.assert(
    fc.property(text, (written) => {
      const first = parse(written);
      if (!first.ok) {
        assert.ok(first.why.length > 0);
        return;
      }
      read += 1;
      assert.deepEqual(parse(print(first.value)), first);
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 0, 'no text was taken');
}

test('booleans and whole numbers print back', () => {
  printsBack(parseBoolean, String);
  printsBack(parseInteger, String);
  printsBack(parseLongInteger, String);
});

test('lists print back', () => {
  printsBack(parseList, (entries) => entries.join(','));
});

test('maps print back, with their commas, equal signs and backslashes escaped', () => {
  printsBack(parseMap, (map) =>
    Object.entries(map)
      .map(([key, value]) => `${escaped(key)}=${escaped(value)}`)
      .join(','),
  );
});

test('listen ports print back', () => {
  printsBack(parseListenPorts, (ports) =>
    JSON.stringify(ports.length === 0 ? [{}] : ports.map(({ port, protocol }) => ({ [protocol]: port }))),
  );
});
