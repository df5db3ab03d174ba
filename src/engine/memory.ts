// What the process remembers. All of it can be lost: AWS's tags and Kubernetes hold the state, the audit checks this.

import type { DesiredGroup, NetworkNeeds } from '../core/domain/desired-group.ts';
import type { Quota, RegionUse, TargetGroupFact, VpcFact } from '../core/domain/facts.ts';
import type { TargetsIntent } from '../core/domain/group-model.ts';
import {
  type GroupKey,
  type NamespacedName,
  namespacedName,
  type TargetGroupArn,
} from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Problem } from '../core/domain/problem.ts';
import { type Confirmed, nothingConfirmed } from '../core/plan/confirmed.ts';
import type { AssumedRole, ObservedTarget } from '../core/domain/target.ts';
import type { ByHand } from '../core/targets/by-hand.ts';
import type { Drift, DriftModes } from '../core/domain/drift.ts';
import { type DriftMemory, noDriftKnown } from './drift-memory.ts';
import type { Refusals } from './refusals.ts';

export type GroupMemory = {
  /** Undefined: never read. */
  readonly observed: ObservedGroup | undefined;
  /** `observed` is what another process left: enough to see that nothing is to be done. */
  readonly inherited: boolean;
  /** When `observed` was last read from AWS, in epoch milliseconds. */
  readonly observedAt: number;
  /** When something of the group was last written, in epoch milliseconds. */
  readonly writtenAt: number;
  /** What was lately written, which AWS may not show yet. */
  readonly confirmed: Confirmed;
  /** Since when `observed` is not to be trusted; undefined: it is. */
  readonly staleSince: number | undefined;
  /**
   * Before this time, in epoch milliseconds, AWS may not list all of the group: what a process before this one made, or a
   * call that had no answer.
   */
  readonly settledAt: number;
  /** The audit wants it read again. */
  readonly reread: boolean;
  /** What was last applied in full. */
  readonly previous: DesiredGroup | undefined;
  readonly drift: DriftMemory;
  /** What the group needs of the network, with the targets of now; undefined: never planned. */
  readonly needs: NetworkNeeds | undefined;
  readonly quotas: readonly Quota[];
  readonly regionUse: RegionUse | undefined;
  readonly succeeded: boolean;
  /** Keys of warnings that users have been told. */
  readonly told: ReadonlySet<string>;
  /** The same of a binding's targets. */
  readonly toldOfTargets: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** Members that AWS turned down. */
  readonly refusals: Refusals;
  /** Since when members that left are not named here any more, in epoch milliseconds. */
  readonly unnamedSince: ReadonlyMap<NamespacedName, number>;
};

const nothingKnown: GroupMemory = {
  observed: undefined,
  inherited: false,
  observedAt: Number.NEGATIVE_INFINITY,
  writtenAt: Number.NEGATIVE_INFINITY,
  confirmed: nothingConfirmed,
  staleSince: undefined,
  settledAt: Number.NEGATIVE_INFINITY,
  reread: false,
  previous: undefined,
  drift: noDriftKnown,
  needs: undefined,
  quotas: [],
  regionUse: undefined,
  succeeded: false,
  told: new Set(),
  toldOfTargets: new Set(),
  problems: [],
  refusals: new Map(),
  unnamedSince: new Map(),
};

/** A target group that the targets loop keeps filled; `name` is its name, or `namespace/name` of a TargetGroupBinding. */
export type Binding = {
  readonly name: string;
  readonly arn: TargetGroupArn;
  /** The group of Ingresses, or the TargetGroupBinding, that asks. */
  readonly group: GroupKey;
  readonly intent: TargetsIntent;
  /** Somebody else's target group, which a TargetGroupBinding names; absent: an Ingress's, and `name` is its name. */
  readonly bound?: { readonly fact: TargetGroupFact; readonly role: AssumedRole | undefined };
  /** Nothing is wanted in it any more, with proof. */
  readonly emptied?: true;
  readonly vpc: VpcFact | undefined;
  readonly quotas: readonly Quota[];
  /** Undefined: not known, to be read. */
  readonly targets: readonly ObservedTarget[] | undefined;
  /** `targets` is what another process left: enough to see that nothing is to be done. */
  readonly inherited?: true | undefined;
  /** Keys of registered targets that this cluster wanted at some time. */
  readonly own: ReadonlySet<string>;
  /** Where clusters share the target group: what the ConfigMap says of `own`; absent: not read yet. */
  readonly stored?: ReadonlySet<string>;
  /** What others did to its targets; absent: nothing is known. */
  readonly byHand?: ByHand;
  /** What is done about it; absent: it is put right, and told to nobody. */
  readonly modes?: DriftModes;
  /** What has drifted, and what was put back since the group was told. */
  readonly drift?: { readonly open: readonly Drift[]; readonly putBack: readonly Drift[] };
  /** What the tag of the target group says of others' targets; absent: not known. */
  readonly noted?: string;
};

export class Memory {
  readonly #groups = new Map<GroupKey, GroupMemory>();
  readonly #bindings = new Map<string, Binding>();
  /** `namespace/service` → names of its target groups. */
  readonly #byService = new Map<NamespacedName, Set<string>>();

  group(key: GroupKey): GroupMemory {
    return this.#groups.get(key) ?? nothingKnown;
  }

  groups(): ReadonlyMap<GroupKey, GroupMemory> {
    return this.#groups;
  }

  update(key: GroupKey, change: Partial<GroupMemory>): void {
    this.#groups.set(key, { ...this.group(key), ...change });
  }

  /** The group is gone, and so are its target groups. */
  forget(key: GroupKey): void {
    this.#groups.delete(key);
    for (const { name, group } of this.#bindings.values()) if (group === key) this.unbind(name);
  }

  /** What every group needs of the network, as far as they have been planned. */
  needs(): ReadonlyMap<GroupKey, NetworkNeeds> {
    const entries = [...this.#groups].flatMap(([key, { needs }]) =>
      needs === undefined ? [] : [[key, needs] as const],
    );
    return new Map(entries);
  }

  binding(name: string): Binding | undefined {
    return this.#bindings.get(name);
  }

  bindings(): Iterable<Binding> {
    return this.#bindings.values();
  }

  bind(binding: Binding): void {
    const before = this.#bindings.get(binding.name);
    if (before !== undefined && serviceOf(before.intent) !== serviceOf(binding.intent))
      this.unbind(binding.name);
    this.#bindings.set(binding.name, binding);
    const service = serviceOf(binding.intent);
    const names = this.#byService.get(service) ?? new Set<string>();
    this.#byService.set(service, names.add(binding.name));
  }

  unbind(name: string): void {
    const binding = this.#bindings.get(name);
    if (binding === undefined) return;
    this.#bindings.delete(name);
    const service = serviceOf(binding.intent);
    const names = this.#byService.get(service);
    names?.delete(name);
    if (names?.size === 0) this.#byService.delete(service);
  }

  bindingsOf(service: NamespacedName): ReadonlySet<string> {
    return this.#byService.get(service) ?? new Set();
  }
}

const serviceOf = ({ service }: TargetsIntent): NamespacedName =>
  namespacedName(service.namespace, service.name);
