import type { Plan } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';

/**
 * The plan with all that it would do held back for one reason; nothing of it is carried out, so a replacement that has begun
 * does not move the status.
 */
export function heldWhole(plan: Plan, why: Problem): Plan {
  return {
    ...plan,
    operations: [],
    ...(plan.status && { status: 'stays' }),
    held: [...plan.held, ...plan.operations.map((operation) => ({ operation, why }))],
    problems: [...plan.problems, why],
    standstill: why,
  };
}
