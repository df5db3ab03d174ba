import type { Checked } from '../domain/problem.ts';
import type { DesiredTarget } from '../domain/target.ts';

/**
 * `value` should be registered. `unready` are there for the same Service and should not, because of their state: what is
 * registered of them may have to stay (`keptTargets`). `leaving` end for good; while they do, they answer what they have.
 */
export type Selection = Checked<readonly DesiredTarget[]> & {
  readonly unready: readonly DesiredTarget[];
  readonly leaving: readonly DesiredTarget[];
};

/** What must be reachable: the load balancer sends requests to a deregistered target for some time yet. */
export const reachable = ({ value, unready, leaving }: Selection): readonly DesiredTarget[] => [
  ...value,
  ...unready,
  ...leaving,
];
