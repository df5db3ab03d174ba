import type { Drift, FieldPath } from '../core/domain/drift.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import type { ObservedNetwork } from '../core/domain/network.ts';
import type { NetworkPlan } from '../core/plan/network.ts';
import { type NetworkDriftInput, settledRules } from '../core/plan/network-drift.ts';
import { restingAt } from '../core/plan/drift/flapping.ts';
import type { Clock } from '../lib/clock.ts';
import type { Memory } from './memory.ts';

type Found = { readonly open: readonly Drift[]; readonly putBack: readonly Drift[] };

/** What has drifted of the rules on nodes and pods, from pass to pass, for the groups that need them. */
export class NetworkDrift {
  readonly #memory: Memory;
  readonly #clock: Clock;
  #settled: ReadonlySet<FieldPath> = new Set();
  #open: ReadonlyMap<GroupKey, readonly Drift[]> = new Map();
  readonly #putBack = new Map<GroupKey, readonly Drift[]>();

  constructor({ memory, clock }: { readonly memory: Memory; readonly clock: Clock }) {
    this.#memory = memory;
    this.#clock = clock;
  }

  /** For the plan of a pass. */
  input(): NetworkDriftInput {
    const now = this.#clock.now();
    return {
      settled: this.#settled,
      restOf: (key, path) => restingAt(now, this.#memory.group(key).drift.repairs).get(path),
    };
  }

  /** Takes in a pass; `after` is what AWS has now. Returns the groups that have something to tell. */
  passed({ rules, drifted }: NetworkPlan, after: ObservedNetwork): readonly GroupKey[] {
    const present = settledRules(rules, after);
    const open = new Map<GroupKey, readonly Drift[]>();
    const news = new Set<GroupKey>();
    for (const { drift, groups } of drifted) {
      const isBack = present.has(drift.path);
      for (const key of groups) {
        const list = isBack ? this.#putBack : open;
        list.set(key, [...(list.get(key) ?? []), drift]);
        if (isBack) news.add(key);
      }
    }
    for (const key of new Set([...open.keys(), ...this.#open.keys()]))
      if (pathsOf(open.get(key)) !== pathsOf(this.#open.get(key))) news.add(key);
    this.#open = open;
    // What is left away stays drift.
    this.#settled = new Set([...present, ...drifted.map(({ drift }) => drift.path)]);
    return [...news];
  }

  /** What has drifted of what a group needs, and what was put back, which is told once. */
  of(key: GroupKey): Found {
    const putBack = this.#putBack.get(key) ?? [];
    this.#putBack.delete(key);
    return { open: this.#open.get(key) ?? [], putBack };
  }
}

const pathsOf = (drift: readonly Drift[] = []): string =>
  drift.map(({ path, mode }) => `${path} ${mode}`).join('\n');
