// Quarantine: what a held member had before stays, re-derived from what AWS has (DESIGN §4.3), so that a mistake in one
// Ingress neither takes down its own last good rules nor touches its neighbours'.

import type { DesiredTargetGroupRef, Tags } from '../domain/desired-group.ts';
import type { TargetGroupArn } from '../domain/ids.ts';
import type { ObservedGroup, ObservedListener, ObservedRule } from '../domain/observed-group.ts';
import type { Action } from '../domain/rule.ts';
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
  const owner = ownerOf({}, found.defaultActions, context);
  const isRedirect =
    found.defaultActions.some((action) => action.kind === 'redirect') && hasKeptRules(context);
  if (!isRedirect && (owner === undefined || !isHeld(owner, context))) return undefined;
  return asWanted(found.defaultActions);
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

/** A redirect names nobody; a held member without any rule has never had one. */
const hasKeptRules = (context: PlanContext): boolean =>
  context.observed.loadBalancers.some(({ listeners }) =>
    listeners.some(({ rules }) => rules.some((rule) => isKept(rule, context))),
  );

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
