// Pods that were told to end answer for some time yet, and a target that has just been registered is not used before its
// first health check. So the last ones that are healthy stay until another one is.

import type { CoreConfig } from '../domain/config.ts';
import type { VpcFact } from '../domain/facts.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import {
  type DesiredTarget,
  type ObservedTarget,
  type Target,
  isDraining,
  targetKey,
} from '../domain/target.ts';
import type { Kept } from './floor.ts';
import { desiredTargets } from './select.ts';
import type { Selection } from './selection.ts';

type Input = {
  readonly intent: TargetsIntent;
  readonly snapshot: Snapshot;
  readonly vpc: VpcFact | undefined;
  readonly config: CoreConfig;
};

/**
 * Healthy targets that stay while none of the selected ones is healthy: pods that end as long as they serve, nodes behind
 * whose port (`externalTrafficPolicy: Local`) only such pods are, and in one of several target groups that share the pods of
 * a Service what it had of the others. They take no more than half of the places, so that others can come.
 *
 * Problem (warning): `TargetsKept`. It is for plans; as an event it would come with every roll-out.
 */
export function keptUntilHealthy(
  selection: Selection,
  input: Input & {
    readonly name: string;
    readonly object: ObjectRef;
    readonly observed: readonly ObservedTarget[];
    /** How many targets fit into the target group. */
    readonly limit: number;
  },
): Kept {
  const { observed, limit } = input;
  const targets = last(selection, observed, input)
    .filter(isAmong(observed.filter(isHealthy)))
    .slice(0, Math.floor(limit / 2));
  return { targets, why: targets.length === 0 ? undefined : problem(targets, input) };
}

/**
 * After how long somebody should look whether one of the wanted targets is healthy, so that others may go; undefined: not at
 * all. Those that were registered since the last look may be healthy by now.
 */
export function healthLookMs(observed: readonly ObservedTarget[], input: Input): number | undefined {
  const { intent, snapshot } = input;
  const isPart = intent.part !== undefined;
  const selection = desiredTargets(intent, snapshot, input);
  const states = statesOf(selection.value, observed);
  // AWS checks none that no rule uses.
  if (selection.value.length === 0 || states.includes('healthy') || states.includes('unused'))
    return undefined;
  if (!isPart && last(selection, observed, input).length === 0) return undefined;
  return states.length < selection.value.length || states.includes('initial') ? soonMs : laterMs;
}

/** The health checks are 5 s apart, or more. */
const soonMs = 2000;
/** One that was unhealthy may be so for long. */
const laterMs = 30_000;

const isHealthy = ({ state }: ObservedTarget): boolean => state === 'healthy';

/** Registered ones that serve and are not selected, while none of the selected ones is healthy. */
function last(
  selection: Selection,
  observed: readonly ObservedTarget[],
  input: Input,
): readonly DesiredTarget[] {
  const { value } = selection;
  if (value.length === 0 || statesOf(value, observed).includes('healthy')) return [];
  const isWanted = isAmong(value);
  const isPresent = isAmong(observed.filter(({ state }) => state === 'healthy' || state === 'initial'));
  const found = candidates(selection, input).filter((target) => isPresent(target) && !isWanted(target));
  return found.length === 0 ? [] : found.filter(serves(input));
}

function isAmong(targets: readonly Target[]): (target: Target) => boolean {
  const keys = new Set(targets.map(targetKey));
  return (target) => keys.has(targetKey(target));
}

function candidates(
  selection: Selection,
  { intent, snapshot, vpc, config }: Input,
): readonly DesiredTarget[] {
  const { part, ...whole } = intent;
  if (part === undefined) return selection.leaving;
  const { value, unready, leaving } = desiredTargets(whole, snapshot, { vpc, config });
  return [...value, ...unready, ...leaving];
}

/** Whether a pod answers; nodes are not chosen unless theirs do. */
function serves({ intent, snapshot }: Input): (target: DesiredTarget) => boolean {
  const { namespace, name } = intent.service;
  const slices = snapshot.endpointSlices.get(namespacedName(namespace, name)) ?? [];
  const endpoints = slices.flatMap((slice) => slice.endpoints).filter(({ serving }) => serving);
  const serving = new Set(endpoints.flatMap(({ addresses: [address] }) => address ?? []));
  return ({ id, object }) => object.kind === 'Node' || serving.has(id);
}

function statesOf(
  wanted: readonly DesiredTarget[],
  observed: readonly ObservedTarget[],
): readonly ObservedTarget['state'][] {
  const isWanted = isAmong(wanted);
  return observed.filter((target) => isWanted(target) && !isDraining(target.state)).map(({ state }) => state);
}

function problem(
  targets: readonly DesiredTarget[],
  { name, object }: { readonly name: string; readonly object: ObjectRef },
): Problem {
  const names = targets.slice(0, 3).map(({ object: { kind, id } }) => `${kind} ${id}`);
  const rest = targets.length > 3 ? ` and ${targets.length - 3} more` : '';
  return {
    kind: 'problem',
    code: 'TargetsKept',
    severity: 'warning',
    scope: 'member',
    object,
    path: object.kind === 'Ingress' ? 'spec.rules' : 'spec.serviceRef',
    message: `Target group ${name} keeps ${targets.length} targets whose pods end (${names.join(', ')}${rest}) until one of the others is healthy`,
    hint: 'Nothing has to be done; readiness gates let a roll-out wait for the health of its pods (docs/webhooks.md)',
  };
}
