import { planAnnotation } from '../domain/plan.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { dryRunPlan } from './dry-run-plan.ts';
import type { PlanInput } from './dry-run-references.ts';

/** `text` undefined: the annotation goes. */
export type PlanAnnotation = { readonly object: ObjectRef; readonly text: string | undefined };

/** Gate IngressPlanAnnotation: the first member carries the plan and no other member does; only what differs from that. */
export function planAnnotations(input: PlanInput, snapshot: Snapshot): readonly PlanAnnotation[] {
  if (!input.config.featureGates.IngressPlanAnnotation) return [];
  const text = dryRunPlan(input);
  if (text === undefined) return [];
  return input.desired.model.members.flatMap(({ id, ref: object }, index) => {
    const wanted = index === 0 ? text : undefined;
    const present = snapshot.ingresses.get(id)?.meta.annotations[planAnnotation];
    return present === wanted ? [] : [{ object, text: wanted }];
  });
}
