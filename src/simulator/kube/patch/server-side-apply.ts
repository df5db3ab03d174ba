import * as api from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject, listOf, objectOf, sameJson, textOf } from '../json.ts';
import { apiVersionOf } from '../resource.ts';
import { decode } from '../schema/decode.ts';
import type { KubeObject } from '../object.ts';
import type { ObjectApi, Target, WriteOptions, Writing, Written } from '../object-api.ts';
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
  /** The `fieldManager` of the request; empty when it was not given, which is refused. */
  readonly manager: string;
  readonly options: WriteOptions;
  /** For the managedFields entry. */
  readonly time: string;
};

/**
 * Server-side apply: lays the configuration over the object, removes what this manager applied before and no longer does, and
 * refuses to change fields of other managers unless forced. Creates the object when it does not exist.
 */
export function* serverSideApply(
  objects: ObjectApi,
  request: ApplyRequest,
): Writing<Written & { readonly created: boolean }> {
  const { target, body, options, time } = request;
  checkConfiguration(request);
  const writer: Writer = {
    manager: request.manager,
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
      ...(yield* objects.creating(target, named, {
        ...options,
        ...(managedFields ? { managedFields } : {}),
      })),
      created: true,
    };
  }
  const { object, entries } = merged(live, request, writer, fields);
  const managedFields = toManagedFields(entries) ?? [];
  return { ...(yield* objects.updating(target, object, { ...options, managedFields })), created: false };
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
  const groups = conflicts.map(({ entry, fields }) => {
    const subresource = entry.subresource ? ` with subresource "${entry.subresource}"` : '';
    const version = entry.operation === 'Update' ? ` using ${entry.apiVersion}` : '';
    return { who: `"${entry.manager}"${subresource}${version}`, paths: fieldPaths(fields) };
  });
  const causes = groups.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  if (causes.length === 0) return;
  const lines = groups.map(({ who, paths }) =>
    paths.length === 1
      ? `conflict with ${who}: ${paths[0] ?? ''}`
      : `conflicts with ${who}:\n${paths.map((path) => `- ${path}`).join('\n')}`,
  );
  throw new api.ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: ${lines.join('\n')}`,
    details: { causes },
  });
}

/** Refuses what the API server refuses before it merges anything. */
function checkConfiguration({ target, body, manager }: ApplyRequest): void {
  const { resource } = target;
  if (!manager) {
    const field = 'fieldManager';
    const message = 'Required value: is required for apply patch';
    throw new api.ApiError({
      code: 422,
      reason: 'Invalid',
      message: `PatchOptions.meta.k8s.io "" is invalid: ${field}: ${message}`,
      details: {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [{ reason: 'FieldValueRequired', message, field }],
      },
    });
  }
  if (textOf(body['apiVersion']) !== apiVersionOf(resource) || textOf(body['kind']) !== resource.kind) {
    throw api.badRequest(
      `invalid object type: ${textOf(body['apiVersion']) || '/'}, Kind=${textOf(body['kind'])}`,
    );
  }
  const metadata = objectOf(body['metadata']);
  if (listOf(metadata['managedFields']).length > 0)
    throw api.badRequest('metadata.managedFields must be nil');
  const [unknown] = decode(resource.schema, body).unknown;
  if (unknown !== undefined) {
    const what = `(${textOf(metadata['namespace'])}/${target.name}; ${resource.group}/${resource.version}, Kind=${resource.kind})`;
    const message = `failed to create typed patch object ${what}: .${unknown}: field not declared in schema`;
    throw api.statusError({ code: 500, message });
  }
}
