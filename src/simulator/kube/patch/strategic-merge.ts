import type { Json, JsonObject } from '../json.ts';
import { isList, isObject, listOf, sameJson } from '../json.ts';
import type { ListSchema, Schema } from '../schema/schema.ts';
import { child } from '../schema/schema.ts';

/**
 * Applies a strategic merge patch: a merge patch that also knows lists with merge keys, and the directives `$patch` (replace,
 * delete), `$deleteFromPrimitiveList`, `$retainKeys` and `$setElementOrder` (kubernetes sig-api-machinery/strategic-merge-patch.md).
 */
export function strategicMerge(document: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  if (patch['$patch'] === 'replace') return plain(patch);
  if (patch['$patch'] === 'delete') return {};
  const result: Record<string, Json> = retained(document, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete result[key];
    else result[key] = mergeValue(result[key], value, child(schema, key));
  }
  for (const [directive, value] of Object.entries(patch)) {
    const removed = /^\$deleteFromPrimitiveList\/(.+)$/.exec(directive)?.[1];
    if (removed !== undefined)
      result[removed] = listOf(result[removed]).filter((item) => !contains(value, item));
    const ordered = /^\$setElementOrder\/(.+)$/.exec(directive)?.[1];
    if (ordered !== undefined && result[ordered] !== undefined) {
      result[ordered] = inOrder(listOf(result[ordered]), listOf(value), child(schema, ordered));
    }
  }
  return result;
}

function mergeValue(current: Json | undefined, patch: Json, schema: Schema): Json {
  if (isObject(patch)) return strategicMerge(isObject(current) ? current : {}, patch, schema);
  if (!isList(patch) || schema.kind !== 'list') return patch;
  if (schema.patchKey !== undefined) return mergeItems(listOf(current), patch, schema, schema.patchKey);
  if (schema.shared !== 'set') return patch;
  const before = listOf(current);
  return [...before, ...patch.filter((item) => !contains(before, item))];
}

function mergeItems(current: readonly Json[], patch: readonly Json[], schema: ListSchema, key: string): Json {
  const items = patch.filter(isObject);
  if (items.some((item) => item['$patch'] === 'replace')) {
    return items.filter((item) => item['$patch'] === undefined).map(plain);
  }
  let result = [...current];
  for (const item of items) {
    const index = result.findIndex((other) => isObject(other) && sameJson(other[key], item[key]));
    if (item['$patch'] === 'delete') {
      result = result.filter((other) => !(isObject(other) && sameJson(other[key], item[key])));
    } else if (index < 0) {
      result.push(strategicMerge({}, item, schema.items));
    } else {
      const before = result[index];
      result[index] = strategicMerge(isObject(before) ? before : {}, item, schema.items);
    }
  }
  return result;
}

function retained(document: JsonObject, patch: JsonObject): Record<string, Json> {
  const keep = patch['$retainKeys'];
  if (!isList(keep)) return { ...document };
  return Object.fromEntries(Object.entries(document).filter(([key]) => keep.includes(key)));
}

/** Listed items in the given order, the server's own items after them where they stood. */
function inOrder(items: readonly Json[], order: readonly Json[], schema: Schema): readonly Json[] {
  const key = schema.kind === 'list' ? schema.patchKey : undefined;
  const identity = (item: Json): Json | undefined => (key !== undefined && isObject(item) ? item[key] : item);
  const wanted = order.map(identity);
  const place = (item: Json): number => wanted.findIndex((other) => sameJson(other, identity(item)));
  const listed = items
    .filter((item) => place(item) >= 0)
    .toSorted((left, right) => place(left) - place(right));
  return [...listed, ...items.filter((item) => place(item) < 0)];
}

function contains(list: Json | readonly Json[], item: Json): boolean {
  return isList(list) && list.some((other) => sameJson(other, item));
}

/** A patch without its directives: what remains when it replaces instead of merging. */
function plain(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}
