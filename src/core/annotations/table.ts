// Every annotation, described once: messages, suggestions and the reference page come from here.

import { type AnnotationEntry, type AnnotationSection, annotationPrefix, ownPrefix } from './entry.ts';
import { nearest } from './nearest.ts';
import { addOns } from './sections/add-ons.ts';
import { authentication } from './sections/authentication.ts';
import { frontendNlb } from './sections/frontend-nlb.ts';
import { group } from './sections/group.ts';
import { listeners } from './sections/listeners.ts';
import { loadBalancer } from './sections/load-balancer.ts';
import { own } from './sections/own.ts';
import { routing } from './sections/routing.ts';
import { targetGroups } from './sections/target-groups.ts';

export const annotationSections: readonly AnnotationSection[] = [
  group,
  loadBalancer,
  listeners,
  routing,
  targetGroups,
  authentication,
  addOns,
  frontendNlb,
  own,
];

const everyEntry: readonly AnnotationEntry[] = annotationSections.flatMap(({ entries }) => entries);
/** Those that ALBC has too. */
export const annotationTable = everyEntry.filter(({ prefix }) => prefix === annotationPrefix);
export const ownTable = everyEntry.filter(({ prefix }) => prefix === ownPrefix);

const byKey = new Map(annotationTable.map((entry) => [entry.key, entry]));
const families = annotationTable
  .filter((entry) => entry.key.includes('<'))
  .map((entry) => ({ entry, start: entry.key.slice(0, entry.key.indexOf('<')) }));

/** The entry of an annotation key without its prefix; `actions.maintenance` belongs to the family `actions.<name>`. */
export function entryOf(key: string): AnnotationEntry | undefined {
  return (
    byKey.get(key) ?? families.find(({ start }) => key.startsWith(start) && key.length > start.length)?.entry
  );
}

/** The known key that was probably meant, in the form the user would write; undefined when nothing is near. */
export function suggestKey(key: string): string | undefined {
  const whole = families.find(({ start }) => start === `${key}.`);
  if (whole !== undefined) return whole.entry.key;
  const dot = key.indexOf('.');
  const family = dot < 0 ? undefined : families.find(({ start }) => isNear(start, key.slice(0, dot + 1)));
  if (family !== undefined) return `${family.start}${key.slice(dot + 1)}`;
  return nearest(
    key,
    annotationTable.filter((entry) => !entry.key.includes('<')).map((entry) => entry.key),
  );
}

function isNear(start: string, written: string): boolean {
  return nearest(written, [start]) !== undefined;
}

/** A plan asks for the same few names thousands of times, and a text that was looked up before is found faster. */
const fullKeys = new Map<string, string>();

/** `alb.ingress.kubernetes.io/scheme` */
export function fullKey(key: string): string {
  const known = fullKeys.get(key);
  if (known !== undefined) return known;
  const full = `${annotationPrefix}${key}`;
  // Families such as `actions.<name>` have no end.
  if (fullKeys.size < maxFullKeys) fullKeys.set(key, full);
  return full;
}

const maxFullKeys = 1000;

/** The entry of an annotation of ours, and else the one that was probably meant; both undefined for others' annotations. */
export function ownEntryOf(annotation: string): {
  readonly entry: AnnotationEntry | undefined;
  readonly meant: string | undefined;
} {
  const key = annotation.startsWith(ownPrefix) ? annotation.slice(ownPrefix.length) : undefined;
  if (key === undefined) return { entry: undefined, meant: undefined };
  const entry = ownTable.find((candidate) => candidate.key === key);
  const near =
    entry === undefined
      ? nearest(
          key,
          ownTable.map((candidate) => candidate.key),
        )
      : undefined;
  return { entry, meant: near === undefined ? undefined : `${ownPrefix}${near}` };
}
