// What can be wrong with a TargetGroupBinding before its target group is looked into.

import type { TargetGroupBinding } from '../domain/cluster.ts';
import type { TargetGroupFact } from '../domain/facts.ts';
import { goSdkError } from '../domain/go-sdk-error.ts';
import { namespacedName } from '../domain/ids.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import { bindingRef, checkpoints } from './binding.ts';

/** As messages name it. */
export const textOf = ({ meta }: TargetGroupBinding): string =>
  `TargetGroupBinding ${namespacedName(meta.namespace, meta.name)}`;

export type WrongBinding = Pick<Problem, 'code' | 'path' | 'message' | 'hint' | 'albcMessage'>;

/** A problem of the binding. */
export function bindingProblem(
  binding: TargetGroupBinding,
  severity: Problem['severity'],
  wrong: WrongBinding,
): Problem {
  return { kind: 'problem', severity, scope: 'member', object: bindingRef(binding), ...wrong };
}

/** That neither says which target group it is for, which the CRD and ALBC's webhook refuse. */
export function withoutTargetGroup(binding: TargetGroupBinding): Problem {
  return bindingProblem(binding, 'error', {
    code: 'BindingInvalid',
    path: 'spec.targetGroupARN',
    message: `${textOf(binding)} has neither spec.targetGroupARN nor spec.targetGroupName`,
    hint: 'Set one of them',
    albcMessage: 'must provide either TargetGroupARN or TargetGroupName',
  });
}

/** That nothing is done for it. */
export function leftToAlbc(binding: TargetGroupBinding): Problem {
  return bindingProblem(binding, 'warning', {
    code: 'BindingOfAlbc',
    path: `metadata.annotations[${checkpoints[0]}]`,
    message: `${textOf(binding)} carries the annotation ${checkpoints[0]} of the AWS Load Balancer Controller, and is left to that`,
    hint: `If it does not run any more, remove the annotations ${checkpoints.join(' and ')}, or use --compatibility=albc`,
  });
}

/** How ALBC meets a target group that is not there: when it lists the targets. */
const refusedListing = {
  action: 'elasticloadbalancing:DescribeTargetHealth',
  code: 'TargetGroupNotFound',
  requestId: undefined,
  isModelled: true,
} as const;

/** That AWS has no such target group. */
export function targetGroupNotFound(binding: TargetGroupBinding): Problem {
  const { targetGroupArn: arn, targetGroupName: name, role } = binding;
  const account = role === undefined ? 'this account and region' : `the account of role ${role.arn}`;
  return bindingProblem(binding, 'error', {
    code: 'TargetGroupNotFound',
    path: arn === undefined ? 'spec.targetGroupName' : 'spec.targetGroupARN',
    message: `${textOf(binding)} names target group ${arn ?? name}, which does not exist in ${account}`,
    hint: 'Create the target group, or correct the binding; it is looked for again every few minutes',
    albcMessage:
      arn === undefined
        ? `target group "${name}" not found`
        : goSdkError({ ...refusedListing, message: `Target groups '${arn}' not found` }),
  });
}

/** A binding to a target group that an Ingress made here: its own targets are filled in already. */
export function ownedByIngress(
  binding: TargetGroupBinding,
  fact: TargetGroupFact,
  owner: ObjectRef,
): Problem {
  return bindingProblem(binding, 'error', {
    code: 'TargetGroupTaken',
    path: 'spec.targetGroupARN',
    message: `${textOf(binding)} names target group ${fact.name}, which is filled for ${owner.kind} ${owner.namespace}/${owner.name}`,
    hint: 'Delete the binding, or name a target group of your own',
  });
}
