/** A change of the account as CloudTrail records it. */
export type TrailEvent = {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** A service's name as in the trace. */
  readonly service: string;
  readonly operation: string;
  readonly params: Record<string, unknown>;
  readonly caller: Caller;
};

/** Who calls: a client over the wire, or somebody outside of it, who stands for a person at the console. */
export type Caller = { readonly userAgent: string; readonly user: string };

export const console: Caller = { userAgent: 'console.amazonaws.com', user: 'console' };

/** More is forgotten: CloudTrail's 90 days are not simulated. */
const most = 5000;

/** Every change that was made, oldest first. */
export class Trail {
  #events: TrailEvent[] = [];
  #count = 0;

  add(event: Omit<TrailEvent, 'id'>): void {
    this.#count += 1;
    this.#events.push({ id: `event-${this.#count}`, ...event });
    if (this.#events.length > most) this.#events.splice(0, most / 10);
  }

  events(): readonly TrailEvent[] {
    return this.#events;
  }
}
