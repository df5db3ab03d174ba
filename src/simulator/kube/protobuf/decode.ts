import { badRequest } from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject, listOf } from '../json.ts';
import type { ObjectSchema, Schema } from '../schema/schema.ts';
import { object, string } from '../schema/schema.ts';
import { fieldsByNumber } from './numbers.ts';

/**
 * Reads request bodies in `application/vnd.kubernetes.protobuf`, which kubectl and Go controllers send for built-in kinds: the four
 * bytes `k8s\0`, then a `runtime.Unknown` message (1 = apiVersion and kind, 2 = the object).
 */
export function decodeProtobuf(
  body: Buffer,
  schemaOf: (apiVersion: string, kind: string) => ObjectSchema | undefined,
): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic)) {
    throw badRequest(
      'the provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  let meta: JsonObject = {};
  let raw: Buffer = Buffer.alloc(0);
  for (const { number, value } of records(body.subarray(magic.length))) {
    if (number === 1 && Buffer.isBuffer(value)) meta = message(typeMeta, value);
    if (number === 2 && Buffer.isBuffer(value)) raw = value;
  }
  const { apiVersion = '', kind = '' } = meta;
  const schema = schemaOf(String(apiVersion as string), String(kind as string));
  if (!schema)
    throw badRequest(`no protobuf form is known for kind ${JSON.stringify(kind)}; send JSON instead`);
  return { apiVersion, kind, ...message(schema, raw) };
}

const magic = Buffer.from('k8s\0');
const typeMeta: ObjectSchema = object('TypeMeta', { apiVersion: string, kind: string });
const typeMetaFields = new Map([
  [1, { name: 'apiVersion', inner: undefined, keepsZero: false }],
  [2, { name: 'kind', inner: undefined, keepsZero: false }],
]);

function message(schema: ObjectSchema, bytes: Buffer): JsonObject {
  const fields = schema === typeMeta ? typeMetaFields : fieldsByNumber(schema.type);
  const result: Record<string, Json> = {};
  for (const { number, value } of records(bytes)) {
    const field = fields.get(number);
    const inside = field && schema.fields[field.name];
    const payload = field && inside ? unwrapped(value, field.inner) : undefined;
    if (!field || !inside || payload === undefined) continue;
    const decoded = decodeField(inside, payload, result[field.name]);
    if (decoded !== undefined && (field.keepsZero || !isZero(decoded))) result[field.name] = decoded;
  }
  return result;
}

/** The payload of a field, or of the one field inside it that JSON shows in its place. */
function unwrapped(value: Payload, inner: number | undefined): Payload | undefined {
  if (inner === undefined || !Buffer.isBuffer(value)) return value;
  for (const record of records(value)) if (record.number === inner) return record.value;
  return undefined;
}

function decodeField(schema: Schema, value: Payload, before: Json | undefined): Json | undefined {
  if (schema.kind === 'list') {
    const item = decodeField(schema.items, value, undefined);
    return item === undefined ? before : [...listOf(before), item];
  }
  if (!Buffer.isBuffer(value)) return schema.kind === 'boolean' ? value !== 0n : Number(value);
  switch (schema.kind) {
    case 'string':
      return value.toString('utf8');
    case 'bytes':
      return value.toString('base64');
    case 'time':
      return timeText(value);
    case 'intOrString':
      return intOrString(value);
    case 'object':
      return message(schema, value);
    case 'map':
      return { ...(isObject(before) ? before : {}), ...mapEntry(schema.values, value) };
    default:
      return undefined;
  }
}

function mapEntry(values: Schema, bytes: Buffer): JsonObject {
  let key = '';
  let item: Json = '';
  for (const { number, value } of records(bytes)) {
    if (number === 1 && Buffer.isBuffer(value)) key = value.toString('utf8');
    if (number === 2) item = decodeField(values, value, undefined) ?? '';
  }
  return { [key]: item };
}

function timeText(bytes: Buffer): string | undefined {
  let seconds = 0n;
  let nanos = 0;
  for (const { number, value } of records(bytes)) {
    if (Buffer.isBuffer(value)) continue;
    if (number === 1) seconds = value;
    if (number === 2) nanos = Number(value);
  }
  // Go's zero time is the year 1 and stands for "not set".
  if (seconds <= 0n) return undefined;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return nanos === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

function intOrString(bytes: Buffer): Json {
  let isText = false;
  let number = 0;
  let text = '';
  for (const record of records(bytes)) {
    if (Buffer.isBuffer(record.value)) text = record.value.toString('utf8');
    else if (record.number === 1) isText = record.value === 1n;
    else number = Number(record.value);
  }
  return isText ? text : number;
}

function isZero(value: Json): boolean {
  return (
    value === '' || value === 0 || value === false || (isObject(value) && Object.keys(value).length === 0)
  );
}

/** A varint (as a signed 64-bit number) or the bytes of a length-delimited field. */
type Payload = bigint | Buffer;
type WireRecord = { readonly number: number; readonly value: Payload };

function* records(bytes: Buffer): Generator<WireRecord> {
  let offset = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[offset++];
      if (byte === undefined || shift > 63n) throw badRequest('proto: unexpected end of the message');
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, result);
    }
  };
  const take = (length: number): Buffer => {
    if (length < 0 || offset + length > bytes.length)
      throw badRequest('proto: unexpected end of the message');
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  while (offset < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const wireType = tag & 7;
    if (wireType === 0) yield { number, value: varint() };
    else if (wireType === 2) yield { number, value: take(Number(varint())) };
    else if (wireType === 1 || wireType === 5) take(wireType === 1 ? 8 : 4);
    else throw badRequest(`proto: wrong wireType = ${wireType}`);
  }
}
