import type { RegionUse } from '../core/domain/facts.ts';

/**
 * How many load balancers and target groups the whole region holds, others' included: counted by each inventory, which
 * lists them anyway, and kept up to date with our own writes in between.
 */
export class RegionCount {
  #use: RegionUse | undefined;

  /** Undefined before the first inventory. */
  get use(): RegionUse | undefined {
    return this.#use;
  }

  counted(use: RegionUse): void {
    this.#use = use;
  }

  changed(what: keyof RegionUse, by: 1 | -1): void {
    if (this.#use !== undefined) this.#use = { ...this.#use, [what]: this.#use[what] + by };
  }
}
