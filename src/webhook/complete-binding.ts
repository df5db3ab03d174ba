// What a new TargetGroupBinding leaves out, filled in from its target group (albc-behaviour §7.2).

import type { TargetGroupFact } from '../core/domain/facts.ts';
import { allowed, type Denied, type PatchOperation, type Verdict } from './admission.ts';
import type { BindingSpec, TargetGroupAnswer, WrittenBinding } from './binding.ts';

type LookUp = (spec: BindingSpec) => Promise<TargetGroupAnswer>;

/** In ALBC's order, with what its errors begin with and what its metrics call the step. */
const fields = [
  {
    field: 'targetType',
    of: ({ targetType }: TargetGroupFact) => targetType,
    prefix: "couldn't determine TargetType: ",
    check: 'defaultingTargetType',
  },
  {
    field: 'ipAddressType',
    of: ({ ipAddressType }: TargetGroupFact) => ipAddressType,
    prefix: 'unable to get target group IP address type: ',
    check: 'defaultingIPAddressType',
  },
  {
    field: 'vpcID',
    of: ({ vpcId }: TargetGroupFact) => vpcId,
    prefix: 'unable to get target group VpcID: ',
    check: 'defaultingVpcID',
  },
  {
    field: 'targetGroupProtocol',
    of: ({ protocol }: TargetGroupFact) => protocol,
    prefix: "couldn't determine TargetGroup protocol: ",
    check: 'defaultingTargetGroupProtocol',
  },
] as const;

/** Completes a new binding. AWS is asked only if something is missing; while it cannot be asked nothing is refused. */
export async function completeBinding({ spec }: WrittenBinding, lookUp: LookUp): Promise<Verdict> {
  if (spec.targetGroupARN === undefined && spec.targetGroupName === undefined) {
    return denied('must provide either TargetGroupARN or TargetGroupName', 'checkTargetGroupArnOrName');
  }
  const missing = fields.filter(({ field }) => spec[field] === undefined);
  if (spec.targetGroupARN !== undefined && missing.length === 0) return allowed;
  const answer = await lookUp(spec);
  const [first] = missing;
  switch (answer.kind) {
    case 'unknown':
      return {
        allowed: true,
        warnings: [`The target group could not be looked up, so nothing was filled in: ${answer.why}`],
      };
    case 'none':
      return spec.targetGroupARN === undefined || first === undefined
        ? denied(answer.words, 'getArnFromNameIfNeeded')
        : denied(`${first.prefix}${answer.words}`, first.check);
    case 'found':
      return filled(spec, answer.targetGroup, missing);
  }
}

function filled(
  spec: BindingSpec,
  targetGroup: TargetGroupFact,
  missing: readonly (typeof fields)[number][],
): Verdict {
  const { targetType } = targetGroup;
  if (spec.targetType === undefined && targetType !== 'instance' && targetType !== 'ip')
    return denied(`unsupported TargetType: ${targetType}`, 'defaultingTargetType');
  const add = (field: string, value: string): PatchOperation => ({
    op: 'add',
    path: `/spec/${field}`,
    value,
  });
  return {
    allowed: true,
    patch: [
      ...(spec.targetGroupARN === undefined ? [add('targetGroupARN', targetGroup.arn)] : []),
      ...missing.map(({ field, of }) => add(field, of(targetGroup))),
    ],
  };
}

function denied(words: string, check: string): Denied {
  const hint = 'name a target group that exists, in spec.targetGroupARN or spec.targetGroupName';
  return { allowed: false, words, hint, check };
}
