import type { Plan } from '../../domain/plan.ts';
import type { GroupPlanInput } from '../context.ts';
import { groupPlan } from '../group.ts';
import { type DriftInput, driftOf } from './drift.ts';
import { withDriftReasons } from './reasons.ts';

/** The plan of one group, which leaves alone what of the drift is only to be told or ignored, or rests. */
export function planWithDrift(input: GroupPlanInput, given: DriftInput): Plan {
  const { drift, accepted } = driftOf(input, given);
  const plan = groupPlan({ ...input, desired: accepted });
  return { ...plan, operations: withDriftReasons(plan.operations, drift, given.settled), drift };
}
