// The few words of structural OpenAPI schemas that our CustomResourceDefinitions need.

export type Schema = Readonly<Record<string, unknown>>;
/** A CEL expression and what the API server says when it does not hold. */
export type CelRule = readonly [rule: string, message: string];

const optionalMark = Symbol('optional');
type Property = Schema & { readonly [optionalMark]?: true };

/** A property that may be absent; the others of an `object` are required. */
export const optional = (schema: Schema): Property => ({ ...schema, [optionalMark]: true });

export const text = (description: string): Schema => ({ description, type: 'string' });
export const flag = (description: string): Schema => ({ description, type: 'boolean' });
export const time = (description: string): Schema => ({ description, type: 'string', format: 'date-time' });
export const integer = (description: string, format: 'int32' | 'int64' = 'int32'): Schema => ({
  description,
  type: 'integer',
  format,
});
export const integerOrText = (description: string): Schema => ({
  description,
  'x-kubernetes-int-or-string': true,
  anyOf: [{ type: 'integer' }, { type: 'string' }],
});
export const oneOf = (values: readonly string[], description: string): Schema => ({
  description,
  type: 'string',
  enum: values,
});
export const list = (items: Schema, description: string, rest: Schema = {}): Schema => ({
  description,
  type: 'array',
  items,
  ...rest,
});
export const map = (values: Schema, description: string, rest: Schema = {}): Schema => ({
  description,
  type: 'object',
  additionalProperties: values,
  ...rest,
});

export const ruled = (schema: Schema, rules: readonly CelRule[]): Schema => ({
  ...schema,
  'x-kubernetes-validations': rules.map(([rule, message]) => ({ rule, message })),
});

export function object(
  properties: Readonly<Record<string, Property>>,
  description = '',
  rules: readonly CelRule[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => properties[name]?.[optionalMark] !== true);
  const schema: Schema = {
    ...(description === '' ? {} : { description }),
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties,
  };
  return rules.length === 0 ? schema : ruled(schema, rules);
}

export const labelSelector = (description: string): Schema => ({
  ...object(
    {
      matchLabels: optional({
        description: 'Labels with these values.',
        type: 'object',
        additionalProperties: { type: 'string' },
      }),
      matchExpressions: optional(
        list(
          object({
            key: text('Key of the label.'),
            operator: oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist'], 'How the values are meant.'),
            values: optional(list({ type: 'string' }, 'For In and NotIn.')),
          }),
          'Requirements, all of which must hold.',
        ),
      ),
    },
    description,
  ),
  'x-kubernetes-map-type': 'atomic',
});

/** The schema of a whole object: `spec` is always there, `status` is not. */
export function root(parts: { readonly spec: Schema; readonly status?: Schema }): Schema {
  return {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        ...parts,
      },
    },
  };
}
