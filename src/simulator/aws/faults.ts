import { SimulatedError } from './errors.ts';

export type FaultAction =
  | { readonly kind: 'fail'; readonly status: number; readonly code: string; readonly message?: string }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The call is carried out, then the connection is dropped. */
  | { readonly kind: 'loseAnswer' }
  | { readonly kind: 'throttle' }
  | { readonly kind: 'deny' };

/**
 * One disturbance. It meets calls of `operation` (any when absent) of `service` for which `when` holds: only the `nth` of them
 * (1 is the next), or the first `times`, or all.
 */
export type Fault = {
  readonly service?: string;
  readonly operation?: string;
  readonly nth?: number;
  readonly times?: number;
  readonly when?: (call: FaultCall) => boolean;
  readonly action: FaultAction;
};

export type FaultCall = {
  readonly service: string;
  readonly operation: string;
  readonly params: Record<string, unknown>;
};

/** The disturbances in force, in the order they were added; the first that meets a call acts on it. */
export class FaultPlan {
  #rules: { readonly fault: Fault; met: number }[] = [];

  /** Adds a fault; the function returned takes it away again. */
  add(fault: Fault): () => void {
    const rule = { fault, met: 0 };
    this.#rules.push(rule);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== rule);
    };
  }

  clear(): void {
    this.#rules = [];
  }

  list(): readonly Fault[] {
    return this.#rules.map(({ fault }) => fault);
  }

  /** The action for this call, counting it. */
  match(call: FaultCall): FaultAction | undefined {
    for (const rule of this.#rules) {
      if (!meets(rule.fault, call)) continue;
      rule.met += 1;
      const { nth, times } = rule.fault;
      if (nth !== undefined ? rule.met === nth : rule.met <= (times ?? Infinity)) return rule.fault.action;
    }
    return undefined;
  }
}

function meets(fault: Fault, call: FaultCall): boolean {
  if (fault.service !== undefined && fault.service !== call.service) return false;
  if (fault.operation !== undefined && fault.operation !== call.operation) return false;
  return fault.when?.(call) ?? true;
}

/** What a fault makes of a call before it is carried out; undefined when it goes on. */
export function refusal(action: FaultAction, call: FaultCall, throttled: SimulatedError): Error | undefined {
  switch (action.kind) {
    case 'fail':
      return new SimulatedError(action.code, action.message ?? `${action.code} (injected)`, action.status);
    case 'throttle':
      return throttled;
    case 'deny':
      return call.service === 'ec2'
        ? new SimulatedError(
            'UnauthorizedOperation',
            'You are not authorized to perform this operation.',
            403,
          )
        : new SimulatedError(
            call.service === 'elbv2' || call.service === 'sts' ? 'AccessDenied' : 'AccessDeniedException',
            `User is not authorized to perform: ${call.service}:${call.operation}`,
            403,
          );
    case 'delay':
    case 'loseAnswer':
      return undefined;
  }
}
