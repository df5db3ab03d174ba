import * as api from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ObjectApi, Target, WriteOptions, Written } from '../object-api.ts';
import { strategicMerge } from './strategic-merge.ts';

export type ApplyRequest = {
  readonly target: Target;
  readonly body: JsonObject;
  readonly force: boolean;
  readonly options: WriteOptions;
};

/** Server-side apply: creates the object or merges the applied configuration into it. */
export function serverSideApply(
  objects: ObjectApi,
  request: ApplyRequest,
): Written & { readonly created: boolean } {
  const { target, body, options } = request;
  let old: JsonObject | undefined;
  try {
    old = objects.get(target);
  } catch (error) {
    if (!(error instanceof api.ApiError) || error.code !== 404) throw error;
  }
  if (!old) {
    const named: Json = { ...body };
    return { ...objects.create(target, named, options), created: true };
  }
  return {
    ...objects.update(target, strategicMerge(old, body, target.resource.schema), options),
    created: false,
  };
}
