// Several TargetGroupBindings that would fill one target group.

import type { TargetGroupBinding } from '../domain/cluster.ts';
import type { Policy } from '../domain/config.ts';
import type { TargetGroupFact } from '../domain/facts.ts';
import { type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { isLeftToAlbc, isWrittenByUser } from './binding.ts';
import { bindingProblem, textOf, type WrongBinding } from './binding-problem.ts';

/** Which of several bindings fills a target group: one that ALBC serves, or the oldest. It and the others are told. */
type Rivalry = { readonly wins: boolean; readonly problems: readonly Problem[] };

/** Bindings of clusters that share a target group (`multiClusterTargetGroup` on all of them) do not get in each other's way. */
export function rivalry(
  binding: TargetGroupBinding,
  fact: TargetGroupFact,
  { snapshot, policy }: { readonly snapshot: Snapshot; readonly policy: Policy },
): Rivalry {
  const others = [...snapshot.targetGroupBindings.values()].filter(
    (other) =>
      isWrittenByUser(other) &&
      idOf(other) !== idOf(binding) &&
      isFor(other, fact, binding) &&
      !(other.multiCluster && binding.multiCluster),
  );
  const rank = (one: TargetGroupBinding): string =>
    `${isLeftToAlbc(one, policy) ? 0 : 1} ${one.meta.creationTimestamp} ${idOf(one)}`;
  const [oldest = binding] = [binding, ...others].toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (others.length === 0) return { wins: true, problems: [] };
  const ids = others.map(idOf).toSorted().join(', ');
  const wins = idOf(oldest) === idOf(binding);
  const wrong: WrongBinding = {
    code: 'TargetGroupTaken',
    path: 'spec.targetGroupARN',
    message: wins
      ? `${textOf(binding)} fills target group ${fact.name}, which ${ids} would fill too; the oldest does`
      : `${textOf(binding)} does not fill target group ${fact.name}: the older ${idOf(oldest)} does`,
    hint: 'Delete all but one, or set multiClusterTargetGroup on all of them',
    albcMessage: `TargetGroup ${fact.arn} is already bound to following TargetGroupBindings [${others.map(idOf).toSorted().join(' ')}]. Please enable MultiCluster mode on all TargetGroupBindings referencing ${fact.arn} or choose a different Target Group ARN.`,
  };
  return { wins, problems: [bindingProblem(binding, wins ? 'warning' : 'error', wrong)] };
}

const idOf = ({ meta }: TargetGroupBinding): NamespacedName => namespacedName(meta.namespace, meta.name);

function isFor(other: TargetGroupBinding, fact: TargetGroupFact, { role }: TargetGroupBinding): boolean {
  if (other.targetGroupArn !== undefined) return other.targetGroupArn === fact.arn;
  return other.targetGroupName === fact.name && other.role?.arn === role?.arn;
}
