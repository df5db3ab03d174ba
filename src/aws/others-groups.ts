/**
 * Security groups that others of the account rely on: those of another cluster of the same name, and those on load balancers
 * that carry no tags of ours (released ones among them). Noted by each inventory, which sees them anyway, so that the network
 * loop leaves open what leads from them to targets.
 */
export class OthersGroups {
  #ids: ReadonlySet<string> = new Set();

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  noted(ids: Iterable<string>): void {
    this.#ids = new Set(ids);
  }
}
