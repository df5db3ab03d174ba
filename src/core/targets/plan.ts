// What to register in and deregister from one target group, so that no moment has fewer working targets than both the
// old and the new set have in common.

import { createHash } from 'node:crypto';
import type { Quota } from '../domain/facts.ts';
import { type ResourceId, type TargetGroupArn, groupKey, operationId, resourceId } from '../domain/ids.ts';
import type { Operation, OperationOf } from '../domain/operation.ts';
import type { HeldOperation, Plan } from '../domain/plan.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import { limitOf, quotaTable } from '../domain/quotas.ts';
import {
  type AssumedRole,
  type DesiredTarget,
  type ObservedTarget,
  type Target,
  targetKey,
  isDraining,
} from '../domain/target.ts';
import type { Kept } from './floor.ts';

type Input = {
  /** The target group's AWS name; it is the plan's key too. */
  readonly name: string;
  readonly arn: TargetGroupArn;
  readonly role?: AssumedRole | undefined;
  /** Whom problems belong to: the Ingress or the binding that asks for the targets. */
  readonly object: ObjectRef;
  readonly desired: readonly DesiredTarget[];
  /** Registered ones that are not desired, and stay. */
  readonly kept?: Kept;
  readonly observed: readonly ObservedTarget[];
  /** Whether the desired set comes from whole, fresh lists; if not, nothing is deregistered. */
  readonly complete: boolean;
  /** Keys of the targets that may be deregistered; undefined: all. Where clusters share a target group, the others are theirs. */
  readonly own?: ReadonlySet<string> | undefined;
  /** That there is no target is no problem: nobody wants any. */
  readonly silent?: boolean;
  readonly quotas: readonly Quota[];
  /** The operator's own cap (`--max-targets-per-target-group`), 0 for none. */
  readonly maxTargets: number;
};

/** Targets of one RegisterTargets or DeregisterTargets call; ALBC's figure, AWS documents none. */
const batchSize = 200;

/**
 * Registers first, deregisters after. Only where both sets together would break the target group's quota is as much
 * deregistered before as is in the way, the targets that do not serve first, and never all of them. A target that drains and is wanted again
 * is registered again, in a call of its own: AWS refuses an address until its deregistration delay is over, and that must
 * neither keep the others out nor, beside others, the old ones in. One that drains and is not wanted is left to finish.
 *
 * What stays by `kept` is in the plan as held, with the reason.
 *
 * Problems (warnings): `NothingReady` without any desired target, `QuotaExceeded` when the desired ones alone do not fit.
 */
export function targetsPlan(input: Input): Plan {
  const { name, arn, role, complete } = input;
  const limit = targetLimit(input);
  const present = input.observed.filter(({ state }) => !isDraining(state));
  const wanted = admitted(input.desired, present, limit);
  const missing = without(wanted, present);
  const unwanted = complete ? without(present, input.desired).filter(isOwn(input)) : [];
  const surplus = without(unwanted, input.kept?.targets ?? []).toSorted(servingLast);
  const excess = Math.max(0, present.length + missing.length - limit);
  const subject = resourceId('target-group', name);
  const room = missing.slice(0, Math.max(0, limit - present.length + Math.min(excess, surplus.length)));
  const turns = inTurns(room, surplus.slice(0, excess), { ...input, present, limit });
  const about = { subject, arn, role };
  const before = deregistration({ ...about, targets: turns.first, part: 'before', dependsOn: [] });
  const register = registration({ ...about, targets: turns.coming, part: '', dependsOn: before });
  const rest = deregistration({
    ...about,
    targets: turns.rest,
    part: 'before the rest',
    dependsOn: register,
  });
  const registerRest = registration({ ...about, targets: turns.later, part: 'rest ', dependsOn: rest });
  const again = registration({
    ...about,
    targets: turns.returning,
    part: 'again ',
    dependsOn: [...before, ...rest],
  });
  // Where nothing else is wanted, they are what the old ones wait for.
  const onlyReturning = wanted.length > 0 && wanted.length === turns.returning.length;
  const after = deregistration({
    ...about,
    targets: surplus.slice(excess),
    part: 'after',
    dependsOn: [...register, ...registerRest, ...(onlyReturning ? again : [])],
  });
  return {
    key: groupKey(name),
    operations: [...before, ...register, ...rest, ...registerRest, ...again, ...after],
    held: held(
      { targets: unwanted.filter((target) => !surplus.includes(target)), subject, arn, role },
      input.kept?.why,
    ),
    problems: problems(input, limit),
    foreign: [],
  };
}

type Turns = {
  readonly first: readonly ObservedTarget[];
  readonly coming: readonly DesiredTarget[];
  readonly rest: readonly ObservedTarget[];
  readonly later: readonly DesiredTarget[];
  /** They still drain; AWS may refuse them. */
  readonly returning: readonly DesiredTarget[];
};

/**
 * Who comes, and who goes before because they are `inTheWay`. Where that is everything that is registered, it goes in two
 * turns: no target group is empty while others wait.
 */
function inTurns(
  room: readonly DesiredTarget[],
  inTheWay: readonly ObservedTarget[],
  of: { readonly observed: Input['observed']; readonly present: Input['observed']; readonly limit: number },
): Turns {
  const { observed, present, limit } = of;
  const drains = new Set(observed.filter(({ state }) => isDraining(state)).map(targetKey));
  const [fresh = [], returning = []] = [false, true].map((is) =>
    room.filter((target) => drains.has(targetKey(target)) === is),
  );
  const count = present.length;
  if (inTheWay.length < count || count < 2 || limit < 2)
    return { first: inTheWay, coming: fresh, rest: [], later: [], returning };
  // There must be a place then, where more are registered than fit, too.
  const first = Math.min(count - 1, Math.max(Math.ceil(count / 2), count - limit + 1));
  const places = Math.max(0, limit - count + first);
  const all = fresh.length > 0 ? fresh : returning;
  return {
    first: inTheWay.slice(0, first),
    coming: all.slice(0, places),
    rest: inTheWay.slice(first),
    later: all.slice(places),
    returning: fresh.length > 0 ? returning : [],
  };
}

function held(
  batches: Pick<Batches<ObservedTarget>, 'targets' | 'subject' | 'arn' | 'role'>,
  why: Problem | undefined,
): readonly HeldOperation[] {
  if (why === undefined) return [];
  const operations = deregistration({ ...batches, part: 'after', dependsOn: [] });
  return operations.map((operation) => ({ operation, why }));
}

function isOwn({ own }: Input): (target: Target) => boolean {
  return (target) => own === undefined || own.has(targetKey(target));
}

function without<T extends Target>(targets: readonly T[], others: readonly Target[]): readonly T[] {
  const known = new Set(others.map(targetKey));
  return targets.filter((target) => !known.has(targetKey(target)));
}

/** How many targets may be registered in one target group: AWS's quota, or the operator's own cap below it. */
export function targetLimit({ quotas, maxTargets }: Pick<Input, 'quotas' | 'maxTargets'>): number {
  const quota = limitOf('targets-per-target-group', quotas);
  return maxTargets > 0 ? Math.min(quota, maxTargets) : quota;
}

/**
 * What may be registered of a set that does not fit: those that are registered already, then the others in an order
 * that neither names nor ports decide, so that no pod starves because of its place in a list.
 */
export function admitted(
  desired: readonly DesiredTarget[],
  present: readonly ObservedTarget[],
  limit: number,
): readonly DesiredTarget[] {
  if (desired.length <= limit) return desired;
  const here = new Set(present.map(targetKey));
  const rank = (target: Target): string => (here.has(targetKey(target)) ? '' : scattered(targetKey(target)));
  return desired.toSorted((a, b) => compare(rank(a), rank(b))).slice(0, limit);
}

function scattered(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function servingLast(a: ObservedTarget, b: ObservedTarget): number {
  return Number(a.state === 'healthy') - Number(b.state === 'healthy') || compare(targetKey(a), targetKey(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

type Batches<T extends Target> = {
  readonly targets: readonly T[];
  readonly subject: ResourceId;
  readonly arn: TargetGroupArn;
  readonly role: AssumedRole | undefined;
  readonly dependsOn: readonly Operation[];
};

function registration(
  input: Batches<DesiredTarget> & { readonly part: '' | 'again ' | 'rest ' },
): readonly OperationOf<'registerTargets'>[] {
  const { subject, arn: targetGroup, role, dependsOn, part } = input;
  return batches(input.targets).map((targets, index) => ({
    kind: 'registerTargets',
    id: operationId('registerTargets', subject, `${part}${index + 1}`),
    subject,
    because: {
      reason: 'missing',
      text: `${listed(targets.map(({ object }) => `${object.kind} ${object.id}`))} ready`,
    },
    dependsOn: dependsOn.map(({ id }) => id),
    targetGroup,
    ...(role === undefined ? {} : { role }),
    targets: targets.map(({ id, port, availabilityZone, nodeZone }) => ({
      id,
      port,
      availabilityZone,
      ...(nodeZone === undefined ? {} : { nodeZone }),
    })),
  }));
}

function deregistration(
  input: Batches<ObservedTarget> & { readonly part: 'before' | 'before the rest' | 'after' },
): readonly OperationOf<'deregisterTargets'>[] {
  const { subject, arn: targetGroup, role, dependsOn, part } = input;
  const why = part !== 'after' ? 'no longer wanted, and in the way at the targets quota' : 'no longer wanted';
  return batches(input.targets).map((targets, index) => ({
    kind: 'deregisterTargets',
    id: operationId('deregisterTargets', subject, `${part} ${index + 1}`),
    subject,
    because: { reason: 'unwanted', text: `${listed(targets.map(({ id, port }) => `${id}:${port}`))} ${why}` },
    dependsOn: dependsOn.map(({ id }) => id),
    targetGroup,
    ...(role === undefined ? {} : { role }),
    targets: targets.map(({ id, port, availabilityZone }) => ({ id, port, availabilityZone })),
  }));
}

function batches<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / batchSize);
  return Array.from({ length: count }, (_, index) => items.slice(index * batchSize, (index + 1) * batchSize));
}

/** The first three by name, the rest as a number. */
function listed(names: readonly string[]): string {
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `${names.slice(0, 3).join(', ')}${rest}`;
}

function problems(
  { name, object, desired, kept, quotas, maxTargets, silent }: Input,
  limit: number,
): readonly Problem[] {
  const warning = {
    kind: 'problem',
    severity: 'warning',
    scope: 'member',
    object,
    path: object.kind === 'Ingress' ? 'spec.rules' : 'spec.serviceRef',
  } as const;
  if (silent === true) return [];
  if (kept?.why !== undefined) return [kept.why];
  if (desired.length === 0) {
    return [
      {
        ...warning,
        code: 'NothingReady',
        message: `Target group ${name} has no ready target, so its requests are answered with 503`,
        hint: 'Look at the Service, its selector, and the readiness of its pods or nodes',
      },
    ];
  }
  if (desired.length <= limit) return [];
  const quota = 'targets-per-target-group';
  const { code } = quotaTable[quota];
  const source =
    limit < limitOf(quota, quotas) ? '--max-targets-per-target-group' : `quota ${quota}, ${code}, adjustable`;
  return [
    {
      ...warning,
      code: 'QuotaExceeded',
      message: `Target group ${name} should have ${desired.length} targets and may have ${limit} (${source}); ${desired.length - limit} are left out`,
      hint:
        maxTargets > 0
          ? 'Raise the cap, or use fewer pods'
          : `Ask AWS for a higher ${quota} (Service Quotas, ${code})`,
    },
  ];
}
