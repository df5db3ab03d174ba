// What a run of one group is given, and what it gives back.

import type { CoreConfig } from '../core/domain/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { BelievedTags } from './believed-tags.ts';
import type { InventoryCache } from './inventory.ts';
import type { Memory } from './memory.ts';
import type { NetworkContext, NetworkLoop } from './network-loop.ts';
import type { ClusterPort, WritePort } from './ports.ts';
import type { Verdict } from './work-queue.ts';

export type GroupContext = Omit<NetworkContext, 'complete' | 'orphans' | 'alone' | 'onNews'> & {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly provisioningIntervalMs: number;
  readonly auditIntervalMs: number;
  readonly cluster: ClusterPort;
  readonly write: WritePort;
  readonly memory: Memory;
  readonly inventory: InventoryCache;
  readonly believedTags: BelievedTags;
  readonly network: NetworkLoop;
  /** A target group came up, or its registered targets became unknown. */
  readonly onBound: (targetGroup: string) => void;
  /** The needs of the network changed: a pass over all groups may have something to revoke. */
  readonly onNetwork: () => void;
};

export type Run = {
  readonly signal: AbortSignal;
  /** Somebody changed something, rather than the audit or a retry. */
  readonly prompted: boolean;
};
export type GroupRun = { readonly verdict: Verdict; readonly changed: boolean };
