// Typed reading of parsed JSON with Go's rules (albc-behaviour §0): names match in any case, unknown ones are ignored, null
// leaves the zero value, and the first value of a wrong type is the error.

import { type Json, type JsonObject, parseJsonText } from './parse-json.ts';
import { type Parsed, type Parser, parsed, refused, refusedAs } from './parsed.ts';

/** Where the decoder is, in Go's terms: the struct it fills and the names that lead there. */
type At = { readonly struct: string; readonly path: readonly string[]; readonly faults: Fault[] };
type Fault = { readonly go: string; readonly why: string };

export type Decoder<T> = {
  /** The value of an absent field, and of null. */
  readonly zero: T;
  /** Go's name of the type, for ALBC's messages. */
  readonly type: string;
  readonly read: (value: Exclude<Json, null>, at: At) => T;
};

const spoken: Readonly<Record<string, string>> = {
  string: 'a string',
  bool: 'true or false',
  int32: 'a whole number',
  'intstr.IntOrString': 'a port number or a port name',
};

function kindOf(value: Exclude<Json, null>): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object') return 'kind' in value ? value.kind : 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function fault(value: Exclude<Json, null>, at: At, type: string, detail = ''): void {
  const into =
    at.path.length === 0
      ? `Go value of type ${type}`
      : `Go struct field ${at.struct}.${at.path.join('.')} of type ${type}`;
  const name = at.path.length === 0 ? 'it' : `"${at.path.join('.')}"`;
  const wanted = spoken[type] ?? (type.startsWith('[]') ? 'an array' : 'an object');
  at.faults.push({
    go: `json: cannot unmarshal ${kindOf(value)}${detail} into ${into}`,
    why: `where ${name} is ${article(kindOf(value))} instead of ${wanted}`,
  });
}

function article(kind: string): string {
  return kind === 'bool' ? 'true or false' : `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

export const text: Decoder<string> = {
  zero: '',
  type: 'string',
  read: (value, at) => {
    if (typeof value === 'string') return value;
    fault(value, at, 'string');
    return '';
  },
};

export const flag: Decoder<boolean> = {
  zero: false,
  type: 'bool',
  read: (value, at) => {
    if (typeof value === 'boolean') return value;
    fault(value, at, 'bool');
    return false;
  },
};

export const int32: Decoder<number> = {
  zero: 0,
  type: 'int32',
  read: (value, at) => {
    const isNumber = typeof value === 'object' && 'kind' in value && value.kind === 'number';
    const number = isNumber && /^-?[0-9]{1,10}$/.test(value.text) ? Number(value.text) : undefined;
    if (number !== undefined && number === (number | 0)) return number;
    fault(value, at, 'int32', isNumber ? ` ${value.text}` : '');
    return 0;
  },
};

/** A number, or text. */
export const intOrText: Decoder<number | string> = {
  zero: 0,
  type: 'intstr.IntOrString',
  read: (value, at) => (typeof value === 'string' ? value : int32.read(value, { ...at, path: [] })),
};

/** As Go has it for a pointer: absent and null are undefined. */
export function optional<T>(inner: Decoder<T>): Decoder<T | undefined> {
  return { zero: undefined, type: inner.type, read: inner.read };
}

/** `type` is Go's name of the list type where it is not `[]inner`. */
export function list<T>(inner: Decoder<T>): Decoder<readonly T[]> {
  return {
    zero: [],
    type: `[]${inner.type}`,
    read: (value, at) => {
      if (Array.isArray(value)) {
        return value.map((item: Json) => (item === null ? inner.zero : inner.read(item, at)));
      }
      fault(value, at, `[]${inner.type}`);
      return [];
    },
  };
}

/** Entries in the order in which they are written. */
export function mapOf<T>(inner: Decoder<T>): Decoder<readonly (readonly [string, T])[]> {
  const type = `map[string]${inner.type}`;
  return {
    zero: [],
    type,
    read: (value, at) => {
      if (!isObject(value)) {
        fault(value, at, type);
        return [];
      }
      return value.members.map(([key, item]) => [key, item === null ? inner.zero : inner.read(item, at)]);
    },
  };
}

type Fields<T> = { readonly [Name in keyof T]: Decoder<T[Name]> };

/** An object with the fields named as ALBC's JSON tags; `struct` is the name of ALBC's type, which its errors print. */
export function record<T extends object>(struct: string, fields: Fields<T>): Decoder<T> {
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  const decoders = fields as Readonly<Record<string, Decoder<unknown>>>;
  const zero = Object.fromEntries(Object.entries(decoders).map(([name, decoder]) => [name, decoder.zero]));
  return {
    // The fields are exactly those of T, each filled by its decoder.
    zero: zero as T,
    type: `ingress.${struct}`,
    read: (value, at) => {
      if (!isObject(value)) {
        fault(value, at, `ingress.${struct}`);
        return zero as T;
      }
      const filled: Record<string, unknown> = { ...zero };
      for (const [key, item] of value.members) {
        const name = names.get(key.toLowerCase());
        const decoder = name === undefined ? undefined : decoders[name];
        if (name === undefined || decoder === undefined || item === null) continue;
        filled[name] = decoder.read(item, { ...at, struct, path: [...at.path, name] });
      }
      return filled as T;
    },
  };
}

function isObject(value: Exclude<Json, null>): value is JsonObject {
  return typeof value === 'object' && 'kind' in value && value.kind === 'object';
}

/** Parser of a JSON annotation. */
export function jsonOf<T>(decoder: Decoder<T>): Parser<T> {
  return (source): Parsed<T> => {
    const json = parseJsonText(source);
    if (!json.ok) return refused('json', `which is not valid JSON (${json.go})`, json.go);
    if (json.value === null) return parsed(decoder.zero);
    const faults: Fault[] = [];
    const value = decoder.read(json.value, { struct: '', path: [], faults });
    const [first] = faults;
    return first === undefined ? parsed(value) : refused('json', first.why, first.go);
  };
}

/** Broken JSON where ALBC does not say "failed to parse json annotation": its words, with Go's error behind them. */
export function jsonRefused(result: Extract<Parsed<unknown>, { ok: false }>, words: string): Parsed<never> {
  const tail = 'tail' in result.albc ? result.albc.tail : undefined;
  return refusedAs(`${words}: ${tail ?? ''}`, result.why);
}
