// A Service that is missing takes nothing along (DESIGN §4.6, trap 2): it may be on its way back, or somebody may have
// deleted the wrong one. Only who never had it behind a rule is answered with 503.

import { memberTag } from '../desired/tags.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel } from '../domain/group-model.ts';
import { type NamespacedName, namespacedName, type TargetGroupArn } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import type { Action } from '../domain/rule.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { serviceNames } from '../model/service-names.ts';

type Lost = ReadonlyMap<NamespacedName, readonly Problem[]>;

/** Members to hold, each with what it is told: a Service that its rules lead to in AWS does not exist any more. */
export function heldByLostServices({
  model,
  observed,
  snapshot,
  config,
}: {
  readonly model: GroupModel;
  readonly observed: ObservedGroup;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
}): Lost {
  if (config.policy.lostBackends === 'remove') return new Map();
  return new Map(
    model.members.flatMap(({ id, ref }) => {
      const tolerated = model.problems.filter((problem) => isTolerated(problem, id));
      const ingress = snapshot.ingresses.get(id);
      if (tolerated.length === 0 || ingress === undefined) return [];
      const lost = [...serviceNames(ingress)].find(
        (name) => !snapshot.services.has(namespacedName(ref.namespace, name)) && isServed(id, name, observed),
      );
      return lost === undefined ? [] : [[id, [lostProblem(ref, lost)]] as const];
    }),
  );
}

/** Without the promise of a 503 to those who are held because they had the Service. */
export function untilLost(problems: readonly Problem[], refused: Lost): readonly Problem[] {
  return problems.filter(
    (problem) =>
      ![...refused].some(
        ([id, why]) => isTolerated(problem, id) && why.some(({ code }) => code === problem.code),
      ),
  );
}

const isTolerated = ({ code, severity, object }: Problem, id: NamespacedName): boolean =>
  code === 'ServiceNotFound' &&
  severity === 'warning' &&
  namespacedName(object.namespace, object.name) === id;

/** Whether something of the member leads to the Service in AWS; a target group may be shared with a neighbour and tagged as its. */
function isServed(id: NamespacedName, service: string, observed: ObservedGroup): boolean {
  const resources = new Map(
    observed.targetGroups.map(({ arn, tags }) => [arn, tags['ingress.k8s.aws/resource']]),
  );
  return observed.loadBalancers
    .flatMap(({ listeners }) => listeners)
    .flatMap(({ rules, defaultActions }) => [...rules, { tags: undefined, actions: defaultActions }])
    .some(({ tags, actions }) =>
      forwarded(actions).some((arn) => {
        const resource = resources.get(arn);
        const isOwn = tags?.[memberTag] === id && resource?.includes(`-${service}:`) === true;
        return isOwn || resource?.startsWith(`${id}-${service}:`) === true;
      }),
    );
}

const forwarded = (actions: readonly Action<TargetGroupArn>[]): readonly TargetGroupArn[] =>
  actions.flatMap((action) =>
    action.kind === 'forward' ? action.targetGroups.map(({ targetGroup }) => targetGroup) : [],
  );

function lostProblem(ref: ObjectRef, service: string): Problem {
  const id = namespacedName(ref.namespace, ref.name);
  const lost = namespacedName(ref.namespace, service);
  return {
    kind: 'problem',
    code: 'ServiceNotFound',
    severity: 'error',
    scope: 'member',
    object: ref,
    path: 'spec.rules',
    message: `Ingress ${id} sends to Service ${lost}, which does not exist any more; its rules and targets stay as they are`,
    hint: `Create the Service ${lost} again, or take it out of the Ingress`,
  };
}
