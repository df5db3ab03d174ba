// A load balancer has room for a hundred target groups, and AWS raises that for nobody. Ingresses of a group that lead to the
// same port of the same Service with the same settings have one each, by the names that they carry over from ALBC; where
// there are too many, some of them share one. Live target groups give way last, nothing changes while there is room, and who
// shares one goes on doing so as long as there is one to share.

import { canonical } from '../../lib/canonical.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { Quota } from '../domain/facts.ts';
import type {
  GroupModel,
  TargetGroupIntent,
  TargetGroupIntentId,
  TargetGroupRef,
} from '../domain/group-model.ts';
import type { TargetGroupArn } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import { limitOf } from '../domain/quotas.ts';
import type { Action } from '../domain/rule.ts';
import { targetGroupName } from './names.ts';
import { staying } from './quota-usage.ts';
import { memberTag, resourceTag } from './tags.ts';

type Around = {
  readonly observed: ObservedGroup;
  readonly quotas: readonly Quota[];
  readonly config: CoreConfig;
};

/** The model with as many target groups shared as are too many for the load balancer. */
export function withSharedTargetGroups(model: GroupModel, around: Around): GroupModel {
  const { observed, config } = around;
  if (config.policy.ruleShapes === 'written') return model;
  const excess = tooMany(model, around);
  const sharing = sharingMembers(observed);
  if (excess <= 0 && sharing.size === 0) return model;
  const isLive = (intent: TargetGroupIntent): boolean => {
    const name = targetGroupName(config.clusterName, model.key, intent);
    return observed.targetGroups.some((group) => group.name === name);
  };
  const liveFirst = (all: readonly TargetGroupIntent[]): readonly TargetGroupIntent[] =>
    all.toSorted((a, b) => Number(isLive(b)) - Number(isLive(a)));
  // One of several that share the targets of a Service is not shared again.
  const whole = model.targetGroups.filter(({ part }) => part === undefined);
  const alike = Map.groupBy(whole, settingsKey);
  const shareable = [...alike.values()].flatMap((all) => {
    const [owner, ...others] = liveFirst(all);
    return owner === undefined ? [] : others.map((intent) => ({ intent, owner }));
  });
  const isSharing = ({ intent, owner }: (typeof shareable)[number]): boolean =>
    !isLive(intent) && isLive(owner) && sharing.has(`${intent.member.namespace}/${intent.member.name}`);
  const kept = shareable.filter(isSharing);
  const more = shareable
    .filter((pair) => !isSharing(pair))
    .toSorted((a, b) => Number(isLive(a.intent)) - Number(isLive(b.intent)))
    .slice(0, Math.max(0, excess - kept.length));
  const shared = [...kept, ...more];
  const ownerOf = new Map(shared.map(({ intent, owner }) => [intent.id, owner.id]));
  return {
    ...model,
    targetGroups: model.targetGroups.filter(({ id }) => !ownerOf.has(id)),
    listeners: model.listeners.map((listener) => ({
      ...listener,
      defaultActions: renamed(listener.defaultActions, ownerOf),
      rules: listener.rules.map((rule) => ({ ...rule, actions: renamed(rule.actions, ownerOf) })),
    })),
  };
}

/** Members with a rule that leads to the target group of another one. */
function sharingMembers({ loadBalancers, targetGroups }: ObservedGroup): ReadonlySet<string> {
  const resourceOf = new Map<string, string | undefined>(
    targetGroups.map(({ arn, tags }) => [arn, tags[resourceTag]]),
  );
  const rules = loadBalancers.flatMap(({ listeners }) => listeners.flatMap((listener) => listener.rules));
  return new Set(
    rules.flatMap(({ tags, actions }) => {
      const member = tags[memberTag];
      if (member === undefined) return [];
      const isAnothers = arnsOf(actions).some(
        (arn) => resourceOf.get(arn)?.startsWith(`${member}-`) === false,
      );
      return isAnothers ? [member] : [];
    }),
  );
}

const arnsOf = (actions: readonly Action<TargetGroupArn>[]): readonly TargetGroupArn[] =>
  actions.flatMap((action) =>
    action.kind === 'forward' ? action.targetGroups.map(({ targetGroup }) => targetGroup) : [],
  );

/** Equal text: one target group does for both. */
function settingsKey({ id: _id, member: _member, ...settings }: TargetGroupIntent): string {
  return canonical(settings);
}

/** How many target groups there would be beyond the limit, with those that rules of others and of held members lead to. */
function tooMany(model: GroupModel, { observed, quotas, config }: Around): number {
  const limit = limitOf('target-groups-per-application-load-balancer', quotas);
  const stays = staying({ model }, config);
  const listeners = observed.loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  const kept = listeners.flatMap(({ rules }) => rules.filter(stays));
  const others = [...new Set(kept.flatMap(({ actions }) => arnsOf(actions)))];
  const most = model.targetGroups.length + others.length - limit;
  if (most <= 0) return 0;
  const wanted = new Set(
    model.targetGroups.map((intent) => targetGroupName(config.clusterName, model.key, intent)),
  );
  const nameOf = (arn: TargetGroupArn): string =>
    observed.targetGroups.find((group) => group.arn === arn)?.name ?? arn;
  return most - others.filter((arn) => wanted.has(nameOf(arn))).length;
}

function renamed(
  actions: readonly Action<TargetGroupRef>[],
  ownerOf: ReadonlyMap<TargetGroupIntentId, TargetGroupIntentId>,
): readonly Action<TargetGroupRef>[] {
  const named = (ref: TargetGroupRef): TargetGroupRef =>
    ref.kind === 'managed' ? { ...ref, id: ownerOf.get(ref.id) ?? ref.id } : ref;
  return actions.map((action) =>
    action.kind === 'forward'
      ? {
          ...action,
          targetGroups: action.targetGroups.map((entry) => ({
            ...entry,
            targetGroup: named(entry.targetGroup),
          })),
        }
      : action,
  );
}
