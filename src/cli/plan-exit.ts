import type { Operation } from '../core/domain/operation.ts';
import type { Plan } from '../core/domain/plan.ts';
import { hasErrors, type Planned } from './plan-output.ts';

const codes = { nothing: 0, changes: 3, deletes: 4 } as const;

/** Exit code of `albatross plan --exit-code`: 1 for what is wrong, else by the worst that the plans do. */
export function planExitCode(planned: Planned): number {
  if (hasErrors(planned)) return 1;
  return codes[worstOf(planned)];
}

function worstOf({ groups, bindings, network }: Planned): keyof typeof codes {
  const plans: readonly Plan[] = [
    ...[...groups, ...bindings].map(({ plan }) => plan),
    ...(network === undefined ? [] : [network]),
  ];
  const operations = plans.flatMap((plan) => plan.operations);
  if (operations.some(isDeleting)) return 'deletes';
  return operations.length > 0 ? 'changes' : 'nothing';
}

/** What was there is gone, or is nobody's. That targets come and go with pods deletes nothing. */
const isDeleting = ({ kind }: Operation): boolean => kind.startsWith('delete') || kind === 'release';
