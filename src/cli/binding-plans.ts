// What the controller would do for the TargetGroupBindings that users wrote: their targets, and what they need opened.

import type { Aws } from '../aws/aws.ts';
import { bindingNeeds, peersOf } from '../core/desired/binding-needs.ts';
import type { TargetGroupBinding } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { NetworkNeeds } from '../core/domain/desired-group.ts';
import { type Facts, onlyQuotas, type TargetGroupFact } from '../core/domain/facts.ts';
import type { TargetsIntent } from '../core/domain/group-model.ts';
import { resourceId } from '../core/domain/ids.ts';
import type { Plan } from '../core/domain/plan.ts';
import type { ObjectRef, Problem } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import {
  bindingBackend,
  bindingIntent,
  bindingKey,
  bindingRef,
  isLeftToAlbc,
  isWrittenByUser,
  leftToAlbc,
  ownedByIngress,
  rivalry,
  targetGroupNotFound,
  withoutTargetGroup,
} from '../core/model/binding.ts';
import { firstLook } from '../core/targets/by-hand.ts';
import { filling } from '../core/targets/filling.ts';

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
  const { aws, config, snapshot, ownerOf, signal } = context;
  const { targetGroupArn: arn, targetGroupName: name, role } = binding;
  if (isLeftToAlbc(binding, config.policy)) return held(binding, [leftToAlbc(binding)]);
  if (arn === undefined && name === undefined) return held(binding, [withoutTargetGroup(binding)]);
  const fact = await aws.targetGroup({ arn, name, role }, { signal });
  if (fact === undefined) return held(binding, [targetGroupNotFound(binding)]);
  const owner = ownerOf(fact);
  if (owner !== undefined) return held(binding, [ownedByIngress(binding, fact, owner)]);
  const { wins, problems: warnings } = rivalry(binding, fact, { snapshot, policy: config.policy });
  if (!wins) return held(binding, warnings);
  const wanted = wantedBy(binding, fact, context);
  const problems = [...warnings, ...wanted.problems];
  return wanted.kind === 'held'
    ? held(binding, problems)
    : filled(binding, { fact, intent: wanted.intent, problems }, context);
}

type Wanted = { readonly problems: readonly Problem[] } & (
  | { readonly kind: 'held' }
  /** Without an intent: nothing is wanted in it any more. */
  | { readonly kind: 'filled'; readonly intent: TargetsIntent | undefined }
);

function wantedBy(
  binding: TargetGroupBinding,
  fact: TargetGroupFact,
  { config, snapshot }: Pick<Context, 'config' | 'snapshot'>,
): Wanted {
  if (binding.meta.deletionTimestamp !== undefined)
    return { kind: 'filled', intent: undefined, problems: [] };
  const backend = bindingBackend(binding, snapshot);
  if (backend.kind === 'unknown') return { kind: 'held', problems: [] };
  if (backend.kind === 'missing') {
    const problems = [backend.problem];
    const isGone = backend.problem.code === 'ServiceNotFound' || config.policy.targetsOfLostPort === 'remove';
    return isGone ? { kind: 'filled', intent: undefined, problems } : { kind: 'held', problems };
  }
  const { value: intent, problems } = bindingIntent(binding, backend, { fact, config });
  return intent === undefined ? { kind: 'held', problems } : { kind: 'filled', intent, problems };
}

const nothingOpen = { backendSecurityGroup: undefined, openings: [], partial: false, ownSources: [] };

/** What it has stays. */
function held(binding: TargetGroupBinding, problems: readonly Problem[]): PlannedBinding {
  const plan: Plan = { key: bindingKey(binding.meta), operations: [], held: [], problems: [], foreign: [] };
  return { plan, needs: { ...nothingOpen, unclear: peersOf(binding) }, problems };
}

async function filled(
  binding: TargetGroupBinding,
  {
    fact,
    intent,
    problems,
  }: {
    readonly fact: TargetGroupFact;
    readonly intent: TargetsIntent | undefined;
    readonly problems: readonly Problem[];
  },
  { aws, config, snapshot, signal }: Context,
): Promise<PlannedBinding> {
  const { role } = binding;
  const { vpc, quotas } = await aws.facts({ ...onlyQuotas, vpc: fact.targetType === 'ip' }, { signal });
  const observed = await aws.observeTargets(fact.arn, { signal, role });
  const near = fact.vpcId === config.vpcId ? vpc : vpc && { ...vpc, cidrs: [], ipv6Cidrs: [] };
  const { selection, plan } = filling({
    name: fact.name,
    arn: fact.arn,
    role,
    object: bindingRef(binding),
    intent,
    snapshot,
    observed,
    own: binding.multiCluster ? new Set() : undefined,
    vpc: near,
    quotas,
    config,
    hand: firstLook(config),
  });
  const targetGroup = resourceId('target-group', fact.name);
  const needs =
    intent === undefined
      ? { value: { ...nothingOpen, ownSources: peersOf(binding) }, problems: [] }
      : bindingNeeds({ binding, intent, targetGroup, targets: selection.value, snapshot });
  return {
    plan: { ...plan, key: bindingKey(binding.meta) },
    needs: needs.value,
    problems: [...problems, ...plan.problems, ...needs.problems],
  };
}
