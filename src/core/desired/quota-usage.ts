import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup, DesiredRule } from '../domain/desired-group.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup, ObservedRule } from '../domain/observed-group.ts';
import type { ObjectRef } from '../domain/problem.ts';
import { memberTag, stackTag } from './tags.ts';

/** What of a load balancer's quotas is taken, as sets of names: what two members share counts once. */
export type Usage = {
  readonly rules: Set<string>;
  readonly listeners: Set<string>;
  readonly targetGroups: Set<string>;
  readonly targets: Set<string>;
};

/** What one member adds: its rules, the listeners they are on, its target groups and their targets. */
export function memberUsage(id: NamespacedName, desired: DesiredGroup): Usage {
  const usage: Usage = {
    rules: new Set(),
    listeners: new Set(),
    targetGroups: new Set(),
    targets: new Set(),
  };
  for (const listener of desired.loadBalancer?.listeners ?? []) {
    const rules = listener.rules.filter(({ member }) => isMember(member, id));
    for (const [index, rule] of rules.entries()) {
      usage.rules.add(`${listener.port} ${id} ${index}`);
      for (const targetGroup of forwardedTo(rule)) usage.targetGroups.add(targetGroup);
    }
    if (rules.length > 0) usage.listeners.add(String(listener.port));
  }
  for (const group of desired.targetGroups.filter(({ member }) => isMember(member, id))) {
    usage.targetGroups.add(group.id);
    for (const target of group.targets) usage.targets.add(`${group.id} ${target.id}:${target.port}`);
  }
  return usage;
}

function forwardedTo({ actions }: DesiredRule): readonly string[] {
  return actions.flatMap((action) =>
    action.kind === 'forward'
      ? action.targetGroups.map(({ targetGroup }) =>
          targetGroup.kind === 'arn' ? targetGroup.arn : targetGroup.id,
        )
      : [],
  );
}

/** What stays on the load balancer whatever the members want: other people's rules, and those of held members. */
export function keptUsage(input: {
  readonly desired: DesiredGroup;
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
}): Usage {
  const { desired, observed, config } = input;
  const stays = staying(desired, config);
  const listeners = observed.loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  const kept = listeners.flatMap(({ port, rules }) => rules.filter(stays).map(({ arn }) => ({ arn, port })));
  return {
    rules: new Set(kept.map(({ arn }) => arn)),
    listeners: new Set(kept.map(({ port }) => String(port))),
    targetGroups: new Set(),
    targets: new Set(),
  };
}

/** Whether a rule is on the load balancer whatever the members want. */
export function staying(
  { model }: Pick<DesiredGroup, 'model'>,
  config: CoreConfig,
): (rule: Pick<ObservedRule, 'tags'>) => boolean {
  const held = new Set<string>(model.held.map(({ id }) => id));
  const foreignStay = config.policy.foreign === 'keep' && config.featureGates.ListenerRulesTagging;
  return ({ tags }) => held.has(tags[memberTag] ?? '') || (foreignStay && tags[stackTag] === undefined);
}

/** How many of the member's rules are on a load balancer already; only known where rules carry the member's tag. */
export function rulesPresent(id: NamespacedName, observed: ObservedGroup): number {
  const listeners = observed.loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  return listeners.flatMap(({ rules }) => rules).filter(({ tags }) => tags[memberTag] === id).length;
}

function isMember({ namespace, name }: ObjectRef, id: NamespacedName): boolean {
  return `${namespace}/${name}` === id;
}
