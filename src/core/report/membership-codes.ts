import type { ProblemCode } from '../domain/problem.ts';

/** Why an Ingress of ours belongs to no group yet: its class or its group name cannot be used. */
export const membershipCodes: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'ClassInvalid',
  'ClassAmbiguous',
  'GroupNameInvalid',
]);
