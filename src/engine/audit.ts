// Reads every group again, spread evenly over the interval, so that what others change in AWS is found within it. What
// differs becomes an ordinary plan, whose operations say `drift`.

import type { GroupKey } from '../core/domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { type InventoryCache, orphansIn } from './inventory.ts';
import type { Memory } from './memory.ts';
import { settlingMs } from './settling.ts';

export type AuditContext = {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly inventory: InventoryCache;
  readonly memory: Memory;
  readonly log: Log;
  /** Every group there is now. */
  readonly keys: () => readonly GroupKey[];
  readonly onGroup: (key: GroupKey) => void;
  readonly onTargetGroup: (name: string) => void;
  /** A new round begins; `orphans` are groups in AWS that the cluster knows nothing of. */
  readonly onRound: (orphans: readonly GroupKey[]) => void;
};

/**
 * Runs until the signal is aborted. The first round begins one interval after the start, when all was read anyway; what was
 * inherited instead is read until then.
 */
export async function audit(
  context: AuditContext,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const { clock, intervalMs } = context;
  const pause = async (ms: number): Promise<void> => clock.sleep(ms, { signal }).catch(() => undefined);
  await pause(intervalMs - (await catchUp(context, { signal, pause })));
  while (!signal.aborted) {
    try {
      await round(context, { signal, pause });
    } catch (error) {
      // A bug of ours must not be the last audit of this process.
      context.log.error({ err: error }, 'An audit failed');
      await pause(intervalMs);
    }
  }
}

/** Returns the milliseconds that it took. */
async function catchUp(
  context: AuditContext,
  { signal, pause }: { readonly signal: AbortSignal; readonly pause: (ms: number) => Promise<void> },
): Promise<number> {
  const { intervalMs, memory } = context;
  const isInherited = (key: GroupKey): boolean => memory.group(key).inherited;
  const keys = context.keys().filter(isInherited);
  for (const key of keys) {
    await pause(intervalMs / keys.length);
    if (signal.aborted) break;
    if (isInherited(key)) auditGroup(key, context);
  }
  return keys.length === 0 ? 0 : intervalMs;
}

async function round(
  context: AuditContext,
  { signal, pause }: { readonly signal: AbortSignal; readonly pause: (ms: number) => Promise<void> },
): Promise<void> {
  const { intervalMs } = context;
  await newRound(context, { signal });
  const keys = context.keys();
  for (const key of keys) {
    if (signal.aborted) return;
    auditGroup(key, context);
    await pause(intervalMs / keys.length);
  }
  if (keys.length === 0) await pause(intervalMs);
}

/** `groups`: what ALBC reads whenever it works on a group, which leaves out targets and the rules on nodes and pods. */
export type AuditScope = 'all' | 'groups';

/** A whole round at once, for those who cannot wait for the next one and know that AWS lists all there is. */
export async function auditNow(
  context: AuditContext,
  { scope, ...options }: { readonly signal: AbortSignal; readonly scope: AuditScope },
): Promise<void> {
  await newRound(scope === 'all' ? context : { ...context, onRound: () => undefined }, options);
  for (const key of context.keys()) {
    context.memory.update(key, { settledAt: Number.NEGATIVE_INFINITY });
    if (scope === 'all') readTargetsAgain(key, context);
    readAgain(key, context);
  }
}

async function newRound(context: AuditContext, options: { readonly signal: AbortSignal }): Promise<void> {
  try {
    await context.inventory.refresh(options);
  } catch (error) {
    context.log.warn({ err: error }, 'Could not list the resources of the account');
  }
  const keys = context.keys();
  const known = new Set(keys);
  // What no Ingress names any more has nothing to say and needs nothing.
  for (const key of context.memory.groups().keys()) if (!known.has(key)) context.onGroup(key);
  context.onRound(orphansIn(context.inventory.latest ?? new Map(), keys));
}

/** A group that was just written is read in the next round. */
function auditGroup(key: GroupKey, context: AuditContext): void {
  const { clock, intervalMs: auditIntervalMs, memory } = context;
  const isSettled = clock.now() - memory.group(key).writtenAt >= settlingMs({ auditIntervalMs });
  if (!isSettled) return;
  readTargetsAgain(key, context);
  readAgain(key, context);
}

function readAgain(key: GroupKey, { memory, onGroup }: AuditContext): void {
  memory.update(key, { reread: true, refusals: new Map() });
  onGroup(key);
}

function readTargetsAgain(key: GroupKey, { memory, onTargetGroup }: AuditContext): void {
  for (const binding of memory.bindings()) {
    if (binding.group !== key) continue;
    memory.bind({ ...binding, targets: undefined });
    onTargetGroup(binding.name);
  }
}
