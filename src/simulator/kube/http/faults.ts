/**
 * Faults: what a real API server does on bad days, on request; a test says "the second list of pods fails once".
 */

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export type FaultAction =
  /** Answers with this status; 429 and 503 may carry Retry-After. 401 stands for a token that expires in between. */
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** Never answers; a watch opens, sends what `afterEvents` allows and stays silent without closing. */
  | { readonly kind: 'hang'; readonly afterEvents?: number }
  /** Cuts the connection without an answer, or in the middle of a watch. */
  | { readonly kind: 'reset'; readonly afterEvents?: number }
  /** A line that is no JSON, in a watch; anywhere else a body that is none. */
  | { readonly kind: 'malformed'; readonly afterEvents?: number }
  /** 410: as a status, or as an ERROR event inside an open watch. */
  | { readonly kind: 'gone'; readonly inStream?: boolean }
  /** The answer breaks off half-way although the status was 200. */
  | { readonly kind: 'truncate' }
  /** Answers rightly, but late (by the simulator's clock). */
  | { readonly kind: 'delay'; readonly ms: number };

export type Fault = {
  readonly verb?: Verb;
  /** Plural name, `ingresses`; absent = every resource. */
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Only pages after the first one of a list. */
  readonly continued?: boolean;
  /** The first matching request that fails, counted from 1 (the default). */
  readonly nth?: number;
  /** How many matching requests fail from there on; default 1, `Infinity` = until cleared. */
  readonly times?: number;
  readonly action: FaultAction;
};

export type FaultSubject = {
  readonly verb: Verb;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly continued: boolean;
};

type Armed = { readonly fault: Fault; seen: number };

export class Faults {
  #armed: Armed[] = [];

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) this.#armed.push({ fault, seen: 0 });
  }

  clear(): void {
    this.#armed = [];
  }

  /** The action for a request, if a fault matches it. Every matching fault counts the request, the first due one acts. */
  take(subject: FaultSubject): FaultAction | undefined {
    const due = this.#armed.filter((armed) => {
      if (!matches(armed.fault, subject)) return false;
      armed.seen++;
      const first = armed.fault.nth ?? 1;
      return armed.seen >= first && armed.seen < first + (armed.fault.times ?? 1);
    });
    return due[0]?.fault.action;
  }
}

function matches(fault: Fault, subject: FaultSubject): boolean {
  return (
    (fault.verb === undefined || fault.verb === subject.verb) &&
    (fault.resource === undefined || fault.resource === subject.resource) &&
    (fault.namespace === undefined || fault.namespace === subject.namespace) &&
    (fault.name === undefined || fault.name === subject.name) &&
    (fault.continued === undefined || fault.continued === subject.continued)
  );
}
