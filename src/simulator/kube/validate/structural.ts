import type { FieldError } from '../api-error.ts';
import type { Json } from '../json.ts';
import { at, isObject, listOf, objectOf, sameJson, textOf } from '../json.ts';
import { evaluateRule } from './cel.ts';
import { duplicate, invalidValue, notSupported, required } from './field-error.ts';

/**
 * What is wrong with a custom object by the `openAPIV3Schema` of its definition, in the words of the API server. Rules
 * (`x-kubernetes-validations`) are checked only when no field is missing, of a wrong type or outside its list of values.
 */
export function validateStructural(value: Json, schema: Json, old: Json | undefined): readonly FieldError[] {
  const errors = [...validateValue(value, schema, ''), ...validateSets(value, schema, '')];
  const blocking = errors.some((error) => ['required', 'notSupported', 'typeInvalid'].includes(error.kind));
  if (!blocking) return [...errors, ...validateRules(value, schema, '', old)];
  const unchecked =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return hasRules(schema) ? [...errors, invalidValue('<nil>', null, unchecked)] : errors;
}

function validateValue(value: Json, schema: Json, field: string): readonly FieldError[] {
  const allowed = at(schema, 'enum');
  const outside = Array.isArray(allowed) && !allowed.some((each) => sameJson(each, value));
  return [
    ...validateType(value, schema, field),
    ...(outside ? [notSupported(field, value, allowed.map(textOf))] : []),
    ...validateContent(value, schema, field),
  ];
}

function validateType(value: Json, schema: Json, field: string): readonly FieldError[] {
  const type = textOf(at(schema, 'type'));
  if (!type || hasType(value, type) || at(schema, 'x-kubernetes-int-or-string') === true) return [];
  const found = JSON.stringify(goTypeOf(value));
  const body = `Invalid value: ${found}: ${field} in body must be of type ${type}: ${found}`;
  return [{ kind: 'typeInvalid', field, body }];
}

function validateContent(value: Json, schema: Json, field: string): readonly FieldError[] {
  if (Array.isArray(value)) return validateList(value, schema, field);
  if (isObject(value)) return validateObject(value, schema, field);
  return [...validateText(value, schema, field), ...validateNumber(value, schema, field)];
}

function validateObject(value: Json, schema: Json, field: string): readonly FieldError[] {
  const given = objectOf(value);
  const properties = objectOf(at(schema, 'properties'));
  const others = at(schema, 'additionalProperties');
  const missing = listOf(at(schema, 'required'))
    .map(textOf)
    .filter((name) => !Object.hasOwn(given, name));
  const least = Number(at(schema, 'minProperties') ?? 0);
  const count = Object.keys(given).length;
  return [
    ...(count < least
      ? [invalidValue(field, count, `${field} in body should have at least ${least} properties`)]
      : []),
    ...missing.map((name) => required(below(field, name))),
    ...Object.entries(given).flatMap(([name, item]) => {
      const inside = Object.hasOwn(properties, name) ? properties[name] : others;
      return isObject(inside) ? validateValue(item, inside, below(field, name)) : [];
    }),
  ];
}

function validateList(list: readonly Json[], schema: Json, field: string): readonly FieldError[] {
  const least = Number(at(schema, 'minItems') ?? 0);
  const most = Number(at(schema, 'maxItems') ?? Infinity);
  const count = list.length;
  return [
    ...(count < least
      ? [invalidValue(field, count, `${field} in body should have at least ${least} items`)]
      : []),
    ...(count > most
      ? [invalidValue(field, count, `${field} in body should have at most ${most} items`)]
      : []),
    ...list.flatMap((item, index) => validateValue(item, at(schema, 'items') ?? {}, `${field}[${index}]`)),
  ];
}

/** Items that a set holds twice. Keys of maps are written in brackets here, unlike in the other checks. */
function validateSets(value: Json, schema: Json, field: string): readonly FieldError[] {
  if (Array.isArray(value)) {
    const items = at(schema, 'items') ?? {};
    const isSet = at(schema, 'x-kubernetes-list-type') === 'set';
    return value.flatMap((item: Json, index) => {
      const place = `${field}[${index}]`;
      const isRepeated = isSet && value.slice(0, index).some((earlier: Json) => sameJson(earlier, item));
      return isRepeated ? [duplicate(place, item)] : validateSets(item, items, place);
    });
  }
  const properties = objectOf(at(schema, 'properties'));
  const others = at(schema, 'additionalProperties');
  return Object.entries(objectOf(value)).flatMap(([name, item]) => {
    const inside = properties[name];
    if (inside !== undefined) return validateSets(item, inside, below(field, name));
    return isObject(others) ? validateSets(item, others, `${field}[${name}]`) : [];
  });
}

function validateText(value: Json, schema: Json, field: string): readonly FieldError[] {
  if (typeof value !== 'string') return [];
  const pattern = textOf(at(schema, 'pattern'));
  const least = Number(at(schema, 'minLength') ?? 0);
  const most = Number(at(schema, 'maxLength') ?? Infinity);
  const refused = (why: string): FieldError => invalidValue(field, value, `${field} in body ${why}`);
  return [
    ...(pattern && !matches(value, pattern) ? [refused(`should match '${pattern}'`)] : []),
    ...(value.length < least ? [refused(`should be at least ${least} chars long`)] : []),
    ...(value.length > most ? [refused(`should be at most ${most} chars long`)] : []),
  ];
}

function validateNumber(value: Json, schema: Json, field: string): readonly FieldError[] {
  if (typeof value !== 'number') return [];
  const least = Number(at(schema, 'minimum') ?? -Infinity);
  const most = Number(at(schema, 'maximum') ?? Infinity);
  const refused = (why: string): FieldError =>
    invalidValue(field, value, `${field} in body should be ${why}`);
  return [
    ...(value < least ? [refused(`greater than or equal to ${least}`)] : []),
    ...(value > most ? [refused(`less than or equal to ${most}`)] : []),
  ];
}

function validateRules(
  self: Json,
  schema: Json,
  field: string,
  oldSelf: Json | undefined,
): readonly FieldError[] {
  const failed = listOf(at(schema, 'x-kubernetes-validations')).filter(
    (rule) => evaluateRule(textOf(at(rule, 'rule')), { self, oldSelf }) === false,
  );
  const errors = failed.map((rule): FieldError => {
    const message = textOf(at(rule, 'message')) || `failed rule: ${textOf(at(rule, 'rule'))}`;
    const place = field || '<nil>';
    if (typeof self !== 'object') return invalidValue(place, self, message);
    return { kind: 'invalid', field: place, body: `Invalid value: ${message}` };
  });
  if (Array.isArray(self)) {
    // Items of a list have no counterpart in the old one that could be told for sure.
    const items = at(schema, 'items') ?? {};
    const inside = self.map((item: Json, index) =>
      validateRules(item, items, `${field}[${index}]`, undefined),
    );
    return [...errors, ...inside.flat()];
  }
  const given = objectOf(self);
  return [
    ...errors,
    ...Object.entries(objectOf(at(schema, 'properties'))).flatMap(([name, inside]) => {
      const item = given[name];
      return item === undefined ? [] : validateRules(item, inside, below(field, name), at(oldSelf, name));
    }),
  ];
}

function hasRules(schema: Json): boolean {
  if (!isObject(schema)) return false;
  const { items } = schema;
  const inside = [...Object.values(objectOf(schema['properties'])), ...(items === undefined ? [] : [items])];
  return schema['x-kubernetes-validations'] !== undefined || inside.some(hasRules);
}

/** Go's regular expressions differ from ours in rare forms; what we cannot read refuses nothing. */
function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return true;
  }
}

function hasType(value: Json, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function goTypeOf(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function below(field: string, name: string): string {
  return field ? `${field}.${name}` : name;
}
