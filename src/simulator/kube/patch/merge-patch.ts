import type { Json } from '../json.ts';
import { isObject } from '../json.ts';

/** Applies a JSON merge patch (RFC 7386): objects are merged, null removes, everything else replaces. */
export function mergePatch(document: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = isObject(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
