// The binding that a run is about, and what AWS has for it.

import { isDeepStrictEqual } from 'node:util';
import type { TargetGroupBinding } from '../core/domain/cluster.ts';
import type { TargetGroupFact } from '../core/domain/facts.ts';
import type { GroupKey, NamespacedName } from '../core/domain/ids.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { type BindingVerdict, bindingVerdict, namesTargetGroup } from '../core/model/binding-verdict.ts';
import type { GroupContext, Run } from './group-run.ts';

export type Work = {
  readonly key: GroupKey;
  readonly id: NamespacedName;
  readonly binding: TargetGroupBinding;
  readonly snapshot: Snapshot;
  readonly context: GroupContext;
  readonly run: Run;
};

/** Looks the target group up and says what is to become of it. Rejects when AWS cannot be read. */
export async function verdictOn(work: Work): Promise<BindingVerdict> {
  const { binding, snapshot, context } = work;
  const { config, memory } = context;
  const fact = namesTargetGroup(binding) ? await targetGroupOf(work) : undefined;
  const ownerOf = ({ arn }: TargetGroupFact): ObjectRef | undefined =>
    [...memory.bindings()].find((other) => other.arn === arn && other.bound === undefined)?.intent.member;
  return bindingVerdict(binding, fact, { snapshot, config, ownerOf });
}

/** As remembered while nobody doubts it. */
async function targetGroupOf(work: Work): Promise<TargetGroupFact | undefined> {
  const { key, id, binding, run } = work;
  const { memory, aws } = work.context;
  const { targetGroupArn: arn, targetGroupName: name, role } = binding;
  const known = memory.binding(id)?.bound;
  const { staleSince } = memory.group(key);
  const isSame =
    known !== undefined &&
    (arn === undefined ? known.fact.name === name : known.fact.arn === arn) &&
    isDeepStrictEqual(known.role, role);
  if (isSame && staleSince === undefined) return known.fact;
  const fact = await aws.targetGroup({ arn, name, role }, run);
  if (memory.group(key).staleSince === staleSince) memory.update(key, { staleSince: undefined });
  return fact;
}
