// An Ingress whose load balancer is let go: it stays, and nobody keeps it any more.

import type { Ingress } from '../domain/cluster.ts';
import type { LeavingMember, Member } from '../domain/group-model.ts';
import type { Problem } from '../domain/problem.ts';
import { problemOf } from './context.ts';

/** On every Ingress of a group. */
export const releaseAnnotation = 'albatross.dev/release';

/** Whether its user wants the load balancer left behind. */
export const isReleased = ({ meta }: Ingress): boolean => meta.annotations[releaseAnnotation] === 'true';

/** Why a member is not released: others of its group stay. */
export function releaseHeld(member: LeavingMember, others: readonly Member[]): Problem {
  const ids = others.map(({ id }) => id).join(', ');
  return problemOf(member.ref, {
    code: 'ReleaseHeld',
    severity: 'warning',
    path: `metadata.annotations[${releaseAnnotation}]`,
    message: `Ingress ${member.id} asks to be released, and ${ids} of the same group does not, so the load balancer is kept and the rules of ${member.id} stay as they are`,
    hint: `Write the annotation ${releaseAnnotation}: "true" on every Ingress of the group, or move the others to another group first`,
    albcEvent: 'none',
  });
}
