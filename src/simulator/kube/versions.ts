import { toNewEvent } from './event-versions.ts';
import type { JsonObject } from './json.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resource.ts';

/** A stored object as this version of its kind shows it. Versions of custom kinds differ in their name only. */
export function shownAs(resource: Resource, object: KubeObject): JsonObject {
  if (resource.custom) return { ...object, apiVersion: apiVersionOf(resource) };
  return resource.group === 'events.k8s.io' ? toNewEvent(object) : object;
}
