// With ALBC's policy a forward to several target groups while the gate WeightedTargetGroups is off is noticed where ALBC
// notices it: when the listener or the rule is written. What it deploys before that is made, what comes after is not.

import type { DesiredGroup, DesiredListener } from '../domain/desired-group.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Operation, OperationKind } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import type { Action } from '../domain/rule.ts';

const isWeighted = (actions: readonly Action<unknown>[]): boolean =>
  actions.some((action) => action.kind === 'forward' && action.targetGroups.length > 1);

/** What ALBC deploys after the load balancer's rules, or never gets to. */
const afterwards: ReadonlySet<OperationKind> = new Set([
  'createRule',
  'modifyRule',
  'setRulePriorities',
  'deleteRule',
  'registerLoadBalancer',
  'registerTargets',
  'awaitHealthyTargets',
  'associateWebAcl',
  'disassociateWebAcl',
  'createShieldProtection',
  'deleteShieldProtection',
  'modifyCapacityReservation',
  'deleteTargetGroup',
  'deleteSecurityGroup',
]);

/**
 * The plan up to where ALBC fails, with the problem that says so. Listeners that go come first there, then new ones and then
 * those that are kept, each by port. The rules of a listener are looked at before any of them is written; in which order it
 * takes the listeners for that, ALBC leaves to chance.
 */
export function untilGatedForward(plan: Plan, desired: DesiredGroup, observed: ObservedGroup): Plan {
  const present = new Set(
    observed.loadBalancers.flatMap(({ listeners }) => listeners.map(({ port }) => port)),
  );
  const turn = ({ port }: DesiredListener): number => (present.has(port) ? 100_000 : 0) + port;
  const listeners = (desired.loadBalancer?.listeners ?? []).toSorted((a, b) => turn(a) - turn(b));
  const failing = listeners.find(({ defaultActions }) => isWeighted(defaultActions));
  const comesBefore = (operation: Operation): boolean => {
    if (afterwards.has(operation.kind)) return false;
    const at = listeners.find(({ id }) => id === operation.subject);
    return failing === undefined || at === undefined || turn(at) < turn(failing);
  };
  const kept = plan.operations.filter(comesBefore);
  const ids = new Set(kept.map(({ id }) => id));
  return {
    ...plan,
    operations: kept.map((operation) => ({
      ...operation,
      dependsOn: operation.dependsOn.filter((id) => ids.has(id)),
    })),
    problems: [...plan.problems, ...desired.model.members.slice(0, 1).map(({ ref }) => gateProblem(ref))],
  };
}

const gateProblem = (object: Problem['object']): Problem => ({
  kind: 'problem',
  code: 'AnnotationInvalid',
  severity: 'error',
  scope: 'group',
  object,
  path: 'metadata.annotations',
  message:
    'a rule forwards to several target groups at once, which the feature gate WeightedTargetGroups switches off',
  hint: 'Forward to one Service, or start the controller with WeightedTargetGroups=true',
  albcMessage: 'weighted target groups feature is disabled',
  albcEvent: 'FailedDeployModel',
});
