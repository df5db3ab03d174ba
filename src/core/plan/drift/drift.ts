// What somebody else changed. A field has drifted when AWS does not have what is wanted, although what is wanted is what
// AWS had when it was last seen to agree: then nobody asked for another value, so it was AWS that moved. Any other
// difference is an edit, which is always carried out.

import type { DesiredGroup } from '../../domain/desired-group.ts';
import {
  type Drift,
  type DriftModes,
  type FieldPath,
  isWithheld,
  modeOf,
  type Rest,
  type Settled,
} from '../../domain/drift.ts';
import { type GroupPlanInput, type PlanContext, planContext } from '../context.ts';
import { currentLoadBalancer } from '../load-balancers.ts';
import { existence, type Field } from './field.ts';
import { listenerFields } from './listener-fields.ts';
import { loadBalancerFields } from './load-balancer-fields.ts';
import { otherFields } from './target-group-fields.ts';

export type DriftInput = {
  readonly modes: DriftModes;
  readonly settled: Settled;
  /** Fields that are put back again and again, and for how long each is left alone. */
  readonly resting: ReadonlyMap<FieldPath, Rest>;
};

/** What has drifted, and the group as it is wanted while what is withheld is left as it was found. */
export function driftOf(
  input: GroupPlanInput,
  { modes, settled, resting }: DriftInput,
): { readonly drift: readonly Drift[]; readonly accepted: DesiredGroup } {
  const drifted = fieldsOf(planContext(input)).filter((field) => hasDrifted(field, settled));
  const both = drifted.map((field) => ({ field, drift: driftIn(field, modes, resting) }));
  const accepted = both.reduce(
    (desired, { field, drift }) => (isWithheld(drift) ? field.accept(desired) : desired),
    input.desired,
  );
  return { drift: both.map(({ drift }) => drift), accepted };
}

/**
 * What is settled once a plan was carried out: fields of which AWS has what is wanted. A field that still differs keeps
 * what it was, so that drift that is left alone stays drift.
 */
export function settledAfter(
  input: GroupPlanInput,
  before: ReadonlyMap<FieldPath, string>,
): { readonly settled: ReadonlyMap<FieldPath, string>; readonly differing: ReadonlySet<FieldPath> } {
  const fields = fieldsOf(planContext(input));
  const settled = fields.flatMap(({ path, agrees, value }): [FieldPath, string][] => {
    const kept = agrees ? value : before.get(path);
    return kept === undefined ? [] : [[path, kept]];
  });
  const differing = fields.filter(({ agrees }) => !agrees).map(({ path }) => path);
  return { settled: new Map(settled), differing: new Set(differing) };
}

function fieldsOf(context: PlanContext): readonly Field[] {
  const wanted = context.desired.loadBalancer;
  const found = wanted === undefined ? undefined : currentLoadBalancer(context, wanted);
  if (wanted === undefined) return [];
  const there = existence(
    { subject: wanted.id, resource: found?.arn ?? '' },
    {
      field: 'loadBalancer.exists',
      name: wanted.name,
      // A load balancer of another scheme is another one.
      value: wanted.scheme,
      isThere: found !== undefined,
    },
  );
  const fields =
    found === undefined
      ? []
      : [...loadBalancerFields(wanted, found, context), ...listenerFields(wanted, found, context)];
  return [there, ...fields, ...otherFields(context)];
}

function hasDrifted({ path, agrees, value }: Field, settled: Settled): boolean {
  if (agrees) return false;
  if (settled === 'everything') return true;
  if (!('get' in settled)) return settled.has(path);
  // A rule that nobody asks for: one that was asked for before is an edit's to remove.
  if (value === undefined) return settled.size > 0 && !settled.has(path);
  return settled.get(path) === value;
}

function driftIn(field: Field, modes: DriftModes, resting: DriftInput['resting']): Drift {
  const { path, subject, resource, what, wanted = '', found = '', object } = field;
  const rests = resting.get(path);
  return {
    path,
    field: field.field,
    subject,
    resource,
    what,
    wanted,
    found,
    mode: modeOf(field.field, modes),
    ...(rests === undefined ? {} : { rests }),
    ...(object === undefined ? {} : { object }),
  };
}
