// Walks a plan on p-queue. The only place where operations meet handlers.

import PQueue from 'p-queue';
import type { Known } from '../core/domain/desired-group.ts';
import type { OperationId, ResourceId } from '../core/domain/ids.ts';
import { InvariantError } from '../core/domain/invariant-error.ts';
import type {
  Attributes,
  Handlers,
  Look,
  Operation,
  OperationKind,
  OperationOf,
} from '../core/domain/operation.ts';
import type { Outcome, Refusal } from '../core/domain/outcome.ts';

export type Execution = {
  readonly handlers: Handlers;
  /** What an error that a handler threw says in AWS's terms; undefined: not AWS's doing, so a bug of ours. */
  readonly refusalOf: (error: unknown) => Refusal | undefined;
  /** Attributes of resources that exist already and that operations may refer to. */
  readonly known: ReadonlyMap<ResourceId, Attributes>;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onStart?: (operation: Operation) => void;
  readonly onOutcome?: (outcome: Outcome) => void;
};

/**
 * Runs operations, each after those it depends on, and returns their outcomes in the order of the list. An operation
 * whose dependency is not done is skipped; everything else goes on. Aborting the signal starts nothing new and waits
 * for what runs. An error that is not AWS's is thrown once everything else has ended.
 */
export async function execute(
  operations: readonly Operation[],
  execution: Execution,
): Promise<readonly Outcome[]> {
  const pool = new PQueue({ concurrency: execution.concurrency });
  const attributes = new Map(execution.known);
  const look = lookIn(attributes);
  const bugs: unknown[] = [];
  const running = new Map<OperationId, Promise<Outcome>>();

  const outcomeOf = async (operation: Operation): Promise<Outcome> => {
    // Awaited outside the pool's slot: a waiting operation that held one would block what it waits for.
    const blocked = await blockedBy(operation, running);
    if (blocked !== undefined) return { kind: 'skipped', operation, because: blocked };
    return pool.add(async (): Promise<Outcome> => {
      if (execution.signal.aborted)
        return { kind: 'skipped', operation, because: 'the controller is stopping' };
      execution.onStart?.(operation);
      try {
        const assigned = await handle(execution, operation, look);
        attributes.set(operation.subject, { ...attributes.get(operation.subject), ...assigned });
        return { kind: 'done', operation, attributes: assigned };
      } catch (error) {
        const refusal = execution.refusalOf(error);
        if (refusal !== undefined) return { kind: 'failed', operation, refusal };
        if (execution.signal.aborted)
          return { kind: 'skipped', operation, because: 'the controller is stopping' };
        bugs.push(error);
        return { kind: 'skipped', operation, because: 'internal error' };
      }
    });
  };

  for (const operation of operations) {
    assertOrdered(operation, running);
    running.set(
      operation.id,
      outcomeOf(operation).then((outcome) => {
        execution.onOutcome?.(outcome);
        return outcome;
      }),
    );
  }
  const outcomes = await Promise.all(running.values());
  if (bugs.length > 0) throw bugs[0];
  return outcomes;
}

async function blockedBy(
  operation: Operation,
  running: ReadonlyMap<OperationId, Promise<Outcome>>,
): Promise<string | undefined> {
  for (const id of operation.dependsOn) {
    const outcome = await running.get(id);
    if (outcome?.kind === 'failed') return `“${id}” failed: ${outcome.refusal.message}`;
    if (outcome?.kind === 'skipped') return outcome.because;
  }
  return undefined;
}

/** A plan's order is one in which its operations could run one by one, so a dependency always comes earlier. */
function assertOrdered(operation: Operation, earlier: ReadonlyMap<OperationId, unknown>): void {
  if (earlier.has(operation.id))
    throw new InvariantError('plan holds an operation twice', { id: operation.id });
  const missing = operation.dependsOn.filter((id) => !earlier.has(id));
  if (missing.length > 0) {
    throw new InvariantError('operation depends on one that is not before it', { id: operation.id, missing });
  }
}

function handle(execution: Execution, operation: Operation, look: Look): Promise<Attributes> {
  // One handler for each kind exists by the type of Handlers; the compiler cannot pair a union's member with its own.
  const handler = execution.handlers[operation.kind] as (
    operation: OperationOf<OperationKind>,
    look: Look,
    options: { readonly signal: AbortSignal },
  ) => Promise<Attributes>;
  return handler(operation, look, { signal: execution.signal });
}

/** References resolved from what AWS assigned; one that nobody assigned is a bug. */
export function lookIn(attributes: ReadonlyMap<ResourceId, Attributes>): Look {
  return <T extends string>(value: Known<T>): T => {
    if (typeof value === 'string') return value;
    const found = attributes.get(value.ref)?.[value.attribute];
    if (found === undefined)
      throw new InvariantError('reference to a value nobody assigned', { ref: value.ref });
    return found as T;
  };
}
