import type { FieldError } from '../api-error.ts';
import type { Json } from '../json.ts';

/** The categories of field errors, printed as k8s.io/apimachinery `field.Error.ErrorBody` prints them. */

export function required(field: string, detail = ''): FieldError {
  return { kind: 'required', field, body: join('Required value', detail) };
}

export function invalidValue(field: string, value: Json | undefined, detail: string): FieldError {
  return { kind: 'invalid', field, body: join(`Invalid value: ${JSON.stringify(value ?? null)}`, detail) };
}

export function notSupported(
  field: string,
  value: Json | undefined,
  supported: readonly string[],
): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(', ');
  return {
    kind: 'notSupported',
    field,
    body: `Unsupported value: ${JSON.stringify(value ?? null)}: supported values: ${list}`,
  };
}

export function duplicate(field: string, value: Json): FieldError {
  return { kind: 'duplicate', field, body: `Duplicate value: ${JSON.stringify(value)}` };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { kind: 'forbidden', field, body: join('Forbidden', detail) };
}

export function tooLong(field: string, bytes: number): FieldError {
  return { kind: 'tooLong', field, body: `Too long: may not be more than ${bytes} bytes` };
}

function join(category: string, detail: string): string {
  return detail ? `${category}: ${detail}` : category;
}
