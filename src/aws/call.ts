import type { Clock } from '../lib/clock.ts';
import { type AwsError, awsError, hasUnknownCode, isTransient } from './errors.ts';
import type { CallOptions, ServiceName } from './ports.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { RuleOf } from './throttles.ts';

/** One finished call, retries included: what metrics are made of. */
export type CallReport = {
  readonly service: ServiceName;
  /** SDK operation name, such as `DescribeRules`. */
  readonly operation: string;
  readonly outcome: 'ok' | 'aborted' | AwsError['kind'];
  /** AWS's code; '' for `ok` and `aborted`. */
  readonly code: string;
  /** From the first wish to call, so waiting for a token is in it. */
  readonly durationMs: number;
  /** Requests sent. */
  readonly attempts: number;
};

export type CallHooks = {
  readonly onCall?: (report: CallReport) => void;
  /** An error code that error-codes.ts does not know; told once for each code. */
  readonly onUnknownCode?: (error: AwsError) => void;
};

/** What every call needs, whatever its service. */
export type Caller = {
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly ruleOf: RuleOf;
  /** Requests for one call, the first included. */
  readonly maxAttempts: number;
  readonly hooks: CallHooks;
  /** 0 ≤ x < 1, for the jitter of retries. */
  readonly random: () => number;
  readonly unknownCodes: Set<string>;
};

/** How a command and its client are seen here; ports.ts has the types that callers see. */
type AnyCommand = { readonly schema?: unknown };
type Send = (command: AnyCommand, options: { readonly abortSignal: AbortSignal }) => Promise<unknown>;

/**
 * Makes the function that sends one service's commands.
 *
 * Retries are made here and not by the SDK: each attempt takes its tokens from the limiter, so that a throttle slows the
 * very queue it came from, and waits go through the clock. A failure is thrown as an AwsError; an abort before anything
 * was sent, or of a read, as the signal's reason.
 */
export function createCall(service: ServiceName, send: Send, caller: Caller) {
  return async (command: AnyCommand, { signal }: CallOptions): Promise<unknown> => {
    const operation = operationName(command);
    const rule = caller.ruleOf(service, operation);
    const started = caller.clock.now();
    const report = (outcome: CallReport['outcome'], code: string, attempts: number): void =>
      caller.hooks.onCall?.({
        service,
        operation,
        outcome,
        code,
        attempts,
        durationMs: caller.clock.now() - started,
      });
    const attempt = async (): Promise<unknown> => {
      await caller.limiter.acquire(rule, { signal });
      return send(command, { abortSignal: signal });
    };
    const isWrite = !/^(Describe|List|Get)/.test(operation);
    for (let attempts = 1; ; attempts += 1) {
      try {
        const output = await attempt();
        report('ok', '', attempts);
        return output;
      } catch (error) {
        if (signal.aborted && (error === signal.reason || !isWrite)) {
          report('aborted', '', attempts);
          throw signal.reason;
        }
        const failure = awsError(error, { action: `${service}:${operation}`, isWrite });
        noteUnknownCode(failure, caller);
        if (failure.kind === 'throttled') caller.limiter.throttled(rule.buckets);
        if (signal.aborted || attempts >= caller.maxAttempts || !isTransient(failure)) {
          report(failure.kind, failure.code, attempts);
          throw failure;
        }
        await caller.clock.sleep(failure.retryAfterMs ?? backoffMs(attempts, caller.random()), { signal });
      }
    }
  };
}

/**
 * The name from the command's own model: a class name changes when a bundler resolves conflicts between two services'
 * classes, as for DescribeTags of ELBv2 and EC2.
 */
function operationName({ schema }: AnyCommand): string {
  const name: unknown = Array.isArray(schema)
    ? schema[2]
    : (schema as { readonly name?: unknown } | undefined)?.name;
  if (typeof name !== 'string')
    throw new TypeError('the SDK command carries no operation name in its schema');
  return name;
}

/** Full jitter, as the SDK's own retries: up to 100 ms after the first attempt, doubling, at most 5 s. */
function backoffMs(attempt: number, random01: number): number {
  return Math.ceil(random01 * Math.min(5_000, 100 * 2 ** (attempt - 1)));
}

function noteUnknownCode(failure: AwsError, { unknownCodes, hooks }: Caller): void {
  if (!hasUnknownCode(failure) || unknownCodes.has(failure.code)) return;
  unknownCodes.add(failure.code);
  hooks.onUnknownCode?.(failure);
}
