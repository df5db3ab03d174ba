import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup, DesiredTargetGroupRef, Known, Tags } from '../domain/desired-group.ts';
import type { ResourceId, SecurityGroupId, TargetGroupArn } from '../domain/ids.ts';
import type { ObservedGroup, ObservedListener } from '../domain/observed-group.ts';
import type { Quota } from '../domain/facts.ts';
import type { RuleContent, Action } from '../domain/rule.ts';
import { withAdopted } from './adoption.ts';
import { withSecretHashes } from './secret-hashes.ts';

export type GroupPlanInput = {
  readonly desired: DesiredGroup;
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
  /** What was last applied in full; undefined after a restart. Tells drift from change, and our tags from others'. */
  readonly previous: DesiredGroup | undefined;
  /** Whether the snapshot behind `desired` was complete: without that nothing is deleted (DESIGN §4.6). */
  readonly complete: boolean;
  readonly quotas: readonly Quota[];
  /** Ids that other loops know, such as that of the shared backend security group. */
  readonly knownIds: ReadonlyMap<ResourceId, string>;
  /** By member, the DNS names in its status; undefined: not known. */
  readonly published?: readonly (readonly string[])[] | undefined;
  /** Target groups that are not filled because nothing lets the load balancer in to their nodes; undefined: none. */
  readonly unreachable?: ReadonlySet<ResourceId> | undefined;
};

export type PlanContext = GroupPlanInput & {
  /** The ARN where AWS has the target group already, otherwise a reference to the one that the plan makes. */
  readonly arnOf: (targetGroup: DesiredTargetGroupRef) => Known<TargetGroupArn>;
  readonly securityGroupIdOf: (value: Known<SecurityGroupId>) => Known<SecurityGroupId>;
};

/** What is looked up all over a plan, made once: ids of AWS by the ids of the plan. */
export function planContext(given: GroupPlanInput): PlanContext {
  const input = { ...given, observed: withAdopted(withSecretHashes(given), given) };
  const arnByName = new Map(input.observed.targetGroups.map((group) => [group.name, group.arn]));
  const nameById = new Map(input.desired.targetGroups.map((group) => [group.id, group.name]));
  const groupIdByName = new Map(input.observed.securityGroups.map((group) => [group.name, group.id]));
  const groupNameById = new Map(input.desired.securityGroups.map((group) => [group.id, group.name]));
  return {
    ...input,
    arnOf: (targetGroup) => {
      if (targetGroup.kind === 'arn') return targetGroup.arn as TargetGroupArn;
      return arnByName.get(nameById.get(targetGroup.id) ?? '') ?? { ref: targetGroup.id, attribute: 'arn' };
    },
    securityGroupIdOf: (value) => {
      if (typeof value === 'string') return value;
      const known = input.knownIds.get(value.ref) ?? groupIdByName.get(groupNameById.get(value.ref) ?? '');
      return known === undefined ? value : (known as SecurityGroupId);
    },
  };
}

/** Names a target group in comparisons: its ARN, or the resource that will have one. */
export function targetGroupKey(targetGroup: Known<TargetGroupArn>): string {
  return typeof targetGroup === 'string' ? targetGroup : targetGroup.ref;
}

/** The same content with target groups as AWS will know them. */
export function withArns<Content extends RuleContent<DesiredTargetGroupRef>>(
  content: Content,
  arnOf: PlanContext['arnOf'],
): RuleContent<Known<TargetGroupArn>> {
  return {
    conditions: content.conditions,
    actions: actionsWithArns(content.actions, arnOf),
    transforms: content.transforms,
  };
}

/** Forwards name ARNs where AWS has the target group already, so that they can be compared. */
export function actionsWithArns(
  actions: readonly Action<DesiredTargetGroupRef>[],
  arnOf: PlanContext['arnOf'],
): readonly Action<Known<TargetGroupArn>>[] {
  return actions.map((action) =>
    action.kind === 'forward'
      ? {
          ...action,
          targetGroups: action.targetGroups.map((entry) => ({
            ...entry,
            targetGroup: arnOf(entry.targetGroup),
          })),
        }
      : action,
  );
}

/** The target groups that some actions forward to. */
export function forwardTargets<T>(actions: readonly Action<T>[]): readonly T[] {
  return actions.flatMap((action) =>
    action.kind === 'forward' ? action.targetGroups.map((entry) => entry.targetGroup) : [],
  );
}

/** Whether AWS's object carries this group's ownership tags (albc-behaviour §5.3). */
function isOurs(tags: Tags, context: Pick<PlanContext, 'config' | 'desired'>): boolean {
  return (
    tags['elbv2.k8s.aws/cluster'] === context.config.clusterName &&
    tags['ingress.k8s.aws/stack'] === context.desired.key
  );
}

/**
 * Whether a rule or listener on our load balancer is ours. Without the gate ListenerRulesTagging nothing there carries
 * tags, and under `foreign: remove` (ALBC) everything on the load balancer is owned.
 */
export function isOwned(tags: Tags, context: Pick<PlanContext, 'config' | 'desired'>): boolean {
  return (
    context.config.policy.foreign === 'remove' ||
    !context.config.featureGates.ListenerRulesTagging ||
    isOurs(tags, context)
  );
}

/** The same of a listener, which may be taken over together with its load balancer. */
export const isOwnedListener = (
  { tags, isAdopted }: Pick<ObservedListener, 'tags' | 'isAdopted'>,
  context: Pick<PlanContext, 'config' | 'desired'>,
): boolean => isAdopted === true || isOwned(tags, context);
