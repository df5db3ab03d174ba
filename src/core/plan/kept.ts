// Quarantine: what a held member had before stays, re-derived from what AWS has (DESIGN §4.3), so that a mistake in one
// Ingress neither takes down its own last good rules nor touches its neighbours'.

import type { DesiredTargetGroupRef, Tags } from '../domain/desired-group.ts';
import type { TargetGroupArn } from '../domain/ids.ts';
import type { ObservedGroup, ObservedListener, ObservedRule } from '../domain/observed-group.ts';
import { type Action, type RedirectAction, redirectPlaceholders } from '../domain/rule.ts';
import { forwardTargets, isOwned, type PlanContext } from './context.ts';

/** Tag that we put on rules beside ALBC's: `namespace/name` of the Ingress that a rule is for. */
export const ingressTag = 'albatross.dev/ingress';

/** Whether some member is held, so that its traces in AWS have to stay. */
export function isHolding(context: Pick<PlanContext, 'desired'>): boolean {
  return context.desired.model.held.length > 0;
}

/** Whether this rule stays because it is, or may be, a held member's. Rules that are not ours are no question of this. */
export function isKept(rule: ObservedRule, context: PlanContext): boolean {
  if (!isHolding(context) || !isOwned(rule.tags, context)) return false;
  const owner = ownerOf(rule.tags, rule.actions, context);
  if (owner === undefined) return true;
  // With no valid member there is nothing desired to compare with: only what members left behind on purpose goes.
  return context.desired.loadBalancer === undefined ? !isLeaving(owner, context) : isHeld(owner, context);
}

/** The listener's default action where it is a held member's: its default backend, or its redirect to HTTPS. */
export function keptDefaultActions(
  found: ObservedListener,
  context: PlanContext,
): readonly Action<DesiredTargetGroupRef>[] | undefined {
  if (!isHolding(context)) return undefined;
  const redirect = found.defaultActions.find((action) => action.kind === 'redirect');
  const stays =
    redirect === undefined
      ? keptBackend(found, context).length > 0
      : isKeptRedirect(redirect, found, context);
  return stays ? asWanted(found.defaultActions) : undefined;
}

/** What AWS has, as something to be wanted. */
export function asWanted(
  actions: readonly Action<TargetGroupArn>[],
): readonly Action<DesiredTargetGroupRef>[] {
  return actions.map((action) =>
    action.kind === 'forward'
      ? {
          ...action,
          targetGroups: action.targetGroups.map((entry) => ({
            ...entry,
            targetGroup: { kind: 'arn', arn: entry.targetGroup } as const,
          })),
        }
      : action,
  );
}

/**
 * A redirect names nobody. One to another port is of those held members that have something there and no rule here: rules
 * answer first, so whoever has some was not redirected. Any other one stays while a held member has anything.
 */
function isKeptRedirect(
  { host, port }: RedirectAction,
  found: ObservedListener,
  context: PlanContext,
): boolean {
  const listeners = context.observed.loadBalancers.flatMap((loadBalancer) =>
    loadBalancer.listeners.some(({ arn }) => arn === found.arn) ? loadBalancer.listeners : [],
  );
  const target = listeners.find((other) => String(other.port) === port && other.arn !== found.arn);
  if (target === undefined || host !== redirectPlaceholders.host)
    return listeners.some((listener) => keptOwners(listener, context).length > 0);
  const here = keptOwners(found, context);
  return keptOwners(target, context).some((owner) => !here.includes(owner));
}

/** Whose rules and default action of a listener stay; `undefined` is somebody whom nothing names. */
function keptOwners(listener: ObservedListener, context: PlanContext): readonly (string | undefined)[] {
  const rules = listener.rules.filter((rule) => isKept(rule, context));
  return [
    ...rules.map(({ tags, actions }) => ownerOf(tags, actions, context)),
    ...keptBackend(listener, context),
  ];
}

/** The held member whose default backend answers what no rule of a listener does. */
function keptBackend({ defaultActions }: ObservedListener, context: PlanContext): readonly string[] {
  const owner = ownerOf({}, defaultActions, context);
  return owner !== undefined && isHeld(owner, context) ? [owner] : [];
}

/** `namespace/name` of the member that a rule is for: by our tag, else by ALBC's resource tag on its target groups. */
function ownerOf(
  tags: Tags,
  actions: readonly Action<TargetGroupArn>[],
  context: PlanContext,
): string | undefined {
  if (tags[ingressTag] !== undefined) return tags[ingressTag];
  const { members, held, leaving } = context.desired.model;
  const resources = forwardTargets(actions).map((arn) => resourceOf(arn, context.observed));
  return [...members, ...held, ...leaving]
    .map((member) => member.id)
    .toSorted((a, b) => b.length - a.length)
    .find((id) => resources.some((resource) => resource?.startsWith(`${id}-`)));
}

function resourceOf(arn: TargetGroupArn, observed: ObservedGroup): string | undefined {
  return observed.targetGroups.find((group) => group.arn === arn)?.tags['ingress.k8s.aws/resource'];
}

function isHeld(owner: string, context: PlanContext): boolean {
  return context.desired.model.held.some((member) => member.id === owner);
}

function isLeaving(owner: string, context: PlanContext): boolean {
  return context.desired.model.leaving.some((member) => member.id === owner);
}
