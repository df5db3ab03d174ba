import { parse } from 'yaml';
import * as api from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject, objectOf, textOf } from '../json.ts';
import type { ObjectApi, Target, WriteOptions, Writing, Written } from '../object-api.ts';
import { shownAs } from '../versions.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { serverSideApply } from './server-side-apply.ts';
import { strategicMerge } from './strategic-merge.ts';

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
];

export type PatchRequest = {
  readonly target: Target;
  /** The content type, without parameters. */
  readonly type: string;
  /** The body as it was sent. */
  readonly text: string;
  readonly force: boolean;
  /** The `fieldManager` parameter; empty when absent. */
  readonly manager: string;
  readonly options: WriteOptions;
};

/** Carries out a PATCH of any type. A server-side apply creates the object when it does not exist. */
export function* patching(
  objects: ObjectApi,
  request: PatchRequest,
): Writing<Written & { readonly created: boolean }> {
  const { target, type, options } = request;
  if (type === 'application/apply-patch+yaml')
    return yield* serverSideApply(objects, {
      ...request,
      body: appliedBody(request),
      time: objects.timestamp(),
    });
  const old = objects.get(target);
  const patched = patchedBody(request, shownAs(target.resource, old), parseJson(request.text));
  const metadata = objectOf(patched['metadata']);
  if (textOf(metadata['name']) !== old.metadata.name) {
    throw api.badRequest(
      `the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${old.metadata.name})`,
    );
  }
  return { ...(yield* objects.updating(target, patched, options)), created: false };
}

function patchedBody(request: PatchRequest, old: JsonObject, patch: Json): JsonObject {
  const { resource } = request.target;
  switch (request.type) {
    case 'application/json-patch+json':
      return jsonPatch(old, patch);
    case 'application/merge-patch+json':
      return objectOf(mergePatch(old, objectPatch(patch)));
    case 'application/strategic-merge-patch+json':
      if (resource.custom) break;
      return strategicMerge(old, objectPatch(patch), resource.schema);
  }
  throw api.unsupportedMediaType(
    request.type,
    resource.custom ? patchTypes.filter((type) => !type.includes('strategic')) : patchTypes,
  );
}

function objectPatch(patch: Json): JsonObject {
  if (!isObject(patch))
    throw api.badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  return patch;
}

/** Parses a JSON body; a syntax error is a 400 that says where. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw api.badRequest(
      `the body of the request is not valid JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

function appliedBody(request: PatchRequest): JsonObject {
  let body: unknown;
  try {
    body = parse(request.text);
  } catch (error) {
    throw api.badRequest(`error decoding YAML: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isObject(body)) throw api.badRequest('the applied configuration is not an object');
  return body;
}
