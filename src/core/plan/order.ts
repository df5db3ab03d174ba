import { InvariantError } from '../domain/invariant-error.ts';
import type { OperationId } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';

/**
 * Puts operations into an order in which each comes after those it depends on, otherwise as given, so that equal
 * inputs give the same plan byte for byte. Throws an InvariantError for an unknown dependency, a repeated id or a cycle.
 */
export function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  if (byId.size !== operations.length) {
    const ids = operations.map((operation) => operation.id);
    throw new InvariantError('a plan has two operations with one id', {
      ids: ids.filter((id, i) => ids.indexOf(id) !== i),
    });
  }
  const done = new Set<OperationId>();
  const ordered: Operation[] = [];
  const visit = (operation: Operation, path: readonly OperationId[]): void => {
    if (done.has(operation.id)) return;
    if (path.includes(operation.id))
      throw new InvariantError('operations depend on each other in a circle', { path });
    for (const id of operation.dependsOn) {
      const dependency = byId.get(id);
      if (dependency === undefined)
        throw new InvariantError('an operation depends on one that is not in the plan', {
          operation: operation.id,
          id,
        });
      visit(dependency, [...path, operation.id]);
    }
    done.add(operation.id);
    ordered.push(operation);
  };
  for (const operation of operations) visit(operation, []);
  return ordered;
}
