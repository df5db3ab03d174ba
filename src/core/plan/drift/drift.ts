// What somebody else changed. A field has drifted when AWS does not have what is wanted, although what is wanted is what
// AWS had when it was last seen to agree: then nobody asked for another value, so it was AWS that moved. Any other
// difference is an edit, which is always carried out.

import type { DesiredGroup, DesiredLoadBalancer } from '../../domain/desired-group.ts';
import { canonical } from '../../../lib/canonical.ts';
import {
  appliedTag,
  type Drift,
  type DriftModes,
  type FieldPath,
  isRepairAll,
  isWithheld,
  modeOf,
  type Rest,
  type Settled,
} from '../../domain/drift.ts';
import type { LoadBalancerArn, ResourceId } from '../../domain/ids.ts';
import type { ObservedLoadBalancer } from '../../domain/observed-group.ts';
import { type GroupPlanInput, isOwned, type PlanContext, planContext } from '../context.ts';
import { isHolding } from '../kept.ts';
import { currentLoadBalancer } from '../load-balancers.ts';
import { digest, existence, type Field } from './field.ts';
import { listenerFields } from './listener-fields.ts';
import { loadBalancerFields } from './load-balancer-fields.ts';
import { rulePath } from './rule-fields.ts';
import { otherFields } from './target-group-fields.ts';

export type DriftInput = {
  readonly modes: DriftModes;
  readonly settled: Settled;
  /** Fields that are put back again and again, and for how long each is left alone. */
  readonly resting: ReadonlyMap<FieldPath, Rest>;
};

export type DriftFound = {
  readonly drift: readonly Drift[];
  /** The group as it is wanted while what is withheld is left as it was found. */
  readonly accepted: DesiredGroup;
  /** To be noted on the load balancer once all else is done; absent: it is there, or nothing is left alone in the group. */
  readonly mark?: {
    readonly loadBalancer: LoadBalancerArn;
    readonly subject: ResourceId;
    readonly digest: string;
  };
};

/** What has drifted, and what is done about it. */
export function driftOf(input: GroupPlanInput, { modes, settled, resting }: DriftInput): DriftFound {
  const context = planContext(input);
  const fields = fieldsOf(context);
  const known = resumed(fields, settled, context);
  const drifted = fields.filter((field) => hasDrifted(field, known));
  const both = drifted.map((field) => ({ field, drift: driftIn(field, modes, resting) }));
  const accepted = both.reduce(
    (desired, { field, drift }) => (isWithheld(drift) ? field.accept(desired) : desired),
    input.desired,
  );
  const drift = both.map((one) => one.drift);
  const isReached = fields.filter(({ agrees }) => !agrees).length === drift.filter(isWithheld).length;
  const found = isRepairAll(modes) ? undefined : loadBalancerOf(context);
  // A plan beside held members leaves some of what is wanted to a later one, such as letting go of their security groups.
  if (found === undefined || (isHolding(context) && !isReached)) return { drift, accepted };
  const sum = digestOf(context.desired);
  if (found.present.tags[appliedTag] === sum) return { drift, accepted };
  return {
    drift,
    accepted,
    mark: { loadBalancer: found.present.arn, subject: found.wanted.id, digest: sum },
  };
}

/** After a restart: what was applied is known by its digest on the load balancer, if nothing else is wanted since. */
function resumed<Before extends Settled>(
  fields: readonly Field[],
  settled: Before,
  context: PlanContext,
): Before | ReadonlyMap<FieldPath, string> {
  if (settled === 'everything' || settled.size > 0) return settled;
  const applied = loadBalancerOf(context)?.present.tags[appliedTag];
  if (applied === undefined || applied !== digestOf(context.desired)) return settled;
  return new Map(
    fields.flatMap(({ path, value }): [FieldPath, string][] => (value === undefined ? [] : [[path, value]])),
  );
}

/** Of what is wanted of the load balancer and all that hangs on it; targets come and go. */
function digestOf({ loadBalancer, securityGroups, targetGroups }: DesiredGroup): string {
  const groups = targetGroups.map(({ targets: _targets, alsoReachable: _reachable, ...group }) => group);
  return digest(canonical({ loadBalancer, securityGroups, groups }));
}

/**
 * What is settled once a plan was carried out: fields of which AWS has what is wanted. A field that still differs keeps
 * what it was, so that drift that is left alone stays drift.
 */
export function settledAfter(
  input: GroupPlanInput,
  before: ReadonlyMap<FieldPath, string>,
): { readonly settled: ReadonlyMap<FieldPath, string>; readonly differing: ReadonlySet<FieldPath> } {
  const context = planContext(input);
  const fields = fieldsOf(context);
  const known = resumed(fields, before, context);
  const settled = fields.flatMap(({ path, agrees, value }): [FieldPath, string][] => {
    const kept = agrees ? value : known.get(path);
    return kept === undefined ? [] : [[path, kept]];
  });
  const differing = fields.filter(({ agrees }) => !agrees).map(({ path }) => path);
  // A rule whose tags AWS does not list yet is no field of ours at this moment, and no less what was asked for.
  const unlisted = unownedRules(context).flatMap((path) => {
    const kept = known.get(path);
    return kept === undefined ? [] : [[path, kept] as const];
  });
  return { settled: new Map([...unlisted, ...settled]), differing: new Set(differing) };
}

function unownedRules(context: PlanContext): readonly FieldPath[] {
  const there = loadBalancerOf(context);
  return (there?.wanted.listeners ?? []).flatMap((wanted) => {
    const found = there?.present.listeners.find(({ port }) => port === wanted.port);
    const rules = (found?.rules ?? []).filter(({ tags }) => !isOwned(tags, context));
    return rules.map((rule) => rulePath(wanted, rule));
  });
}

function loadBalancerOf(
  context: PlanContext,
): { readonly wanted: DesiredLoadBalancer; readonly present: ObservedLoadBalancer } | undefined {
  const wanted = context.desired.loadBalancer;
  const present = wanted && currentLoadBalancer(context, wanted);
  return wanted && present && { wanted, present };
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
