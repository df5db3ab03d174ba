// An Ingress, a group or a class that is to be left alone for a while.

import type { Ingress, Meta } from '../domain/cluster.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { problemOf } from './context.ts';
import { ingressClassOf } from './host-policy.ts';
import { ingressId, ingressRef } from './ingress-ref.ts';

/** On an Ingress: `true` for it alone, `group` for its group. On an IngressClass: `true` for the groups of its Ingresses. */
export const pauseAnnotation = 'albatross.dev/pause';

const says = ({ annotations }: Meta, ...words: readonly string[]): boolean =>
  words.includes(annotations[pauseAnnotation] ?? '');

/** Whether what the Ingress has stays as it is, and nothing new comes from it. */
export const isPaused = ({ meta }: Ingress): boolean => says(meta, 'true');

/** Who pauses the whole group that the Ingress belongs to, as text; undefined: nobody. */
export function groupPauser(ingress: Ingress, snapshot: Snapshot): string | undefined {
  if (says(ingress.meta, 'group')) return `Ingress ${ingressId(ingress)}`;
  const found = ingressClassOf(ingress, snapshot);
  return found !== undefined && says(found.meta, 'true') ? `IngressClass ${found.meta.name}` : undefined;
}

/** Tells on the Ingress that what it has stays as it is, even when it is deleted. */
export function pausedProblem(ingress: Ingress): Problem {
  const isDeleted = ingress.meta.deletionTimestamp !== undefined;
  return {
    ...problemOf(ingressRef(ingress), {
      code: 'Paused',
      severity: 'warning',
      path: `metadata.annotations[${pauseAnnotation}]`,
      message: `Ingress ${ingressId(ingress)} is paused, so ${isDeleted ? 'it is not deleted, and ' : ''}what it has in AWS stays as it is; targets still follow`,
      hint: `Take the annotation ${pauseAnnotation} away to go on`,
      albcEvent: 'none',
    }),
  };
}
