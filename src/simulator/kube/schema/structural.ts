import type { Json } from '../json.ts';
import { at, isObject, listOf, objectOf, textOf } from '../json.ts';
import type { ListSchema, ObjectSchema, Schema } from './schema.ts';
import { any } from './schema.ts';

/**
 * The fields of a custom kind, from the `openAPIV3Schema` of its definition: enough to drop unknown fields and to merge applied
 * configurations. Scalars stay open here; `validate/structural.ts` judges them.
 */
export function fieldsOfDefinition(schema: Json, meta: ObjectSchema): ObjectSchema {
  const converted = schemaOf(schema);
  const fields = converted.kind === 'object' ? converted.fields : {};
  return {
    kind: 'object',
    // Values of a wrong type are not an error of decoding but of validation, so no Go type is named.
    type: '',
    fields: { ...fields, ...meta.fields },
    ...(isOpen(schema) ? { open: true as const } : {}),
  };
}

function schemaOf(schema: Json): Schema {
  const properties = at(schema, 'properties');
  const values = at(schema, 'additionalProperties');
  const items = at(schema, 'items');
  const atomic = at(schema, 'x-kubernetes-map-type') === 'atomic' ? { atomic: true as const } : {};
  if (at(schema, 'type') === 'array')
    return { kind: 'list', items: schemaOf(items ?? {}), ...sharing(schema) };
  if (isObject(properties)) {
    const fields = Object.entries(properties).map(([name, field]) => [name, schemaOf(field)] as const);
    const open = isOpen(schema) ? { open: true as const } : {};
    return { kind: 'object', type: '', fields: Object.fromEntries(fields), ...open, ...atomic };
  }
  return isObject(values) ? { kind: 'map', values: schemaOf(values), ...atomic } : any;
}

function sharing(schema: Json): Pick<ListSchema, 'shared' | 'patchKey'> {
  switch (at(schema, 'x-kubernetes-list-type')) {
    case 'set':
      return { shared: 'set' };
    case 'map':
      return { shared: listOf(at(schema, 'x-kubernetes-list-map-keys')).map(textOf) };
    default:
      return { shared: 'atomic' };
  }
}

function isOpen(schema: Json): boolean {
  return (
    objectOf(schema)['x-kubernetes-preserve-unknown-fields'] === true ||
    at(schema, 'properties') === undefined
  );
}

/** The value with the defaults that the definition gives to absent fields. */
export function withStructuralDefaults(value: Json, schema: Json): Json {
  if (Array.isArray(value)) {
    const items = at(schema, 'items') ?? {};
    return value.map((item: Json) => withStructuralDefaults(item, items));
  }
  if (!isObject(value)) return value;
  const result: Record<string, Json> = { ...value };
  for (const [name, field] of Object.entries(objectOf(at(schema, 'properties')))) {
    const given = result[name] ?? at(field, 'default');
    if (given !== undefined) result[name] = withStructuralDefaults(given, field);
  }
  return result;
}
