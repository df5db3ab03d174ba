import type { Checked } from '../domain/problem.ts';
import type { DesiredTarget } from '../domain/target.ts';

/**
 * `value` should be registered. `unready` are there for the same Service and should not, because of their state: what is
 * registered of them may have to stay (`keptTargets`).
 */
export type Selection = Checked<readonly DesiredTarget[]> & { readonly unready: readonly DesiredTarget[] };
