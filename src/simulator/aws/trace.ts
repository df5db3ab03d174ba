/** One call as it was made, refused or not. */
export type TraceEntry = {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly service: string;
  readonly operation: string;
  readonly mutating: boolean;
  readonly params: Record<string, unknown>;
  /** The HTTP status; 0 when the answer was lost on purpose. */
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly tokenCost: number;
  /** The bucket of the operation itself; ELBv2 calls also draw from the account bucket. */
  readonly bucket: string | undefined;
  readonly requestId: string;
};

/** Older entries go when there are this many, so that a simulator can run for weeks. */
const most = 100_000;

/** Every recorded call since the start or the last `clear`. */
export class Trace {
  #entries: TraceEntry[] = [];
  #next = 1;

  add(entry: Omit<TraceEntry, 'seq'>): void {
    this.#entries.push({ seq: this.#next, ...entry });
    this.#next += 1;
    if (this.#entries.length > most) this.#entries.splice(0, most / 10);
  }

  /** The sequence number the next call will get: a mark for `since`. */
  get mark(): number {
    return this.#next;
  }

  entries(since = 0): readonly TraceEntry[] {
    return this.#entries.filter((entry) => entry.seq >= since);
  }

  writes(since = 0): readonly TraceEntry[] {
    return this.entries(since).filter((entry) => entry.mutating);
  }

  /** Calls by operation. */
  counts(options: { readonly since?: number } = {}): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { operation } of this.entries(options.since)) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  }

  clear(): void {
    this.#entries = [];
  }
}

/** Whether an operation changes the account, by its name. */
export const isMutating = (operation: string): boolean => !/^(Describe|Get|List|Lookup)/.test(operation);
