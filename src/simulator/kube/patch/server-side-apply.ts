import * as api from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject, listOf, sameJson, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { ObjectApi, Target, WriteOptions, Written } from '../object-api.ts';
import type { Fields } from './fields.ts';
import {
  changedFields,
  fieldPaths,
  fieldsOf,
  intersection,
  isEmpty,
  minus,
  overlay,
  union,
  withoutFields,
} from './fields.ts';
import type { ManagedEntry, Writer } from './managed-fields.ts';
import { entriesOf, isBy, owned, toManagedFields } from './managed-fields.ts';

export type ApplyRequest = {
  readonly target: Target;
  readonly body: JsonObject;
  readonly force: boolean;
  readonly options: WriteOptions;
  /** For the managedFields entry. */
  readonly time: string;
};

/**
 * Server-side apply: lays the configuration over the object, removes what this manager applied before and no longer does, and
 * refuses to change fields of other managers unless forced. Creates the object when it does not exist.
 */
export function serverSideApply(
  objects: ObjectApi,
  request: ApplyRequest,
): Written & { readonly created: boolean } {
  const { target, body, options, time } = request;
  if (!options.fieldManager)
    throw api.badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  if (isObject(body['metadata']) && listOf(body['metadata']['managedFields']).length > 0) {
    throw api.badRequest('metadata.managedFields must be nil');
  }
  const writer: Writer = {
    manager: options.fieldManager,
    operation: 'Apply',
    subresource: target.subresource,
    time,
  };
  const live = objects.find(target);
  const fields = fieldsOf(owned(body), target.resource.schema);
  if (!live) {
    const managedFields = toManagedFields([{ ...writer, apiVersion: textOf(body['apiVersion']), fields }]);
    const named = {
      ...body,
      metadata: { ...(isObject(body['metadata']) ? body['metadata'] : {}), name: target.name },
    };
    return {
      ...objects.create(target, named, { ...options, ...(managedFields ? { managedFields } : {}) }),
      created: true,
    };
  }
  const { object, entries } = merged(live, request, writer, fields);
  const managedFields = toManagedFields(entries) ?? [];
  return { ...objects.update(target, object, { ...options, managedFields }), created: false };
}

function merged(
  live: KubeObject,
  { target, body, force }: ApplyRequest,
  writer: Writer,
  fields: Fields,
): { readonly object: Json; readonly entries: readonly ManagedEntry[] } {
  const { schema } = target.resource;
  const entries = entriesOf(live);
  const mine = entries.find((entry) => isBy(entry, writer));
  const others = entries.filter((entry) => entry !== mine);
  const elsewhere = others.reduce<Fields>((sum, entry) => union(sum, entry.fields), {});
  const dropped = minus(minus(mine?.fields ?? {}, fields), elsewhere);
  const object = overlay(withoutFields(live, dropped, schema), body, schema);
  const changed = intersection(
    changedFields(owned(live), owned(isObject(object) ? object : {}), schema),
    fields,
  );
  const conflicts = others.map((entry) => ({ entry, fields: intersection(entry.fields, changed) }));
  if (!force) refuseConflicts(conflicts.filter((each) => !isEmpty(each.fields)));
  const left = conflicts
    .map(({ entry, fields: taken }) => ({ ...entry, fields: minus(entry.fields, taken) }))
    .filter((entry) => !isEmpty(entry.fields));
  // An entry whose fields stay the same keeps its time, so that applying the same twice changes nothing.
  const time = mine && sameJson(mine.fields, fields) ? mine.time : writer.time;
  return { object, entries: [...left, { ...writer, time, apiVersion: live.apiVersion, fields }] };
}

function refuseConflicts(
  conflicts: readonly { readonly entry: ManagedEntry; readonly fields: Fields }[],
): void {
  const causes = conflicts.flatMap(({ entry, fields }) => {
    const using = `conflict with "${entry.manager}"${entry.subresource ? ` with subresource "${entry.subresource}"` : ''} using ${entry.apiVersion}`;
    return fieldPaths(fields).map((field) => ({ reason: 'FieldManagerConflict', message: using, field }));
  });
  if (causes.length === 0) return;
  const [first] = causes;
  const list =
    causes.length === 1
      ? `1 conflict: ${first?.message}: ${first?.field}`
      : `${causes.length} conflicts: ${causes.map((cause) => `${cause.message}: ${cause.field}`).join('\n')}`;
  throw new api.ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Apply failed with ${list}`,
    details: { causes },
  });
}
