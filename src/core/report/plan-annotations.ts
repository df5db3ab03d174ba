import { deletionHeldAnnotation, type GroupModel } from '../domain/group-model.ts';
import { type Plan, planAnnotation } from '../domain/plan.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { dryRunPlan } from './dry-run-plan.ts';
import type { PlanInput } from './dry-run-references.ts';

/** `text` undefined: the annotation goes. */
export type IngressAnnotation = {
  readonly object: ObjectRef;
  readonly key: string;
  readonly text: string | undefined;
};

/** Gate IngressPlanAnnotation: the first member carries the plan and no other member does; only what differs from that. */
export function planAnnotations(input: PlanInput, snapshot: Snapshot): readonly IngressAnnotation[] {
  if (!input.config.featureGates.IngressPlanAnnotation) return [];
  const text = dryRunPlan(input);
  if (text === undefined) return [];
  return input.desired.model.members.flatMap(({ id, ref: object }, index) => {
    const wanted = index === 0 ? text : undefined;
    const present = snapshot.ingresses.get(id)?.meta.annotations[planAnnotation];
    return present === wanted ? [] : [{ object, key: planAnnotation, text: wanted }];
  });
}

/** Those who leave and wait for consent are marked, so that they wait on when the others are gone. */
export function heldAnnotations(
  { standstill }: Plan,
  { leaving }: GroupModel,
  { ingresses }: Snapshot,
): readonly IngressAnnotation[] {
  if (standstill?.code !== 'DeletionHeld') return [];
  const key = deletionHeldAnnotation;
  return leaving.flatMap(({ id, ref: object }) =>
    ingresses.get(id)?.meta.annotations[key] === 'true' ? [] : [{ object, key, text: 'true' }],
  );
}
