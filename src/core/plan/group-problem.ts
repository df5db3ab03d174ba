import type { ObjectRef, Problem } from '../domain/problem.ts';
import type { PlanContext } from './context.ts';

/** Code, message and next step of a problem that a plan finds. */
export type PlanProblem = Pick<Problem, 'code' | 'message' | 'hint'>;

/** A problem of the whole group, on its first Ingress. */
export function groupProblem({ desired }: Pick<PlanContext, 'desired'>, problem: PlanProblem): Problem {
  const { members, held, leaving } = desired.model;
  const object: ObjectRef = [...members, ...held, ...leaving][0]?.ref ?? {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    namespace: '',
    name: desired.key,
  };
  return { kind: 'problem', severity: 'error', scope: 'group', path: '', object, ...problem };
}
