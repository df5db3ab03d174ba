// What the controller would do for the TargetGroupBindings that users wrote: their targets, and what they need opened.

import type { Aws } from '../aws/aws.ts';
import { bindingNeeds, endedNeeds, unclearNeeds } from '../core/desired/binding-needs.ts';
import type { TargetGroupBinding } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { NetworkNeeds } from '../core/domain/desired-group.ts';
import { type Facts, onlyQuotas, type TargetGroupFact } from '../core/domain/facts.ts';
import { resourceId } from '../core/domain/ids.ts';
import type { Plan } from '../core/domain/plan.ts';
import type { ObjectRef, Problem } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { bindingKey, bindingRef, isLeftToAlbc, isWrittenByUser } from '../core/model/binding.ts';
import { leftToAlbc } from '../core/model/binding-problem.ts';
import { type BindingVerdict, bindingVerdict, namesTargetGroup } from '../core/model/binding-verdict.ts';
import { firstLook } from '../core/targets/by-hand.ts';
import { filling } from '../core/targets/filling.ts';
import { vpcOfTargets } from '../core/targets/vpc-of-targets.ts';

export type PlannedBinding = {
  readonly plan: Plan;
  readonly needs: NetworkNeeds;
  readonly problems: readonly Problem[];
};

/** What has to be looked up; a plan of files answers it without AWS. */
export type BindingReads = Pick<Aws, 'targetGroup' | 'observeTargets'> & {
  readonly facts: (...asked: Parameters<Aws['facts']>) => Promise<Pick<Facts, 'vpc' | 'quotas'>>;
};

type Context = {
  readonly aws: BindingReads;
  readonly config: CoreConfig;
  readonly snapshot: Snapshot;
  /** The Ingress that a target group was made for. */
  readonly ownerOf: (targetGroup: TargetGroupFact) => ObjectRef | undefined;
  readonly signal: AbortSignal;
};

/**
 * A plan for each binding, in order of name; reads AWS only. Of target groups that clusters share, nothing is said to be
 * taken out: which targets are this cluster's own is in a ConfigMap that only the controller reads.
 */
export async function planBindings(context: Context): Promise<readonly PlannedBinding[]> {
  const bindings = [...context.snapshot.targetGroupBindings.values()].filter(isWrittenByUser);
  const inOrder = bindings.toSorted((a, b) => (bindingKey(a.meta) < bindingKey(b.meta) ? -1 : 1));
  const planned: PlannedBinding[] = [];
  for (const binding of inOrder) planned.push(await planOne(binding, context));
  return planned;
}

async function planOne(binding: TargetGroupBinding, context: Context): Promise<PlannedBinding> {
  const { aws, config, signal } = context;
  const { targetGroupArn: arn, targetGroupName: name, role } = binding;
  if (isLeftToAlbc(binding, config.policy)) return held(binding, [leftToAlbc(binding)]);
  const look = namesTargetGroup(binding);
  const fact = look ? await aws.targetGroup({ arn, name, role }, { signal }) : undefined;
  const verdict = bindingVerdict(binding, fact, context);
  if (verdict.kind === 'held') return held(binding, verdict.problems);
  return filled(binding, verdict, context);
}

/** What it has stays. */
function held(binding: TargetGroupBinding, problems: readonly Problem[]): PlannedBinding {
  const plan: Plan = { key: bindingKey(binding.meta), operations: [], held: [], problems: [], foreign: [] };
  return { plan, needs: unclearNeeds(binding), problems };
}

async function filled(
  binding: TargetGroupBinding,
  verdict: Exclude<BindingVerdict, { readonly kind: 'held' }>,
  { aws, config, snapshot, signal }: Context,
): Promise<PlannedBinding> {
  const { fact, problems } = verdict;
  const intent = verdict.kind === 'served' ? verdict.intent : undefined;
  const { role } = binding;
  const { vpc, quotas } = await aws.facts({ ...onlyQuotas, vpc: fact.targetType === 'ip' }, { signal });
  const observed = await aws.observeTargets(fact.arn, { signal, role });
  const { selection, plan } = filling({
    name: fact.name,
    arn: fact.arn,
    role,
    object: bindingRef(binding),
    intent,
    snapshot,
    observed,
    own: binding.multiCluster ? new Set() : undefined,
    vpc: vpcOfTargets(fact, vpc, config),
    quotas,
    config,
    hand: firstLook(config),
  });
  const targetGroup = resourceId('target-group', fact.name);
  const needs =
    intent === undefined
      ? { value: endedNeeds(binding), problems: [] }
      : bindingNeeds({ binding, intent, targetGroup, targets: selection.value, snapshot });
  return {
    plan: { ...plan, key: bindingKey(binding.meta) },
    needs: needs.value,
    problems: [...problems, ...plan.problems, ...needs.problems],
  };
}
