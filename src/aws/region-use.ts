import type { RegionUse } from '../core/domain/facts.ts';

/**
 * How many load balancers and target groups the whole region holds, others' included: counted by each inventory, which
 * lists them anyway, and kept up to date with our own writes in between. Security groups, whose list nothing else needs, are
 * counted when Service Quotas is asked.
 */
export class RegionCount {
  #use: RegionUse | undefined;

  /** Undefined before the first inventory. */
  get use(): RegionUse | undefined {
    return this.#use;
  }

  counted(use: RegionUse): void {
    this.#use = { ...this.#use, ...use };
  }

  /** Before the first inventory there is nothing to add it to; the next look counts again. */
  securityGroups(count: number): void {
    if (this.#use !== undefined) this.#use = { ...this.#use, securityGroups: count };
  }

  changed(what: keyof RegionUse, by: 1 | -1): void {
    const before = this.#use?.[what];
    if (this.#use !== undefined && before !== undefined) this.#use = { ...this.#use, [what]: before + by };
  }
}
