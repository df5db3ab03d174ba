// Every annotation, described once: messages, suggestions and the reference page come from here.

import { type AnnotationEntry, type AnnotationSection, annotationPrefix } from './entry.ts';
import { nearest } from './nearest.ts';
import { addOns } from './sections/add-ons.ts';
import { authentication } from './sections/authentication.ts';
import { frontendNlb } from './sections/frontend-nlb.ts';
import { group } from './sections/group.ts';
import { listeners } from './sections/listeners.ts';
import { loadBalancer } from './sections/load-balancer.ts';
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
];

export const annotationTable: readonly AnnotationEntry[] = annotationSections.flatMap(
  (section) => section.entries,
);

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

/** `alb.ingress.kubernetes.io/scheme` */
export function fullKey(key: string): string {
  return `${annotationPrefix}${key}`;
}
