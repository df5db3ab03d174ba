import { type Parsed, parsed, refused } from './parsed.ts';

/**
 * `key=value,key=value`: split at the first `=`, both sides trimmed; a backslash takes the next character as it is. A comma
 * separates only while some `=` follows: a trailing comma belongs to the last value, and text without `=` behind a
 * comma spoils the whole (albc-behaviour §0). Later keys replace earlier ones.
 */
export function parseMap(text: string): Parsed<Readonly<Record<string, string>>> {
  const entries = new Map<string, string>();
  for (const piece of pieces(text)) {
    const equals = indexOfUnescaped(piece, '=');
    if (equals < 0) return refused('stringMap', `where "${shown(piece)}" has no "="`);
    const key = unescape(piece.slice(0, equals)).trim();
    if (key === '') return refused('stringMap', `where "${shown(piece)}" has no key before its "="`);
    entries.set(key, unescape(piece.slice(equals + 1)).trim());
  }
  return parsed(Object.fromEntries(entries));
}

function pieces(text: string): readonly string[] {
  if (text === '') return [];
  const commas = unescapedIndexes(text, ',');
  const lastEquals = unescapedIndexes(text, '=').at(-1) ?? -1;
  const found: string[] = [];
  let start = 0;
  for (const comma of commas) {
    const isTrailing = text.slice(comma + 1) === '';
    if (comma > lastEquals && isTrailing) continue;
    found.push(text.slice(start, comma));
    start = comma + 1;
  }
  return [...found, text.slice(start)];
}

function unescapedIndexes(text: string, wanted: string): number[] {
  const indexes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === wanted) indexes.push(index);
  }
  return indexes;
}

function indexOfUnescaped(text: string, wanted: string): number {
  return unescapedIndexes(text, wanted)[0] ?? -1;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, '$1');
}

function shown(piece: string): string {
  return piece.length > 60 ? `${piece.slice(0, 60)}…` : piece;
}
