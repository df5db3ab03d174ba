import type { Json, JsonObject } from '../json.ts';
import { isList, isObject } from '../json.ts';
import type { ObjectSchema, Schema } from './schema.ts';

export type Decoded = {
  readonly value: JsonObject;
  /** Paths of fields that the kind does not have; they are not in `value` (the API server drops them too). */
  readonly unknown: readonly string[];
  /** The first value of a wrong type, in the words of the API server's decoder, which stops there. */
  readonly mismatch?: string;
};

type Context = {
  readonly unknown: string[];
  mismatch: string | undefined;
};

/** Where we are: `path` with indexes for "unknown field", `field` without for type errors (Go's JSON decoder leaves them out). */
type Place = { readonly path: string; readonly field: string; readonly struct: string };

/** Reads a JSON object as a kind: drops nulls and unknown fields, and notes values of a wrong type. */
export function decode(schema: ObjectSchema, value: JsonObject): Decoded {
  const context: Context = { unknown: [], mismatch: undefined };
  const decoded = decodeObject(schema, value, { path: '', field: '', struct: '' }, context);
  return {
    value: decoded,
    unknown: context.unknown,
    ...(context.mismatch === undefined ? {} : { mismatch: context.mismatch }),
  };
}

function decodeObject(schema: ObjectSchema, value: JsonObject, place: Place, context: Context): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    const path = place.path ? `${place.path}.${key}` : key;
    const embedded = schema.embedded?.[key];
    const step = embedded === undefined ? key : `${embedded}.${key}`;
    const field = place.field ? `${place.field}.${step}` : step;
    const known = Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined;
    if (known) {
      if (item === null) continue;
      result[key] = decodeValue(known, item, { path, field, struct: bareName(schema.type) }, context);
    } else if (schema.open) {
      if (item !== null) result[key] = item;
    } else {
      context.unknown.push(path);
    }
  }
  return result;
}

function decodeValue(schema: Schema, value: Json, place: Place, context: Context): Json {
  switch (schema.kind) {
    case 'any':
      return value;
    case 'object':
      if (isObject(value)) return decodeObject(schema, value, place, context);
      break;
    case 'map':
      if (isObject(value)) return decodeMap(schema.values, value, place, context);
      break;
    case 'list':
      if (isList(value)) {
        return value.map((item, index) =>
          item === null
            ? item
            : decodeValue(schema.items, item, { ...place, path: `${place.path}[${index}]` }, context),
        );
      }
      break;
    default:
      if (fits(schema.kind, value)) return value;
  }
  if (place.struct !== '') context.mismatch ??= mismatchText(schema, value, place);
  return value;
}

function mismatchText(schema: Schema, value: Json, place: Place): string {
  if (schema.kind === 'intOrString') return `unable to decode ${place.field}: expected a number or a string`;
  if (schema.kind === 'bytes' && typeof value === 'string') {
    return `illegal base64 data at input byte ${badBase64(value)}`;
  }
  return (
    `json: cannot unmarshal ${goValue(value)} into Go struct field ${place.struct}.${place.field} ` +
    `of type ${goType(schema)}`
  );
}

/** Where a text stops being base64; -1 when it is. */
function badBase64(text: string): number {
  const [good = ''] = /^[A-Za-z0-9+/]*={0,2}/.exec(text) ?? [];
  if (good.length < text.length) return good.length;
  return text.length % 4 === 0 ? -1 : text.length - (text.length % 4);
}

function decodeMap(values: Schema, value: JsonObject, place: Place, context: Context): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    // A null in a map of strings becomes the empty string in Go, not an absent key.
    result[key] =
      item === null ? '' : decodeValue(values, item, { ...place, path: `${place.path}.${key}` }, context);
  }
  return result;
}

type Scalar = Exclude<Schema['kind'], 'object' | 'map' | 'list' | 'any'>;

function fits(kind: Scalar, value: Json): boolean {
  switch (kind) {
    case 'bytes':
      return typeof value === 'string' && badBase64(value) < 0;
    case 'string':
    case 'boolean':
    case 'number':
      return typeof value === kind;
    case 'time':
      return typeof value === 'string' && (value === '' || !Number.isNaN(Date.parse(value)));
    case 'int32':
    case 'int64':
      return Number.isInteger(value);
    case 'intOrString':
      return typeof value === 'string' || Number.isInteger(value);
  }
}

function goValue(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  if (typeof value === 'string') return 'string';
  return isList(value) ? 'array' : 'object';
}

function goType(schema: Schema): string {
  switch (schema.kind) {
    case 'object':
      return schema.type;
    case 'list':
      return `[]${goType(schema.items)}`;
    case 'map':
      return `map[string]${goType(schema.values)}`;
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'time':
      return 'v1.Time';
    case 'any':
      return 'interface {}';
    case 'bytes':
      return '[]uint8';
    case 'intOrString':
      return 'intstr.IntOrString';
    default:
      return schema.kind;
  }
}

function bareName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
