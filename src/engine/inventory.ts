import type { GroupKey } from '../core/domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import type { GroupResources, Inventory } from '../core/domain/observation.ts';
import type { AwsPort } from './ports.ts';

/** What a group has that AWS knows nothing of. */
export const nothing: GroupResources = {
  loadBalancerArns: [],
  targetGroupArns: [],
  securityGroupIds: [],
  certificateArns: [],
};

/** Groups in AWS that nobody in the cluster stands for; what another cluster of the same name has is none of our business. */
export function orphansIn(inventory: Inventory, keys: readonly GroupKey[]): readonly GroupKey[] {
  const known = new Set(keys);
  return [...inventory].flatMap(([key, { others }]) => (known.has(key) || others === true ? [] : [key]));
}

/** The account's resources by group: read once, and again when somebody needs a newer one. All who wait share one read. */
export class InventoryCache {
  readonly #aws: Pick<AwsPort, 'inventory'>;
  readonly #clock: Clock;
  #current: { readonly inventory: Inventory; readonly at: number } | undefined;
  #reading: { readonly promise: Promise<Inventory>; readonly since: number } | undefined;

  constructor(aws: Pick<AwsPort, 'inventory'>, clock: Clock) {
    this.#aws = aws;
    this.#clock = clock;
  }

  /** What the last read found; undefined before the first. */
  get latest(): Inventory | undefined {
    return this.#current?.inventory;
  }

  /** The resources of a group, from a read that began at `notBefore` (epoch milliseconds) or later. */
  async resources(
    key: GroupKey,
    notBefore: number,
    options: { readonly signal: AbortSignal },
  ): Promise<GroupResources> {
    return (await this.#since(notBefore, options)).get(key) ?? nothing;
  }

  /** The group is gone; what was read before would name its resources until the next read. */
  forget(key: GroupKey): void {
    if (this.#current?.inventory.has(key) !== true) return;
    const rest = [...this.#current.inventory].filter(([other]) => other !== key);
    this.#current = { ...this.#current, inventory: new Map(rest) };
  }

  /** Reads anew. */
  async refresh(options: { readonly signal: AbortSignal }): Promise<Inventory> {
    return this.#since(this.#clock.now(), options);
  }

  async #since(notBefore: number, options: { readonly signal: AbortSignal }): Promise<Inventory> {
    if (this.#current !== undefined && this.#current.at >= notBefore) return this.#current.inventory;
    if (this.#reading !== undefined && this.#reading.since >= notBefore) return this.#reading.promise;
    const since = this.#clock.now();
    const reading = { since, promise: this.#read(since, options) };
    this.#reading = reading;
    try {
      return await reading.promise;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  async #read(at: number, options: { readonly signal: AbortSignal }): Promise<Inventory> {
    const inventory = await this.#aws.inventory(options);
    if (this.#current === undefined || this.#current.at < at) this.#current = { inventory, at };
    return inventory;
  }
}
