// TargetGroupBindings at admission (albc-behaviour §7.2), in ALBC's order and words.

import { isDeepStrictEqual } from 'node:util';
import type { TargetGroupFact } from '../core/domain/facts.ts';
import { allowed, type Denied, firstDenied, type Verdict } from './admission.ts';
import type { BindingSpec, TargetGroupAnswer, WrittenBinding } from './binding.ts';

export type BindingWorld = {
  /** All bindings of the cluster. */
  readonly bindings: readonly WrittenBinding[];
  /** Of the cluster. */
  readonly vpcId: string;
};

const denied = (check: string, words: string, hint = ''): Denied => ({ allowed: false, words, hint, check });

/** Judges a changed binding. One whose spec is as before is let through: its finalizers must come and go. */
export function judgeChange(binding: WrittenBinding, before: BindingSpec, world: BindingWorld): Verdict {
  const { spec } = binding;
  if (isDeepStrictEqual(spec, before)) return allowed;
  return (
    firstDenied(
      () => missingFields(spec),
      () => changedFields(spec, before, world),
      () => nodeSelector(spec),
      () => assumedRole(spec),
      () => taken(binding, world),
    ) ?? allowed
  );
}

/** Judges a new binding by itself; the target group is looked up only if that is well, and while it cannot be, all is well. */
export async function judgeNew(
  binding: WrittenBinding,
  world: BindingWorld,
  lookUp: (spec: BindingSpec) => Promise<TargetGroupAnswer>,
): Promise<Verdict> {
  const { spec } = binding;
  const own = firstDenied(
    () => missingFields(spec),
    () => nodeSelector(spec),
    () => taken(binding, world),
  );
  if (own !== undefined) return own;
  const answer = await lookUp(spec);
  if (answer.kind === 'unknown') return assumedRole(spec) ?? allowed;
  if (answer.kind === 'none') {
    const words = `unable to get target group IP address type: ${answer.words}`;
    return denied('checkTargetGroupIPAddressType', words);
  }
  return (
    firstDenied(
      () => addressType(spec, answer.targetGroup),
      () => vpc(spec, answer.targetGroup),
      () => assumedRole(spec),
      () => protocol(spec, answer.targetGroup),
    ) ?? allowed
  );
}

function missingFields(spec: BindingSpec): Denied | undefined {
  const isNamed = spec.targetGroupARN !== undefined || spec.targetGroupName !== undefined;
  const missing = [
    ...(isNamed ? [] : ['either TargetGroupARN or TargetGroupName']),
    ...(spec.targetType === undefined ? ['spec.targetType'] : []),
  ];
  if (missing.length === 0) return undefined;
  return denied(
    'checkRequiredFields',
    `TargetGroupBinding must specify these fields: ${missing.join(',')}`,
    'they are filled in for a new binding when AWS can be asked',
  );
}

function changedFields(spec: BindingSpec, before: BindingSpec, world: BindingWorld): Denied | undefined {
  // A missing address type means ipv4.
  const isOtherFamily =
    before.ipAddressType === undefined
      ? spec.ipAddressType !== undefined && spec.ipAddressType !== 'ipv4'
      : spec.ipAddressType !== before.ipAddressType;
  // A binding from before there was a VPC in it may get that of the cluster.
  const isOtherVpc =
    spec.vpcID !== before.vpcID && (before.vpcID !== undefined || spec.vpcID !== world.vpcId);
  const changed = [
    ...(spec.targetGroupARN === before.targetGroupARN ? [] : ['spec.targetGroupARN']),
    ...(spec.targetType === before.targetType ? [] : ['spec.targetType']),
    ...(isOtherFamily ? ['spec.ipAddressType'] : []),
    ...(isOtherVpc ? ['spec.vpcID'] : []),
  ];
  if (changed.length === 0) return undefined;
  return denied(
    'checkImmutableFields',
    `TargetGroupBinding update may not change these immutable fields: ${changed.join(',')}`,
    'make another TargetGroupBinding',
  );
}

function nodeSelector(spec: BindingSpec): Denied | undefined {
  if (spec.targetType !== 'ip' || spec.nodeSelector === undefined || spec.nodeSelector === null)
    return undefined;
  return denied(
    'checkNodeSelector',
    'TargetGroupBinding cannot set NodeSelector when TargetType is ip',
    'remove spec.nodeSelector',
  );
}

function assumedRole(spec: BindingSpec): Denied | undefined {
  if (spec.iamRoleArnToAssume === undefined || spec.targetType !== 'instance') return undefined;
  return denied('checkAssumeRoleConfig', 'Unable to use instance target type while using assume role');
}

function taken({ uid, spec }: WrittenBinding, { bindings }: BindingWorld): Denied | undefined {
  const arn = spec.targetGroupARN;
  const others = bindings.filter((other) => other.uid !== uid && other.spec.targetGroupARN === arn);
  const isShared = [spec, ...others.map((other) => other.spec)].every(
    ({ multiClusterTargetGroup }) => multiClusterTargetGroup === true,
  );
  if (arn === undefined || others.length === 0 || isShared) return undefined;
  const names = others.map(({ namespace, name }) => `${namespace}/${name}`).toSorted();
  return denied(
    'checkExistingTargetGroups',
    `TargetGroup ${arn} is already bound to following TargetGroupBindings [${names.join(' ')}]. Please enable MultiCluster mode on all TargetGroupBindings referencing ${arn} or choose a different Target Group ARN.`,
  );
}

function addressType(spec: BindingSpec, { ipAddressType }: TargetGroupFact): Denied | undefined {
  if ((spec.ipAddressType ?? 'ipv4') === ipAddressType) return undefined;
  return denied(
    'checkTargetGroupIPAddressType',
    `invalid IP address type ${ipAddressType} for TargetGroup ${spec.targetGroupARN ?? ''}`,
    `set spec.ipAddressType to ${ipAddressType}`,
  );
}

const vpcPattern = /^vpc-([0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f]{32})$/;

function vpc(spec: BindingSpec, { vpcId }: TargetGroupFact): Denied | undefined {
  if (spec.vpcID === undefined || (vpcPattern.test(spec.vpcID) && spec.vpcID === vpcId)) return undefined;
  const words = vpcPattern.test(spec.vpcID)
    ? `invalid VpcID ${spec.vpcID} doesnt match VpcID from TargetGroup ${spec.targetGroupARN ?? ''}`
    : `ValidationError: vpcID ${spec.vpcID} failed to satisfy constraint: VPC Id must begin with 'vpc-' followed by 8, 17 or 32 lowercase letters (a-f) or numbers.`;
  return denied('checkTargetGroupVpcID', words, `set spec.vpcID to ${vpcId}, or leave it out`);
}

function protocol(spec: BindingSpec, targetGroup: TargetGroupFact): Denied | undefined {
  const given = spec.targetGroupProtocol;
  if (given === undefined) return undefined;
  if (given !== targetGroup.protocol) {
    const words = `TargetGroup ${spec.targetGroupARN ?? ''} protocol differs (got ${given}, expected ${targetGroup.protocol})`;
    return denied('checkTargetGroupProtocol', words);
  }
  if (!['QUIC', 'TCP_QUIC'].includes(given) || spec.targetType !== 'instance') return undefined;
  return denied(
    'checkTargetGroupProtocol',
    'QUIC protocol is not supported for Instance target types.',
    'use target type ip',
  );
}
