import type { Json, JsonObject } from '../json.ts';
import { isList, isObject, listOf, sameJson } from '../json.ts';
import type { ListSchema, Schema } from '../schema/schema.ts';
import { child } from '../schema/schema.ts';

/**
 * A set of fields in the form that `managedFields` stores (FieldsV1): `f:name` a field, `k:{"port":80}` a list item by its keys,
 * `v:"x"` a list item by its value, `.` the thing itself; an empty object is a leaf.
 */
export type Fields = { readonly [step: string]: Fields };

const itself = '.';

/** All fields that a value sets. What is shared as one value (scalars, atomic lists and objects) is one leaf. */
export function fieldsOf(value: Json, schema: Schema): Fields {
  return Object.fromEntries(
    steps(value, schema).map((step) => [step.name, { ...step.own, ...fieldsOf(step.value, step.schema) }]),
  );
}

/** The fields that `after` sets to something else than `before`, or sets at all; maps and lists that are new as such, too. */
export function changedFields(before: Json | undefined, after: Json, schema: Schema): Fields {
  const old = new Map(before === undefined ? [] : steps(before, schema).map((step) => [step.name, step]));
  const result: Record<string, Fields> = {};
  for (const step of steps(after, schema)) {
    const previous = old.get(step.name);
    const inner = changedFields(previous?.value, step.value, step.schema);
    const leaf = steps(step.value, step.schema).length === 0;
    if (!previous) result[step.name] = { ...step.own, ...(isContainer(step) ? exists : {}), ...inner };
    else if (leaf ? !sameJson(previous.value, step.value) : !isEmpty(inner)) result[step.name] = inner;
  }
  return result;
}

type Step = {
  readonly name: string;
  readonly value: Json;
  readonly schema: Schema;
  /** List items exist apart from their fields, so they are owned themselves. */
  readonly own: Fields;
};

const exists: Fields = { [itself]: {} };

function isContainer({ value, schema }: Step): boolean {
  const shared = schema.kind === 'map' || schema.kind === 'list';
  return shared && steps(value, schema).length > 0;
}

/** One step into a value, as far as writers share what is inside; none for leaves. */
function steps(value: Json, schema: Schema): readonly Step[] {
  if (isObject(value)) {
    if (isAtomic(schema)) return [];
    const all = Object.entries(value).map(([key, item]) => ({
      name: `f:${key}`,
      value: item,
      schema: child(schema, key),
      own: {},
    }));
    return all.filter((each) => !isBare(each));
  }
  if (!isList(value) || schema.kind !== 'list' || schema.shared === 'atomic') return [];
  return value.map((item) => ({
    name: itemName(item, schema),
    value: schema.shared === 'set' ? '' : item,
    schema: schema.items,
    own: schema.shared === 'set' ? {} : exists,
  }));
}

/** An empty object or shared list: whoever set it owns nothing, else giving it up would take along what others put into it. */
function isBare({ value, schema }: Pick<Step, 'value' | 'schema'>): boolean {
  if (isObject(value)) return Object.keys(value).length === 0 && !isAtomic(schema);
  return isList(value) && value.length === 0 && schema.kind === 'list' && schema.shared !== 'atomic';
}

function isAtomic(schema: Schema): boolean {
  return (schema.kind === 'object' || schema.kind === 'map') && schema.atomic === true;
}

/** How a list item is named: by its keys (with their defaults) or, in a set, by its value. */
function itemName(item: Json, schema: ListSchema): string {
  if (schema.shared === 'set' || schema.shared === 'atomic' || !isObject(item))
    return `v:${JSON.stringify(item)}`;
  // Ports are told apart by protocol too, and an absent protocol is TCP.
  const keys = schema.shared.flatMap((key) => {
    const value = item[key] ?? (key === 'protocol' ? 'TCP' : undefined);
    return value === undefined ? [] : [[key, value] as const];
  });
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

export function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).length === 0;
}

/** Whether a step is in the set itself, not only something below it. */
function isMember(fields: Fields): boolean {
  return isEmpty(fields) || fields[itself] !== undefined;
}

function below(fields: Fields): Fields {
  const { [itself]: _itself, ...rest } = fields;
  return rest;
}

/** One step of a set: in the set itself or not, with what is below; undefined when neither. */
function step(member: boolean, inner: Fields): Fields | undefined {
  if (!member) return isEmpty(inner) ? undefined : inner;
  return isEmpty(inner) ? {} : { [itself]: {}, ...inner };
}

export function union(left: Fields, right: Fields): Fields {
  return combined(left, right, [...new Set([...Object.keys(left), ...Object.keys(right)])], (one, other) =>
    one && other ? step(isMember(one) || isMember(other), union(below(one), below(other))) : (one ?? other),
  );
}

/** The fields of `left` that `right` does not have. */
export function minus(left: Fields, right: Fields): Fields {
  return combined(left, right, Object.keys(left), (one = {}, other) =>
    other ? step(isMember(one) && !isMember(other), minus(below(one), below(other))) : one,
  );
}

/** The fields in both. */
export function intersection(left: Fields, right: Fields): Fields {
  return combined(left, right, Object.keys(left), (one = {}, other) =>
    other ? step(isMember(one) && isMember(other), intersection(below(one), below(other))) : undefined,
  );
}

function combined(
  left: Fields,
  right: Fields,
  names: readonly string[],
  combine: (one: Fields | undefined, other: Fields | undefined) => Fields | undefined,
): Fields {
  return Object.fromEntries(
    names.flatMap((name) => {
      const result = combine(left[name], right[name]);
      return result === undefined ? [] : [[name, result] as const];
    }),
  );
}

/** The leaves as the API server prints them: `.spec.ports[port=80,protocol="TCP"].targetPort`. */
export function fieldPaths(fields: Fields, prefix = ''): readonly string[] {
  return Object.entries(below(fields)).flatMap(([name, inner]) => {
    const path = prefix + printedStep(name);
    const deeper = fieldPaths(inner, path);
    return deeper.length > 0 ? deeper : [path];
  });
}

function printedStep(name: string): string {
  const value = name.slice(2);
  if (name.startsWith('f:')) return `.${value}`;
  if (name.startsWith('v:')) return `[=${value}]`;
  const keys = JSON.parse(value) as JsonObject;
  return `[${Object.entries(keys)
    .map(([key, item]) => `${key}=${JSON.stringify(item)}`)
    .join(',')}]`;
}

/** The value without the given fields; objects and lists that lose their last content that way go too. */
export function withoutFields(value: Json, fields: Fields, schema: Schema): Json {
  if (isObject(value)) {
    const result: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) {
      const gone = fields[`f:${key}`];
      const kept = gone ? reduced(item, gone, child(schema, key)) : item;
      if (kept !== undefined) result[key] = kept;
    }
    return result;
  }
  if (!isList(value) || schema.kind !== 'list') return value;
  return value.flatMap((item) => {
    const gone = fields[itemName(item, schema)];
    return (gone ? reduced(item, gone, schema.items) : item) ?? [];
  });
}

function reduced(value: Json, gone: Fields, schema: Schema): Json | undefined {
  if (isEmpty(gone) || gone[itself]) return undefined;
  const rest = withoutFields(value, gone, schema);
  return isBare({ value: rest, schema }) ? undefined : rest;
}

/** Lays an applied configuration over an object: objects and keyed lists are merged, everything else is taken over. */
export function overlay(live: Json | undefined, applied: Json, schema: Schema): Json {
  if (isObject(applied) && isObject(live) && !isAtomic(schema)) {
    const result: Record<string, Json> = { ...live };
    for (const [key, value] of Object.entries(applied))
      result[key] = overlay(live[key], value, child(schema, key));
    return result;
  }
  if (!isList(applied) || schema.kind !== 'list' || schema.shared === 'atomic') return applied;
  return overlayItems(listOf(live), applied, schema);
}

/** Applied items in their order; items that only the object has come as early as their own order allows. */
function overlayItems(live: readonly Json[], applied: readonly Json[], schema: ListSchema): readonly Json[] {
  const current = new Map(live.map((item) => [itemName(item, schema), item]));
  const wanted = new Set(applied.map((item) => itemName(item, schema)));
  const result: Json[] = [];
  let next = 0;
  const passLiveOnly = (): void => {
    for (
      let item = live[next];
      item !== undefined && !wanted.has(itemName(item, schema));
      item = live[next]
    ) {
      result.push(item);
      next++;
    }
  };
  for (const item of applied) {
    passLiveOnly();
    const name = itemName(item, schema);
    result.push(overlay(current.get(name), item, schema.items));
    const place = live[next];
    if (place !== undefined && itemName(place, schema) === name) next++;
  }
  return [...result, ...live.slice(next).filter((item) => !wanted.has(itemName(item, schema)))];
}
