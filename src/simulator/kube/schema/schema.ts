/**
 * What the API server knows about the fields of a kind, written once and used four ways: decoding (wrong types and unknown
 * fields are told to the user), strategic merge patches (merge keys), server-side apply (who owns which list item) and
 * the OpenAPI documents that kubectl downloads.
 */

export type Schema =
  | {
      readonly kind:
        | 'string'
        | 'bytes'
        | 'boolean'
        | 'int32'
        | 'int64'
        | 'number'
        | 'time'
        | 'intOrString'
        | 'any';
    }
  | {
      readonly kind: 'map';
      readonly values: Schema /** One value for server-side apply. */;
      readonly atomic?: true;
    }
  | ListSchema
  | ObjectSchema;

export type ListSchema = {
  readonly kind: 'list';
  readonly items: Schema;
  /** How two writers share the list: not at all, by value, or by the keys of its items. */
  readonly shared: 'atomic' | 'set' | readonly string[];
  /** Strategic merge: the key by which a patch finds items; absent = the patch replaces the list (or, for sets, adds to it). */
  readonly patchKey?: string;
};

export type ObjectSchema = {
  readonly kind: 'object';
  /** The Go type's name, which decoding errors mention: `v1.IngressSpec`. */
  readonly type: string;
  readonly fields: { readonly [field: string]: Schema };
  /** Unknown fields are kept: we describe only the part of the kind that somebody here reads. */
  readonly open?: true;
  /** Server-side apply treats the object as one value. */
  readonly atomic?: true;
  /** Fields that Go keeps in an embedded struct, whose name then shows in the paths of decoding errors. */
  readonly embedded?: { readonly [field: string]: string };
};

export const string: Schema = { kind: 'string' };
/** Base64 in JSON. */
export const bytes: Schema = { kind: 'bytes' };
export const boolean: Schema = { kind: 'boolean' };
export const int32: Schema = { kind: 'int32' };
export const int64: Schema = { kind: 'int64' };
export const time: Schema = { kind: 'time' };
export const intOrString: Schema = { kind: 'intOrString' };
export const any: Schema = { kind: 'any' };
export const stringMap: Schema = { kind: 'map', values: string };

export const atomicStringMap: Schema = { kind: 'map', values: string, atomic: true };

export function map(values: Schema): Schema {
  return { kind: 'map', values };
}

export function object(type: string, fields: ObjectSchema['fields']): ObjectSchema {
  return { kind: 'object', type, fields };
}

/** Only some fields are described, all others are kept as they come. */
export function openObject(type: string, fields: ObjectSchema['fields']): ObjectSchema {
  return { kind: 'object', type, fields, open: true };
}

export function atomicObject(type: string, fields: ObjectSchema['fields']): ObjectSchema {
  return { kind: 'object', type, fields, atomic: true };
}

export function atomicList(items: Schema): ListSchema {
  return { kind: 'list', items, shared: 'atomic' };
}

export function set(items: Schema): ListSchema {
  return { kind: 'list', items, shared: 'set' };
}

/** A list whose items are told apart by keys; strategic merge uses the first of them. */
export function keyedList(items: Schema, ...keys: readonly [string, ...string[]]): ListSchema {
  return { kind: 'list', items, shared: keys, patchKey: keys[0] };
}

/** The schema one step deeper; `any` where it is not described. */
export function child(schema: Schema, field: string): Schema {
  if (schema.kind === 'object') return (Object.hasOwn(schema.fields, field) && schema.fields[field]) || any;
  if (schema.kind === 'map') return schema.values;
  return any;
}
