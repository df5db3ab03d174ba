import type { SecurityGroup } from '@aws-sdk/client-ec2';
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Tags } from '../core/domain/desired-group.ts';
import type { Clock } from '../lib/clock.ts';

/** A description as AWS gave it, with the tags that the inventory read for it. */
export type Described<Item> = { readonly item: Item; readonly tags: Tags };

/** A description, with tags where they came with it. */
export type Found<Item> = { readonly item: Item; readonly tags: Tags | undefined };

/** At 10 calls a second, a restart observes some hundreds of groups in this time. */
const freshMs = 5 * 60_000;

/**
 * What the inventory at start-up described, for the first observation of each group, which would ask the same again.
 *
 * Each description is handed over once, and only those of the first inventory, so nothing of ours can have been written
 * between the two; what somebody else changes in between is found by the next audit.
 */
export class Handover {
  readonly #clock: Clock;
  readonly #loadBalancers = new Map<string, Described<LoadBalancer>>();
  readonly #targetGroups = new Map<string, Described<TargetGroup>>();
  readonly #tags = new Map<string, Tags>();
  readonly #securityGroups = new Map<string, SecurityGroup>();
  #clusterSecurityGroups: readonly SecurityGroup[] | undefined;
  #isNetworkRead = false;
  #filledAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps the first inventory's descriptions and ignores later ones. */
  fill(found: {
    readonly loadBalancers: readonly Described<LoadBalancer>[];
    readonly targetGroups: readonly Described<TargetGroup>[];
    readonly securityGroups: readonly SecurityGroup[];
    /** Of listeners and rules too, where the tagging API was asked. */
    readonly tags?: ReadonlyMap<string, Tags> | undefined;
  }): void {
    if (this.#filledAt !== undefined) return;
    this.#filledAt = this.#clock.now();
    for (const one of found.loadBalancers) this.#loadBalancers.set(one.item.LoadBalancerArn ?? '', one);
    for (const one of found.targetGroups) this.#targetGroups.set(one.item.TargetGroupArn ?? '', one);
    for (const one of found.securityGroups) this.#securityGroups.set(one.GroupId ?? '', one);
    // Who has listed them has perhaps written to them since.
    if (!this.#isNetworkRead) this.#clusterSecurityGroups = found.securityGroups;
    for (const [arn, tags] of found.tags ?? []) this.#tags.set(arn, tags);
  }

  takeLoadBalancers = (arns: readonly string[]) => this.#take(this.#loadBalancers, arns);
  takeTargetGroups = (arns: readonly string[]) => this.#take(this.#targetGroups, arns);
  takeSecurityGroups = (ids: readonly string[]) => this.#take(this.#securityGroups, ids);

  /** Tags of those that were told; the others have to be read. */
  takeTags(arns: readonly string[]): ReadonlyMap<string, Tags> {
    const isFresh = this.#isFresh();
    const found = arns.flatMap((arn) => {
      const tags = this.#tags.get(arn);
      this.#tags.delete(arn);
      return tags === undefined || !isFresh ? [] : [[arn, tags] as const];
    });
    return new Map(found);
  }

  /** The whole listing, for the first observation of the network. */
  takeClusterSecurityGroups(): readonly SecurityGroup[] | undefined {
    const groups = this.#isFresh() ? this.#clusterSecurityGroups : undefined;
    this.#clusterSecurityGroups = undefined;
    this.#isNetworkRead = true;
    return groups;
  }

  #isFresh(): boolean {
    return this.#filledAt !== undefined && this.#clock.now() - this.#filledAt < freshMs;
  }

  /** All of them or none: asking for the rest costs as much as asking for all. */
  #take<Item>(kept: Map<string, Item>, ids: readonly string[]): readonly Item[] | undefined {
    const items = ids.flatMap((id) => kept.get(id) ?? []);
    for (const id of ids) kept.delete(id);
    return this.#isFresh() && items.length === ids.length ? items : undefined;
  }
}
