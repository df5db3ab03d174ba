// JSON as Go's encoding/json reads it. Own code because ALBC's users search for Go's words when JSON is broken, and because
// the decoder needs numbers as written.

import { goQuote } from './go-quote.ts';

export type JsonNumber = { readonly kind: 'number'; readonly text: string };
/** Members in written order; a name may repeat, the last one counts. */
export type JsonObject = { readonly kind: 'object'; readonly members: readonly (readonly [string, Json])[] };
export type Json = null | boolean | string | JsonNumber | JsonObject | readonly Json[];

export type JsonText =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly go: string };

/** Deeper than any annotation means anything, and far from the stack's limit. */
const maxDepth = 500;

class SyntaxFault extends Error {}

/** Parses one JSON value; the error is what Go's decoder says about the same text. */
export function parseJsonText(text: string): JsonText {
  const reader = new Reader(text);
  try {
    return { ok: true, value: reader.document() };
  } catch (error) {
    if (error instanceof SyntaxFault) return { ok: false, go: error.message };
    throw error;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected('after top-level value');
    return value;
  }

  #value(depth: number): Json {
    if (depth > maxDepth) throw new SyntaxFault('exceeded max depth');
    this.#space();
    switch (this.#peek()) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    const members: (readonly [string, Json])[] = [];
    this.#at++;
    this.#space();
    if (this.#take('}')) return { kind: 'object', members };
    for (;;) {
      this.#space();
      if (this.#peek() !== '"') this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      this.#space();
      if (!this.#take(':')) this.#unexpected('after object key');
      members.push([key, this.#value(depth + 1)]);
      this.#space();
      if (this.#take('}')) return { kind: 'object', members };
      if (!this.#take(',')) this.#unexpected('after object key:value pair');
    }
  }

  #array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.#at++;
    this.#space();
    if (this.#take(']')) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#space();
      if (this.#take(']')) return items;
      if (!this.#take(',')) this.#unexpected('after array element');
    }
  }

  #string(): string {
    const start = this.#at++;
    while (this.#peek() !== '"') {
      if (this.#peek() === '\\') this.#escape();
      else if ((this.#peek() ?? ' ') < ' ') this.#unexpected('in string literal');
      else this.#next();
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #escape(): void {
    this.#next();
    if (!'"\\/bfnrtu'.includes(this.#peek() ?? '"')) this.#unexpected('in string escape code');
    if (this.#next() !== 'u') return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#peek() ?? '0')) this.#unexpected('in \\u hexadecimal character escape');
      this.#next();
    }
  }

  #literal<T extends Json>(word: string, value: T): T {
    for (const char of word) {
      const where = `in literal ${word} (expecting ${goQuote(char, "'")})`;
      if (!this.#take(char)) this.#unexpected(where);
    }
    return value;
  }

  #number(): JsonNumber {
    const start = this.#at;
    const isNegative = this.#take('-');
    const where = isNegative ? 'in numeric literal' : 'looking for beginning of value';
    if (!this.#take('0')) this.#digits(where);
    if (this.#take('.')) this.#digits('after decimal point in numeric literal');
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      this.#digits('in exponent of numeric literal');
    }
    return { kind: 'number', text: this.#text.slice(start, this.#at) };
  }

  #digits(where: string): void {
    if (!isDigit(this.#peek())) this.#unexpected(where);
    while (isDigit(this.#peek())) this.#at++;
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#peek() ?? 'x')) this.#at++;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  /** The character here, and on to the next one; the end of the text is a fault. */
  #next(): string {
    const char = this.#peek();
    if (char === undefined) throw new SyntaxFault('unexpected end of JSON input');
    this.#at++;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #unexpected(where: string): never {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new SyntaxFault('unexpected end of JSON input');
    throw new SyntaxFault(`invalid character ${goQuote(String.fromCodePoint(code), "'")} ${where}`);
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}
