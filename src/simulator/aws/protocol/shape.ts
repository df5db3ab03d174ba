/**
 * Reads the operation schemas that the AWS SDK clients carry. The simulator parses requests and renders answers by the
 * very model the real clients use, so no wire name is written down twice.
 *
 * A schema is nested arrays (`@smithy/types`, StaticSchema): `[id, namespace, name, traits, …]`. Simple types are small
 * numbers; 64 | n is a list of n and 128 | n a map of n. A member is a schema or `[schema, traits]`; a schema may be a function that returns it.
 */
export type Traits = {
  readonly xmlName?: string;
  readonly ec2QueryName?: string;
  readonly xmlFlattened?: unknown;
  readonly httpQuery?: string;
  readonly httpHeader?: string;
};
export type ScalarType = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob';
export type Member = { readonly name: string; readonly traits: Traits; readonly shape: () => Shape };
export type Shape =
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | { readonly kind: 'list'; readonly item: Member }
  | { readonly kind: 'map'; readonly value: Member }
  | { readonly kind: 'structure'; readonly members: readonly Member[]; readonly required: readonly string[] };

export type OperationShape = {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Of a REST operation: method, path template and status of success. */
  readonly http?: readonly [method: string, path: string, status: number] | undefined;
};

const empty: Shape = { kind: 'structure', members: [], required: [] };
const known = new Map<unknown, Shape>();

/** The input and output shape of an exported SDK operation schema such as `CreateRule$`. */
export function operationShape(schema: unknown): OperationShape {
  if (!Array.isArray(schema) || schema[0] !== 9)
    throw new TypeError('not an operation schema of the AWS SDK');
  const traits = schema[3] as { readonly http?: OperationShape['http'] } | number;
  return {
    name: String(schema[2]),
    input: shapeOf(schema[4]),
    output: shapeOf(schema[5]),
    http: typeof traits === 'number' ? undefined : traits.http,
  };
}

function shapeOf(reference: unknown): Shape {
  const schema: unknown = typeof reference === 'function' ? reference() : reference;
  if (schema === 'unit') return empty;
  if (typeof schema === 'number') return simple(schema);
  const found = known.get(schema);
  if (found !== undefined) return found;
  const shape = compound(schema);
  known.set(schema, shape);
  return shape;
}

function simple(code: number): Shape {
  if (code >= 128) return { kind: 'map', value: member('value', code - 128) };
  if (code >= 64) return { kind: 'list', item: member('member', code - 64) };
  if (code >= 4 && code <= 7) return { kind: 'scalar', type: 'timestamp' };
  const type: ScalarType = code === 1 ? 'number' : code === 2 ? 'boolean' : code === 21 ? 'blob' : 'string';
  return { kind: 'scalar', type };
}

function compound(schema: unknown): Shape {
  if (!Array.isArray(schema)) throw new TypeError(`unknown schema ${String(schema)}`);
  switch (schema[0]) {
    case 0: // a simple type with a name of its own
      return shapeOf(schema[4]);
    case 1:
      return { kind: 'list', item: member('member', schema[4]) };
    case 2:
      return { kind: 'map', value: member('value', schema[5]) };
    default: {
      const names = schema[4] as readonly string[];
      const types = schema[5] as readonly unknown[];
      const members = names.map((name, index) => member(name, types[index]));
      const requiredCount = typeof schema[6] === 'number' ? schema[6] : 0;
      return { kind: 'structure', members, required: names.slice(0, requiredCount) };
    }
  }
}

function member(name: string, reference: unknown): Member {
  const pair = Array.isArray(reference) && reference.length === 2 ? reference : [reference, 0];
  const traits: Traits = typeof pair[1] === 'object' && pair[1] !== null ? pair[1] : {};
  return { name, traits, shape: () => shapeOf(pair[0]) };
}
