// Which targets a target group should have now: pod addresses from EndpointSlices, or nodes by their state and labels.
// A snapshot that lacks a kind gives fewer targets, never an exception; the caller then plans with `complete: false`.

import type { CoreConfig } from '../domain/config.ts';
import type { VpcFact } from '../domain/facts.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { type DesiredTarget, targetKey } from '../domain/target.ts';
import { instanceTargets } from './instances.ts';
import { ofPart } from './parts.ts';
import { podTargets } from './pods.ts';
import type { Selection } from './selection.ts';

/**
 * The targets of one target group, sorted by id and port, each once (albc-behaviour §7.3, §7.4).
 *
 * Problems are warnings about single nodes (`TargetUnusable`); they never keep the others out. Without the VPC's CIDRs
 * every address counts as inside.
 */
export function desiredTargets(
  intent: TargetsIntent,
  snapshot: Snapshot,
  input: { readonly vpc: VpcFact | undefined; readonly config: CoreConfig },
): Selection {
  const { config } = input;
  if (isPortLost(intent, snapshot, config)) return { value: [], unready: [], leaving: [], problems: [] };
  const all =
    intent.targetType === 'ip'
      ? podTargets(intent, snapshot, input)
      : instanceTargets(intent, snapshot, config);
  const found = intent.part === undefined ? all : ofPart(all, intent.part);
  const value = sorted(found.value);
  if (config.policy.unreadyTargets === 'remove') return { ...found, value, unready: [], leaving: [] };
  const unready = without(sorted(found.unready), value);
  return { ...found, value, unready, leaving: sorted(found.leaving) };
}

function sorted(targets: readonly DesiredTarget[]): readonly DesiredTarget[] {
  const byKey = new Map(targets.map((target) => [targetKey(target), target]));
  return [...byKey.values()].toSorted((a, b) => compare(a.id, b.id) || a.port - b.port);
}

function without(
  targets: readonly DesiredTarget[],
  others: readonly DesiredTarget[],
): readonly DesiredTarget[] {
  const known = new Set(others.map(targetKey));
  return targets.filter((target) => !known.has(targetKey(target)));
}

/** With ALBC's policy a target group is emptied when its Service or the port of it is gone (albc-behaviour §7.5). */
export function isPortLost(
  { service, backendPort }: TargetsIntent,
  { services, complete }: Pick<Snapshot, 'services' | 'complete'>,
  { policy }: Pick<CoreConfig, 'policy'>,
): boolean {
  if (policy.lostBackends === 'keep' || !complete.has('Service')) return false;
  const ports = services.get(namespacedName(service.namespace, service.name))?.ports ?? [];
  return !ports.some(({ name, port }) => name === backendPort || String(port) === backendPort);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
