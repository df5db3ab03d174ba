import assert from 'node:assert/strict';
import type { Known } from '../../src/core/domain/desired-group.ts';
import type { ResourceId } from '../../src/core/domain/ids.ts';
import type { ObservedGroup } from '../../src/core/domain/observed-group.ts';
import type { Attributes, Look, Operation } from '../../src/core/domain/operation.ts';
import { remember } from '../../src/core/plan/remember.ts';

let serial = 0;

/** Carries out operations in order, as AWS would, on the observation; `check` looks after each one. */
export function carriedOut(
  observed: ObservedGroup,
  operations: readonly Operation[],
  check: (now: ObservedGroup, operation: Operation) => void = () => undefined,
): ObservedGroup {
  const made = new Map<ResourceId, Attributes>();
  const look: Look = <T extends string>(value: Known<T>): T => {
    if (typeof value === 'string') return value;
    const found = made.get(value.ref)?.[value.attribute];
    assert.ok(found, `${value.ref} was not made before it is used`);
    return found as T;
  };
  let now = observed;
  for (const operation of operations) {
    serial += 1;
    const attributes: Attributes =
      operation.kind === 'createSecurityGroup'
        ? { id: `sg-${serial}` }
        : operation.kind === 'authorizeIngress'
          ? { ruleIds: operation.rules.map((_rule, i) => `sgr-${serial}-${i}`) }
          : operation.kind.startsWith('create')
            ? { arn: `arn:${operation.subject}:${serial}` }
            : {};
    if (operation.kind.startsWith('create')) made.set(operation.subject, attributes);
    now = remember(now, { operation, attributes, look });
    check(now, operation);
  }
  return now;
}
