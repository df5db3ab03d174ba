// Pure: what a run of a group means for Kubernetes. The engine writes it.

import type { Policy } from '../domain/config.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Plan } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { DriftReport } from './drift-events.ts';
import { groupEvents, ofIngress, type ReportEvent } from './events.ts';
import { type FinalizerChange, finalizersToRemove } from './finalizers.ts';
import { type StatusPatch, statusPatches } from './status.ts';

export type GroupReport = {
  readonly statusPatches: readonly StatusPatch[];
  readonly finalizersToRemove: readonly FinalizerChange[];
  readonly events: readonly ReportEvent[];
};

export type GroupReportInput = {
  readonly model: GroupModel;
  readonly problems: readonly Problem[];
  readonly plan: Plan | undefined;
  readonly outcomes: readonly Outcome[];
  readonly drift: DriftReport;
  /** Remembered after the outcomes. */
  readonly observed: ObservedGroup;
  /** The observation is certain: no write ended without our knowing how. */
  readonly certain: boolean;
  /** Members that another group serves until this one can; absent: none. */
  readonly arriving?: ReadonlySet<NamespacedName>;
  readonly snapshot: Snapshot;
  readonly firstSuccess: boolean;
  readonly prompted: boolean;
  readonly policy: Policy;
};

/** A new load balancer is named when it works; ALBC names none while anything of its group fails. */
function mayMoveStatus(
  { status, problems }: Plan,
  { outcomes, policy }: Pick<GroupReportInput, 'outcomes' | 'policy'>,
): boolean {
  if (status === 'stays' || problems.some(({ albcEvent }) => albcEvent === 'FailedDeployModel')) return false;
  const isAlbc = policy.compatibility === 'albc';
  if (isAlbc && ofIngress({ outcomes, policy }).some(({ kind }) => kind !== 'done')) return false;
  return status === undefined || outcomes.every(({ kind }) => kind === 'done');
}

/** Status patches (only differences), finalizers that may go, and events of one run. */
export function groupReport(input: GroupReportInput): GroupReport {
  const { model, plan, observed } = input;
  return {
    statusPatches:
      plan === undefined || !mayMoveStatus(plan, input)
        ? []
        : statusPatches(model, observed, {
            ingresses: input.snapshot.ingresses,
            arriving: input.arriving,
            movesFrontend: plan.status === 'frontendAfterAll',
          }),
    finalizersToRemove:
      plan === undefined
        ? []
        : finalizersToRemove({ ...input, observed: input.certain ? observed : undefined }),
    events: groupEvents(input),
  };
}
