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
  const shown = renamed(event, new Map(fields), 'events.k8s.io/v1');
  const isUnset = (key: string, value: Json): boolean => unsetFields.includes(key) && value === '';
  return Object.fromEntries(Object.entries(shown).filter(([key, value]) => !isUnset(key, value)));
}

/** core/v1 always writes these, events.k8s.io only when they are set. */
const unsetFields = ['reportingController', 'reportingInstance'];

function renamed(event: JsonObject, names: ReadonlyMap<string, string>, apiVersion: string): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(event)) result[names.get(key) ?? key] = value;
  return { ...result, apiVersion };
}
