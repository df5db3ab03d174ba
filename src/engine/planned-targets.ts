import type { TargetsIntent } from '../core/domain/group-model.ts';
import type { ObservedTarget } from '../core/domain/target.ts';
import { type Filling, filling } from '../core/targets/filling.ts';
import { healthLookMs } from '../core/targets/last-healthy.ts';
import { removable } from './first-fill.ts';
import type { Binding } from './memory.ts';
import { ownTargets } from './own-targets.ts';
import { handOf } from './targets-by-hand.ts';
import type { TargetsContext } from './targets-loop.ts';

export type PlannedTargets = Filling & {
  readonly observed: readonly ObservedTarget[];
  /** `observed` is another process's word still. */
  readonly inherited: true | undefined;
  /** As `ownTargets` says. */
  readonly own: ReadonlySet<string> | undefined;
};

/**
 * What is to be done about the targets of a target group, by what is remembered of them, else by what AWS says. What another
 * process left may only tell that there is nothing to do.
 */
export async function plannedTargets(
  binding: Binding,
  context: TargetsContext,
  options: { readonly signal: AbortSignal },
): Promise<PlannedTargets> {
  const { config, cluster, aws } = context;
  const { inherited } = binding;
  const targets = lookMs(binding, context) === undefined ? binding.targets : undefined;
  const role = binding.bound?.role;
  const read = (): Promise<readonly ObservedTarget[]> =>
    aws.observeTargets(binding.arn, { ...options, role });
  const observed = targets ?? (await read());
  const own = await ownTargets(binding, context, options);
  const plan = (registered: readonly ObservedTarget[], isReading: boolean): Filling => {
    // From here to the writes nothing waits, so that what is planned is what the cluster says now.
    const snapshot = cluster.snapshot();
    return filling({
      name: targetGroupOf(binding),
      arn: binding.arn,
      role,
      object: binding.intent.member,
      intent: wantedIn(binding),
      snapshot,
      observed: registered,
      own: own ?? removable(binding, { snapshot, config }),
      vpc: binding.vpc,
      quotas: binding.quotas,
      config,
      hand: handOf({ ...binding, targets: isReading ? undefined : registered }, context),
    });
  };
  const planned = plan(observed, targets === undefined);
  if (inherited === undefined || targets === undefined)
    return { ...planned, observed, inherited: undefined, own };
  if (planned.plan.operations.length === 0) return { ...planned, observed, inherited, own };
  const present = await read();
  return { ...plan(present, true), observed: present, inherited: undefined, own };
}

/** After how long the health of a target group has to be looked at; what is remembered of it may be older than its targets. */
export function lookMs(
  binding: Binding | undefined,
  { cluster, config }: Pick<TargetsContext, 'cluster' | 'config'>,
): number | undefined {
  if (binding?.targets === undefined || binding.emptied === true) return undefined;
  const { targets, intent, vpc } = binding;
  return healthLookMs(targets, { intent, snapshot: cluster.snapshot(), vpc, config });
}

/** The AWS name of a target group. */
export const targetGroupOf = ({ name, bound }: Binding): string => bound?.fact.name ?? name;

const wantedIn = ({ emptied, intent }: Binding): TargetsIntent | undefined =>
  emptied === true ? undefined : intent;
