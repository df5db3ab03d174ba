import type { Json, JsonObject } from '../json.ts';
import { isObject, listOf, present, textOf, without } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';
import type { Fields } from './fields.ts';
import { changedFields, fieldsOf, isEmpty, minus, union } from './fields.ts';

/** Who set which fields: one entry per manager, operation and subresource, as `metadata.managedFields` has them. */
export type ManagedEntry = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string;
  readonly apiVersion: string;
  readonly time: string;
  readonly fields: Fields;
};

export type Writer = Pick<ManagedEntry, 'manager' | 'operation' | 'subresource'> & { readonly time: string };

/** The entries after an ordinary write: the writer owns what it changed, everybody loses what was changed or removed. */
export function entriesAfterUpdate(
  old: KubeObject | undefined,
  next: KubeObject,
  writer: Writer,
  { schema, status }: Pick<Resource, 'schema' | 'status'>,
): readonly ManagedEntry[] {
  const written = (object: KubeObject): JsonObject =>
    writer.subresource === 'status'
      ? present({ metadata: owned(object)['metadata'], status: object['status'] })
      : status
        ? without(owned(object), 'status')
        : owned(object);
  const after = written(next);
  const before = old && written(old);
  const changed = changedFields(before, after, schema);
  const removed = before ? minus(fieldsOf(before, schema), fieldsOf(after, schema)) : {};
  const entries = entriesOf(next);
  if (isEmpty(changed) && isEmpty(removed)) return entries;
  const lost = union(changed, removed);
  const mine = entries.find((entry) => isBy(entry, writer));
  const others = entries
    .filter((entry) => entry !== mine)
    .map((entry) => ({ ...entry, fields: minus(entry.fields, lost) }));
  const fields = union(minus(mine?.fields ?? {}, removed), changed);
  return [...others, { ...writer, apiVersion: next.apiVersion, fields }].filter(
    (entry) => !isEmpty(entry.fields),
  );
}

/** The part of an object whose fields have owners: not what the server sets itself. */
export function owned(object: JsonObject): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const kept = without(metadata, ...serverFields);
  const rest = without(object, 'apiVersion', 'kind', 'metadata');
  return Object.keys(kept).length > 0 ? { metadata: kept, ...rest } : rest;
}

const serverFields = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

export function isBy(entry: ManagedEntry, writer: Writer): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === writer.operation &&
    entry.subresource === writer.subresource
  );
}

/** Reads `metadata.managedFields`; a list of one empty entry, by which clients reset it, reads as none. */
export function entriesOf(object: KubeObject): readonly ManagedEntry[] {
  return listOf(object.metadata.managedFields)
    .filter(isObject)
    .filter((entry) => textOf(entry['manager']) !== '' || isObject(entry['fieldsV1']))
    .map((entry) => ({
      manager: textOf(entry['manager']),
      operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
      subresource: textOf(entry['subresource']),
      apiVersion: textOf(entry['apiVersion']),
      time: textOf(entry['time']),
      fields: (isObject(entry['fieldsV1']) ? entry['fieldsV1'] : {}) as Fields,
    }));
}

export function toManagedFields(entries: readonly ManagedEntry[]): readonly Json[] | undefined {
  if (entries.length === 0) return undefined;
  return entries.map(({ fields, subresource, ...entry }) => ({
    ...entry,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource ? { subresource } : {}),
  }));
}
