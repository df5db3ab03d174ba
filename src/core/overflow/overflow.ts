// Services with more pods than a target group, or the load balancer, may have targets (annotation albatross.dev/target-overflow):
// spread over several target groups, or reached by way of their nodes. Decided from what AWS has and the pods there are, so
// that a restart decides alike, with room between up and down, so that a Service at the edge does not go to and fro.

import type { CoreConfig } from '../domain/config.ts';
import type { Quota } from '../domain/facts.ts';
import type { GroupModel, TargetGroupIntent } from '../domain/group-model.ts';
import type { ObservedGroup, ObservedTargetGroup } from '../domain/observed-group.ts';
import { limitOf } from '../domain/quotas.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { isDraining, type ObservedTarget, targetKey } from '../domain/target.ts';
import { knowsAll } from '../targets/complete.ts';
import { healthLookMs } from '../targets/last-healthy.ts';
import { podCount } from '../targets/parts.ts';
import { targetLimit } from '../targets/plan.ts';
import { desiredTargets } from '../targets/select.ts';
import { roomInActions, withParts } from './actions.ts';
import { partOf, split } from './parts.ts';
import { presentLoadBalancer } from '../desired/present.ts';
import { namesOf, serves } from '../desired/second-names.ts';

export type OverflowContext = {
  readonly snapshot: Snapshot;
  /** With the targets of target groups, as far as they are known. */
  readonly observed: ObservedGroup;
  readonly quotas: readonly Quota[];
  readonly config: CoreConfig;
};

/** Shares of a limit: above the first one more room is made, and below the second one it is given up. */
const [near, roomy] = [0.9, 0.7];

/** The model with target groups as many, and of the kind, that the pods of now need. ALBC's preset has no such thing. */
export function withOverflow(model: GroupModel, context: OverflowContext): GroupModel {
  const { config } = context;
  const all = [...model.targetGroups, ...model.heldTargetGroups];
  if (config.policy.compatibility === 'albc' || all.every(({ overflow }) => overflow === undefined))
    return model;
  const moved = nodePorts(model, context);
  const kind = (intent: TargetGroupIntent): TargetGroupIntent => moved.get(intent) ?? intent;
  const parts = (intent: TargetGroupIntent, most: number): readonly TargetGroupIntent[] =>
    intent.overflow?.kind === 'split' ? splitOf(intent, most, model, context) : [kind(intent)];
  const room = roomInActions(model, context.quotas);
  const byIntent = new Map(
    model.targetGroups.map((intent) => [intent.id, parts(intent, room(intent.id))] as const),
  );
  return {
    ...withParts(model, byIntent, context),
    targetGroups: [...byIntent.values()].flat(),
    // Their rules stay as they are.
    heldTargetGroups: model.heldTargetGroups.flatMap((intent) =>
      parts(intent, inUse(intent, model, context)),
    ),
  };
}

function splitOf(
  intent: TargetGroupIntent,
  most: number,
  model: GroupModel,
  context: OverflowContext,
): readonly TargetGroupIntent[] {
  const { snapshot, quotas, config } = context;
  const limit = targetLimit({ quotas, maxTargets: config.maxTargetsPerTargetGroup });
  const used = inUse(intent, model, context);
  const count = podCount(intent, snapshot);
  const least = Math.ceil(count / (near * limit));
  // Whose pods are not all known keeps what it has.
  const atMost = knowsAll(intent, snapshot, config) ? Math.ceil(count / (roomy * limit)) : used;
  const parts = Math.min(Math.max(most, 1), Math.max(1, least, Math.min(used, atMost)));
  const isFilled = (part: TargetGroupIntent): boolean => {
    const targets = servingTargetGroup(part, model, context)?.targets ?? [];
    const registered = new Set(targets.filter(isRegistered).map(targetKey));
    const wanted = desiredTargets(part, snapshot, { vpc: undefined, config });
    return (
      wanted.value.every((target) => registered.has(targetKey(target))) &&
      healthLookMs(targets, { intent: part, snapshot, vpc: undefined, config }) === undefined
    );
  };
  return split(intent, { parts, used, limit, isFilled, key: model.key, clusterName: config.clusterName });
}

/** How many of its target groups the load balancer sends requests to. */
function inUse(intent: TargetGroupIntent, model: GroupModel, context: OverflowContext): number {
  let used = 0;
  while (isServing(partOf(intent, used), model, context)) used += 1;
  return used;
}

const isServing = (...args: Parameters<typeof servingTargetGroup>): boolean =>
  servingTargetGroup(...args) !== undefined;

/** The target group of an intent that requests are sent to. */
function servingTargetGroup(
  intent: TargetGroupIntent,
  model: GroupModel,
  { observed, config }: OverflowContext,
): ObservedTargetGroup | undefined {
  const names: readonly string[] = namesOf(intent, model, config);
  const current = presentLoadBalancer(observed, model.loadBalancer.scheme);
  if (current === undefined) return undefined;
  return observed.targetGroups.find((found) => names.includes(found.name) && serves(found, current));
}

const isRegistered = ({ state }: ObservedTarget): boolean => !isDraining(state);

/** By intent, the one with node ports that takes its place. */
function nodePorts(
  model: GroupModel,
  context: OverflowContext,
): ReadonlyMap<TargetGroupIntent, TargetGroupIntent> {
  const { snapshot, quotas, config } = context;
  const limit = targetLimit({ quotas, maxTargets: config.maxTargetsPerTargetGroup });
  const ofAll = limitOf('targets-per-application-load-balancer', quotas);
  const counted = model.targetGroups.map((intent) => {
    const instead = onNodes(intent);
    const pods = intent.targetType === 'ip' ? podCount(intent, snapshot) : nodes(intent, context);
    const isOn = instead !== undefined && isServing(instead, model, context);
    return { intent, instead, pods, isOn, isKnown: knowsAll(intent, snapshot, config) };
  });
  const chosen = new Map<TargetGroupIntent, TargetGroupIntent>();
  const total = (): number =>
    counted.reduce((sum, { intent, pods }) => {
      const instead = chosen.get(intent);
      return sum + (instead === undefined ? pods : nodes(instead, context));
    }, 0);
  // The largest first: so that as few as possible lose their pods' own addresses.
  for (const { intent, instead, pods, isOn, isKnown } of counted.toSorted((a, b) => b.pods - a.pods)) {
    if (instead === undefined) continue;
    const edge = isOn ? roomy : near;
    const isTooMany = pods > edge * limit || total() > edge * ofAll;
    if (isTooMany || (isOn && !isKnown)) chosen.set(intent, instead);
  }
  for (const held of model.heldTargetGroups) {
    const instead = onNodes(held);
    if (instead !== undefined && isServing(instead, model, context)) chosen.set(held, instead);
  }
  return chosen;
}

/** It still says what it stands for, so that the number of pods goes on to matter. */
function onNodes({ overflow }: TargetGroupIntent): TargetGroupIntent | undefined {
  return overflow?.kind === 'node-port' ? { ...overflow.instead, overflow } : undefined;
}

const nodes = (intent: TargetGroupIntent, { snapshot, config }: OverflowContext): number =>
  desiredTargets(intent, snapshot, { vpc: undefined, config }).value.length;
