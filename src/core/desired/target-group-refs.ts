import type { DesiredTargetGroupRef } from '../domain/desired-group.ts';
import { goSdkError } from '../domain/go-sdk-error.ts';
import type { TargetGroupIntentId, TargetGroupRef } from '../domain/group-model.ts';
import type { ResourceId, TargetGroupArn } from '../domain/ids.ts';
import { InvariantError } from '../domain/invariant-error.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import type { Action, ForwardAction } from '../domain/rule.ts';

export type TargetGroupLookup = {
  readonly managed: ReadonlyMap<TargetGroupIntentId, ResourceId>;
  /** Target groups of others, by name. */
  readonly named: ReadonlyMap<string, TargetGroupArn>;
};

type Context = {
  readonly lookup: TargetGroupLookup;
  readonly object: ObjectRef;
  readonly scope: Problem['scope'];
  readonly path: string;
};

/**
 * Actions with every target group resolved to ours or to an ARN. A name that AWS does not know is a problem
 * (`BackendInvalid`) and is missing in the value.
 */
export function resolvedActions(
  actions: readonly Action<TargetGroupRef>[],
  context: Context,
): Checked<readonly Action<DesiredTargetGroupRef>[]> {
  const problems: Problem[] = [];
  const value = actions.map((action): Action<DesiredTargetGroupRef> => {
    if (action.kind !== 'forward') return action;
    const forward = resolvedForward(action, context);
    problems.push(...forward.problems);
    return forward.value;
  });
  return { value, problems };
}

function resolvedForward(
  action: ForwardAction<TargetGroupRef>,
  context: Context,
): Checked<ForwardAction<DesiredTargetGroupRef>> {
  const tuples = action.targetGroups.map(({ targetGroup, weight }) => ({
    weight,
    targetGroup: resolved(targetGroup, context.lookup),
    asked: targetGroup,
  }));
  const targetGroups = tuples.flatMap(({ weight, targetGroup }) =>
    targetGroup === undefined ? [] : [{ weight, targetGroup }],
  );
  const unknown = tuples.filter(({ targetGroup }) => targetGroup === undefined);
  const problems = unknown.map(({ asked }) => notFound(asked.kind === 'name' ? asked.name : '', context));
  return { value: { ...action, targetGroups }, problems };
}

function resolved(ref: TargetGroupRef, lookup: TargetGroupLookup): DesiredTargetGroupRef | undefined {
  if (ref.kind === 'arn') return ref;
  if (ref.kind === 'name') {
    const arn = lookup.named.get(ref.name);
    return arn === undefined ? undefined : { kind: 'arn', arn };
  }
  const id = lookup.managed.get(ref.id);
  if (id === undefined)
    throw new InvariantError('an action forwards to a target group that the model lacks', { id: ref.id });
  return { kind: 'managed', id };
}

function notFound(name: string, { object, scope, path }: Context): Problem {
  return {
    kind: 'problem',
    code: 'BackendInvalid',
    severity: 'error',
    scope,
    object,
    path,
    message: `There is no target group named "${name}" in the load balancer's account and region`,
    hint: 'Create the target group, or correct targetGroupName in the actions annotation',
    albcMessage: `ingress: ${object.namespace}/${object.name}: searching TargetGroup with name ${name}: ${goSdkError(
      {
        action: 'elasticloadbalancing:DescribeTargetGroups',
        code: 'TargetGroupNotFound',
        message: 'One or more target groups not found',
        requestId: undefined,
        isModelled: true,
      },
    )}`,
  };
}
