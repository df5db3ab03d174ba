import type { Quota } from '../domain/facts.ts';
import {
  type GroupModel,
  type ListenerIntent,
  mostParts,
  type TargetGroupIntent,
  type TargetGroupIntentId,
  type TargetGroupRef,
} from '../domain/group-model.ts';
import { limitOf } from '../domain/quotas.ts';
import type { Action, ForwardAction } from '../domain/rule.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { CoreConfig } from '../domain/config.ts';
import { homes } from '../targets/parts.ts';
import { desiredTargets } from '../targets/select.ts';

type Forward = ForwardAction<TargetGroupRef>;
type Parts = ReadonlyMap<TargetGroupIntentId, readonly TargetGroupIntent[]>;

/** For a target group, how many may stand in its place in every action that forwards to it. */
export function roomInActions(
  { listeners, targetGroups }: GroupModel,
  quotas: readonly Quota[],
): (id: TargetGroupIntentId) => number {
  const limit = Math.min(mostParts, limitOf('target-groups-per-action-on-application-load-balancer', quotas));
  const splits = new Set(
    targetGroups.flatMap(({ id, overflow }) => (overflow?.kind === 'split' ? [id] : [])),
  );
  const forwards = listeners.flatMap(actionsOf).filter((action) => action.kind === 'forward');
  return (id) =>
    Math.min(
      limit,
      ...forwards.filter(forwardsTo(id)).map(({ targetGroups: tuples }) => {
        const sharing = tuples.filter(
          ({ targetGroup }) => targetGroup.kind === 'managed' && splits.has(targetGroup.id),
        );
        return Math.floor((limit - (tuples.length - sharing.length)) / sharing.length);
      }),
    );
}

const forwardsTo =
  (id: TargetGroupIntentId) =>
  ({ targetGroups }: Forward): boolean =>
    targetGroups.some(({ targetGroup }) => targetGroup.kind === 'managed' && targetGroup.id === id);

const actionsOf = ({ defaultActions, rules }: ListenerIntent): readonly Action<TargetGroupRef>[] => [
  ...defaultActions,
  ...rules.flatMap(({ actions }) => actions),
];

/** The listeners with every split target group replaced by its parts, weighted by their pods. */
export function withParts(
  model: GroupModel,
  parts: Parts,
  context: { readonly snapshot: Snapshot; readonly config: CoreConfig },
): GroupModel {
  const isSplit = [...parts.values()].some(({ length }) => length > 1);
  if (!isSplit) return model;
  const shares = new Map(
    [...parts].map(([id, intents]) => [id, intents.length > 1 ? sharesOf(intents, context) : [1]] as const),
  );
  const replaced = (actions: readonly Action<TargetGroupRef>[]): readonly Action<TargetGroupRef>[] =>
    actions.map((action) => (action.kind === 'forward' ? withShares(action, parts, shares) : action));
  return {
    ...model,
    listeners: model.listeners.map((listener) => ({
      ...listener,
      defaultActions: replaced(listener.defaultActions),
      rules: listener.rules.map((rule) => ({ ...rule, actions: replaced(rule.actions) })),
    })),
  };
}

/** So far may a share be from the even one without a change of weights, which costs a call for each rule. */
const tolerance = 0.15;

/** The part of all pods that each of the target groups has, or shall have; even ones as long as that is nearly so. */
function sharesOf(
  intents: readonly TargetGroupIntent[],
  { snapshot, config }: { readonly snapshot: Snapshot; readonly config: CoreConfig },
): readonly number[] {
  const [first] = intents;
  const even = 1 / intents.length;
  const part = first?.part;
  if (first === undefined || part === undefined) return intents.map(() => even);
  const { part: _part, ...all } = first;
  const pods = desiredTargets(all, snapshot, { vpc: undefined, config }).value;
  const home = [...homes(pods, { of: intents.length, limit: part.limit }).values()];
  const shares = intents.map((_, index) => home.filter((at) => at === index).length / home.length);
  const isEven = home.length === 0 || shares.every((share) => Math.abs(share / even - 1) <= tolerance);
  return isEven ? intents.map(() => even) : shares;
}

/** AWS's highest weight of a target group. */
const heaviest = 999;

function withShares(
  action: Forward,
  parts: Parts,
  shares: ReadonlyMap<TargetGroupIntentId, readonly number[]>,
): Forward {
  const tuples = action.targetGroups.flatMap(({ targetGroup, weight }) => {
    const own = targetGroup.kind === 'managed' ? parts.get(targetGroup.id) : undefined;
    if (targetGroup.kind !== 'managed' || own === undefined || own.length === 1)
      return [{ targetGroup, weight }];
    return own.map(({ id }, index) => ({
      targetGroup: { ...targetGroup, id },
      weight: weight * (shares.get(targetGroup.id)?.[index] ?? 0),
    }));
  });
  if (tuples.length === action.targetGroups.length) return action;
  const scale = Math.min(100, heaviest / Math.max(...tuples.map(({ weight }) => weight)));
  return {
    ...action,
    targetGroups: tuples.map((tuple) => ({
      ...tuple,
      weight: tuple.weight === 0 ? 0 : Math.max(1, Math.round(tuple.weight * scale)),
    })),
    stickinessSeconds: action.stickinessSeconds ?? stickiness(action, parts),
  };
}

/**
 * Cookies of targets lead back to a target only within its target group, so that one whose clients stick to their targets
 * sticks to its part as well.
 */
function stickiness({ targetGroups }: Forward, parts: Parts): number | undefined {
  const seconds = targetGroups.flatMap(({ targetGroup }) => {
    const [intent] = (targetGroup.kind === 'managed' ? parts.get(targetGroup.id) : undefined) ?? [];
    const { attributes = {} } = intent ?? {};
    if (attributes['stickiness.enabled'] !== 'true') return [];
    const type = attributes['stickiness.type'] ?? 'lb_cookie';
    return [Number(attributes[`stickiness.${type}.duration_seconds`] ?? day)];
  });
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}

/** ELBv2's default of both kinds of cookies. */
const day = 86_400;
