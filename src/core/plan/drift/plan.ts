import { appliedTag } from '../../domain/drift.ts';
import { operationId } from '../../domain/ids.ts';
import type { Operation } from '../../domain/operation.ts';
import type { Plan } from '../../domain/plan.ts';
import { transition } from '../because.ts';
import type { GroupPlanInput } from '../context.ts';
import { groupPlan } from '../group.ts';
import { type DriftFound, type DriftInput, driftOf } from './drift.ts';
import { withDriftReasons } from './reasons.ts';

/** The plan of one group, which leaves alone what of the drift is only to be told or ignored, or rests. */
export function planWithDrift(input: GroupPlanInput, given: DriftInput): Plan {
  const { drift, accepted, mark } = driftOf(input, given);
  const plan = groupPlan({ ...input, desired: accepted });
  const operations = withDriftReasons(plan.operations, drift, given.settled);
  // What waits for proof, or for somebody's word, is not applied.
  const isWhole = input.complete && plan.held.length === 0;
  const last = isWhole ? marking(mark, operations) : [];
  return { ...plan, operations: [...operations, ...last], drift };
}

/** Last of all: only what was applied in full may be taken for known after a restart. */
function marking(mark: DriftFound['mark'], operations: readonly Operation[]): readonly Operation[] {
  if (mark === undefined) return [];
  const { subject, loadBalancer, digest } = mark;
  return [
    {
      kind: 'setTags',
      id: operationId('setTags', subject, 'applied'),
      subject,
      because: transition('what was applied is noted, so that a restart can tell changes by hand from edits'),
      dependsOn: operations.map(({ id }) => id),
      resource: loadBalancer,
      add: { [appliedTag]: digest },
      remove: [],
    },
  ];
}
