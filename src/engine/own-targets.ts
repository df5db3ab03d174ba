// Which targets of a target group that clusters share are this cluster's: kept in ALBC's ConfigMaps (albc-behaviour §7.7).

import { isDeepStrictEqual } from 'node:util';
import type { TargetsIntent } from '../core/domain/group-model.ts';
import type { Binding, Memory } from './memory.ts';
import { type TargetList, type WritePort, written } from './ports.ts';

type Context = {
  readonly memory: Memory;
  readonly write: Pick<WritePort, 'ownTargets' | 'storeOwnTargets'>;
};

/**
 * Keys of the targets that this cluster has in a target group that it shares with others, as far as anybody remembers;
 * undefined: it shares it with nobody. A held member may have stopped saying that it does: then the list tells.
 */
export async function ownTargets(
  binding: Binding,
  context: Context,
  options: { readonly signal: AbortSignal },
): Promise<ReadonlySet<string> | undefined> {
  const { multiCluster, unproven } = binding.intent;
  if (!multiCluster && unproven !== true) return undefined;
  const listed = await listedTargets(binding, context, options);
  return multiCluster || listed.size > 0 ? new Set([...binding.own, ...listed]) : undefined;
}

async function listedTargets(
  { name, intent, stored }: Binding,
  { write, memory }: Context,
  options: { readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  if (stored !== undefined) return stored;
  const list = listOf(name, intent);
  const found = await written('read the list of own targets', write.ownTargets(list, options));
  const current = memory.binding(name);
  if (current !== undefined) memory.bind({ ...current, stored: found });
  return found;
}

/** Writes the list where it says something else; undefined where there is none. */
export async function storeOwn(
  name: string,
  own: Iterable<string> | undefined,
  { write, memory }: Context,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const binding = memory.binding(name);
  const targets = new Set(own);
  if (own === undefined || binding === undefined || isDeepStrictEqual(binding.stored, targets)) return;
  await written('list own targets', write.storeOwnTargets(listOf(name, binding.intent), targets, options));
  memory.bind({ ...(memory.binding(name) ?? binding), stored: targets });
}

/** ALBC's bindings have the name of the target group that an Ingress made. */
export const listOf = (name: string, { member }: Pick<TargetsIntent, 'member'>): TargetList => ({
  namespace: member.namespace,
  binding: member.kind === 'Ingress' ? name : member.name,
});
