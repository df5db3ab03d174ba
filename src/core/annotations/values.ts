// Parsers of single values, with Go's rules: nothing is trimmed, and what Go refuses is refused (albc-behaviour §0).

import { goQuote } from './go-quote.ts';
import { type Parsed, parsed, refused } from './parsed.ts';

const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const lies: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** The text as it is; an empty one is present all the same. */
export function parseText(text: string): Parsed<string> {
  return parsed(text);
}

/** Go's `strconv.ParseBool`. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (truths.has(text)) return parsed(true);
  if (lies.has(text)) return parsed(false);
  const tail = `strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`;
  return refused('bool', 'which is neither true nor false', tail);
}

/** Base 10 with an optional sign, within 32 bits. */
export function parseInteger(text: string): Parsed<number> {
  return wholeNumber(text, { kind: 'int32', limit: 2n ** 31n });
}

/** As `parseInteger`, within 64 bits; only `auth-session-timeout` has it. What a double cannot hold is out of range too. */
export function parseLongInteger(text: string): Parsed<number> {
  const long = wholeNumber(text, { kind: 'int64', limit: 2n ** 63n });
  return long.ok && !Number.isSafeInteger(long.value) ? outOfRange('int64', text) : long;
}

function wholeNumber(
  text: string,
  within: { readonly kind: string; readonly limit: bigint },
): Parsed<number> {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    const tail = `strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`;
    return refused(within.kind, 'which is not a whole number', tail);
  }
  // A number with more digits than any limit is not worth converting.
  const value = text.length > 40 ? within.limit : BigInt(text.replace('+', ''));
  if (value >= within.limit || value < -within.limit) return outOfRange(within.kind, text);
  return parsed(Number(value));
}

function outOfRange(kind: string, text: string): Parsed<never> {
  const tail = `strconv.ParseInt: parsing ${goQuote(text)}: value out of range`;
  return refused(kind, `which does not fit ${kind === 'int32' ? 32 : 64} bits`, tail);
}

/** Split at commas, each entry trimmed, empty ones dropped. Never refuses. */
export function parseList(text: string): Parsed<readonly string[]> {
  const entries = text.split(',').map((entry) => entry.trim());
  return parsed(entries.filter((entry) => entry !== ''));
}
