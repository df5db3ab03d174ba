import type { Json, JsonObject } from './json.ts';

/** Field names of an Event: core/v1 (as stored) and events.k8s.io/v1. */
const fields: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

/** An events.k8s.io/v1 Event in the core form, in which both are stored. */
export function toCoreEvent(event: JsonObject): JsonObject {
  return renamed(event, new Map(fields.map(([core, later]) => [later, core])), 'v1');
}

/** A stored Event as events.k8s.io/v1 shows it. */
export function toNewEvent(event: JsonObject): JsonObject {
  return renamed(event, new Map(fields), 'events.k8s.io/v1');
}

function renamed(event: JsonObject, names: ReadonlyMap<string, string>, apiVersion: string): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(event)) result[names.get(key) ?? key] = value;
  return { ...result, apiVersion };
}
