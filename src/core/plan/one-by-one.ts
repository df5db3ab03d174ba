// With ALBC's policy a group's operations run one by one in ALBC's order (albc-internals §A.1), and what comes after the
// first one that AWS turns down is not done: a group that AWS refuses a listener has no rules and no targets.

import type { OperationId, ResourceId } from '../domain/ids.ts';
import type { Operation, OperationKind } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import { inOrder } from './order.ts';

const settings = 4;
const listeners = 5;
const targets = 7;
const removals = 9;

/** Of the kinds that ALBC deploys elsewhere than with the settings of a load balancer. */
const steps: Readonly<Partial<Record<OperationKind, number>>> = {
  createSecurityGroup: 0,
  authorizeIngress: 0,
  revokeIngress: 0,
  setSecurityGroupTags: 0,
  deregisterTargets: 1,
  requestCertificate: 2,
  createValidationRecords: 2,
  setCertificateTags: 2,
  createTargetGroup: 3,
  modifyTargetGroup: 3,
  modifyTargetGroupAttributes: 3,
  createListener: listeners,
  modifyListener: listeners,
  modifyListenerAttributes: listeners,
  addListenerCertificate: listeners,
  removeListenerCertificate: listeners,
  deleteListener: listeners,
  createRule: 6,
  modifyRule: 6,
  setRulePriorities: 6,
  deleteRule: 6,
  registerTargets: targets,
  associateWebAcl: 8,
  disassociateWebAcl: 8,
  associateClassicWebAcl: 8,
  disassociateClassicWebAcl: 8,
  createShieldProtection: 8,
  deleteShieldProtection: 8,
  modifyCapacityReservation: removals,
  registerLoadBalancer: removals,
  deleteTargetGroup: removals,
  deleteCertificate: removals,
  deleteSecurityGroup: removals,
};

/** Target groups that traffic moves to are filled before the rules, once all that ALBC does before those has been taken. */
const filling = listeners + 0.5;

/**
 * The plan in ALBC's order, each operation after all before it. Nothing else waits for what waits until targets are healthy,
 * which ALBC never does. New listeners come in the order of their ports, and before changes of others; those change in our
 * own order, in which no request is lost.
 */
export function oneByOne(plan: Plan): Plan {
  const isWarm = movesTraffic(plan);
  const byId = new Map(plan.operations.map((operation) => [operation.id, operation]));
  const ports = newPorts(plan.operations);
  const step = new Map<OperationId, number>();
  const isNeeded = (operation: Operation, dependency: Operation): boolean => {
    if (dependency.kind === 'registerTargets') return isWarm;
    if (!ports.has(operation.subject)) return true;
    const isOfAnother = ports.has(dependency.subject) && dependency.subject !== operation.subject;
    return !isOfAnother && dependency.kind !== 'createRule';
  };
  const freed = plan.operations.map((operation) => {
    const dependsOn = operation.dependsOn.filter((id) => {
      const dependency = byId.get(id);
      return dependency !== undefined && isNeeded(operation, dependency);
    });
    const own = isWarm && operation.kind === 'registerTargets' ? filling : stepOf(operation);
    step.set(operation.id, Math.max(own, ...dependsOn.map((id) => step.get(id) ?? 0)));
    return { ...operation, dependsOn };
  });
  const order = (a: Operation, b: Operation): number =>
    (step.get(a.id) ?? 0) - (step.get(b.id) ?? 0) ||
    (ports.get(a.subject) ?? afterPorts) - (ports.get(b.subject) ?? afterPorts);
  return { ...plan, operations: chained(inOrder(freed.toSorted(order))) };
}

const afterPorts = 65_536;

/** The ports of listeners that the plan makes: nobody is on them yet. */
function newPorts(operations: readonly Operation[]): ReadonlyMap<ResourceId, number> {
  return new Map(
    operations.flatMap((operation) =>
      operation.kind === 'createListener' ? [[operation.subject, operation.spec.port]] : [],
    ),
  );
}

function chained(operations: readonly Operation[]): readonly Operation[] {
  const waits = waiting(operations);
  let last: OperationId | undefined;
  return operations.map((operation) => {
    const after = last === undefined || operation.dependsOn.includes(last) ? [] : [last];
    if (!waits.has(operation.id)) last = operation.id;
    return { ...operation, dependsOn: [...operation.dependsOn, ...after] };
  });
}

const stepOf = ({ kind }: Operation): number => steps[kind] ?? settings;

/** Whether traffic goes to new target groups, which are filled and healthy before. */
export const movesTraffic = ({ operations }: Pick<Plan, 'operations'>): boolean =>
  operations.some(({ kind }) => kind === 'awaitHealthyTargets');

/** In the order of `oneByOne`: what comes before targets are registered, and the rest. */
export function splitAtTargets(
  operations: readonly Operation[],
): readonly [before: readonly Operation[], from: readonly Operation[]] {
  const first = operations.findIndex((operation) => stepOf(operation) >= targets);
  return first === -1 ? [operations, []] : [operations.slice(0, first), operations.slice(first)];
}

function waiting(operations: readonly Operation[]): ReadonlySet<OperationId> {
  const ids = new Set<OperationId>();
  for (const { id, kind, dependsOn } of operations)
    if (kind === 'awaitHealthyTargets' || dependsOn.some((other) => ids.has(other))) ids.add(id);
  return ids;
}
