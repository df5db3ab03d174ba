import { conditionsKey } from '../../domain/conditions-key.ts';
import type { DesiredGroup, DesiredListener, DesiredRule, Known } from '../../domain/desired-group.ts';
import type { TargetGroupArn } from '../../domain/ids.ts';
import type { ObservedListener, ObservedRule } from '../../domain/observed-group.ts';
import type { RuleContent } from '../../domain/rule.ts';
import { isWarmUp } from '../../domain/warm-up-host.ts';
import { isOwned, type PlanContext, targetGroupKey, withArns } from '../context.ts';
import { asWanted, ingressTag, isKept } from '../kept.ts';
import { renderActions, renderCondition } from '../render.ts';
import { contentKey } from '../rule-content.ts';
import { digest, entryFields, type Field, managedTags, pathOf, tagName, withListener } from './field.ts';

type Wanted = {
  readonly rule: DesiredRule;
  readonly content: RuleContent<Known<TargetGroupArn>>;
  readonly key: string;
};

/**
 * A rule goes by its conditions: other actions are a change of it, other conditions make it another rule. Rules of ours
 * that nobody asks for are fields too, so that they can be left where somebody made them; the order of all is one field.
 */
export function ruleFields(
  wanted: DesiredListener,
  found: ObservedListener,
  context: PlanContext,
): readonly Field[] {
  const asked: readonly Wanted[] = wanted.rules.map((rule) => {
    const content = withArns(rule, context.arnOf);
    return { rule, content, key: contentKey(content, targetGroupKey) };
  });
  const free = found.rules
    // The rule of a warm-up that came to no end is nobody's change: it goes with the next plan.
    .filter((rule) => isOwned(rule.tags, context) && !isKept(rule, context) && !isWarmUp(rule))
    .map((rule) => ({ rule, key: contentKey(rule, targetGroupKey), same: conditionsKey(rule.conditions) }));
  const rest = new Set(free);
  const take = (isIt: (one: (typeof free)[number]) => boolean): ObservedRule | undefined => {
    const one = [...rest].find(isIt);
    if (one !== undefined) rest.delete(one);
    return one?.rule;
  };
  const exact = asked.map((one) => take(({ key }) => key === one.key));
  const pairs = asked.map((one, index): Pair => {
    const wantedFor = conditionsKey(one.content.conditions);
    return { ...one, found: exact[index] ?? take(({ same }) => same === wantedFor) };
  });
  return [
    ...pairs.flatMap((pair) => [contentField(pair, wanted), ...tagFields(pair, wanted, context)]),
    ...orderField(pairs, wanted, found),
    ...[...rest].flatMap(({ rule }) =>
      isOfMember(rule, context) ? [surplusField(rule, wanted, found)] : [],
    ),
  ];
}

type Pair = Wanted & { readonly found: ObservedRule | undefined };

/** Where what is known of a rule is found again. */
export const rulePath = ({ id }: DesiredListener, { conditions }: Pick<ObservedRule, 'conditions'>): string =>
  pathOf(id, `rule ${digest(conditionsKey(conditions))}`);

const nameOf = ({ conditions }: Pick<ObservedRule, 'conditions'>): string =>
  conditions.map(renderCondition).join(', ');

const isSame = (one: Pick<DesiredRule, 'conditions'>, other: Pick<DesiredRule, 'conditions'>): boolean =>
  conditionsKey(one.conditions) === conditionsKey(other.conditions);

function withRules(
  desired: DesiredGroup,
  listener: DesiredListener,
  change: (rules: readonly DesiredRule[]) => readonly DesiredRule[],
): DesiredGroup {
  return withListener(desired, listener, (one) => ({ ...one, rules: change(one.rules) }));
}

function contentField({ rule, content, key, found }: Pair, listener: DesiredListener): Field {
  const shared = {
    subject: listener.id,
    path: rulePath(listener, rule),
    what: `rule ${nameOf(rule)}`,
    wanted: renderActions(content.actions),
    value: digest(key),
    object: rule.member,
  };
  if (found === undefined) {
    return {
      ...shared,
      resource: '',
      field: 'rule.exists',
      found: undefined,
      agrees: false,
      accept: (desired) => withRules(desired, listener, (rules) => rules.filter((one) => !isSame(one, rule))),
    };
  }
  const { transforms } = found;
  return {
    ...shared,
    resource: found.arn,
    field: 'rule.actions',
    found: renderActions(found.actions),
    agrees: contentKey(found, targetGroupKey) === key,
    accept: (desired) =>
      withRules(desired, listener, (rules) =>
        rules.map((one) =>
          isSame(one, rule) ? { ...one, actions: asWanted(found.actions), transforms } : one,
        ),
      ),
  };
}

/** Only tags of users: those of ours say what the rule is, and without them it is nobody's. */
function tagFields({ rule, found }: Pair, listener: DesiredListener, context: PlanContext): readonly Field[] {
  if (found === undefined) return [];
  const user = Object.entries(managedTags(rule.tags, context)).filter(
    ([key]) => !/(^|\.)k8s\.aws\/|^albatross\.dev\//.test(key),
  );
  return entryFields(Object.fromEntries(user), found.tags, {
    field: 'rule.tags',
    holder: { subject: listener.id, resource: found.arn, object: rule.member },
    naming: (key) => `${tagName(key)} of rule ${nameOf(rule)}`,
    set: (desired, change) =>
      withRules(desired, listener, (rules) =>
        rules.map((one) => (isSame(one, rule) ? { ...one, tags: change(one.tags) } : one)),
      ),
  });
}

/** Whoever adds or removes a rule of a listener edits its order, and so it is put right as a whole. */
function orderField(
  pairs: readonly Pair[],
  listener: DesiredListener,
  found: ObservedListener,
): readonly Field[] {
  const present = pairs.filter((pair) => pair.found !== undefined);
  const asFound = present.toSorted((a, b) => (a.found?.priority ?? 0) - (b.found?.priority ?? 0));
  const text = (list: readonly Pair[]): string => list.map(({ rule }) => nameOf(rule)).join('; ');
  return [
    {
      subject: listener.id,
      resource: found.arn,
      path: pathOf(listener.id, 'rule order'),
      field: 'rule.priorities',
      what: 'order of rules',
      wanted: text(present),
      found: text(asFound),
      value: digest(listener.rules.map(({ conditions }) => conditionsKey(conditions)).join('\n\n')),
      agrees: asFound.every((pair, index) => pair === present[index]),
      accept: (desired) =>
        withRules(desired, listener, (rules) => {
          const queue = asFound.flatMap(({ rule }) => rules.find((one) => isSame(one, rule)) ?? []);
          const moved = new Set(queue);
          return rules.map((one) => (moved.has(one) ? (queue.shift() ?? one) : one));
        }),
    },
  ];
}

/** What an Ingress left that is in the group no more goes in any case. */
function isOfMember({ tags }: ObservedRule, { desired: { model } }: PlanContext): boolean {
  const owner = tags[ingressTag];
  return owner === undefined || [...model.members, ...model.held].some(({ id }) => id === owner);
}

function surplusField(rule: ObservedRule, listener: DesiredListener, found: ObservedListener): Field {
  const { conditions, actions, transforms } = rule;
  return {
    subject: listener.id,
    resource: rule.arn,
    path: rulePath(listener, rule),
    field: 'rule.exists',
    what: `rule ${nameOf(rule)}`,
    wanted: undefined,
    found: renderActions(actions),
    value: undefined,
    agrees: false,
    accept: (desired) => {
      const [member] = desired.model.members;
      if (member === undefined) return desired;
      const kept: DesiredRule = {
        conditions,
        actions: asWanted(actions),
        transforms,
        member: member.ref,
        path: '',
        // None wanted: those that it has stay.
        tags: {},
      };
      const before = found.rules.filter(({ priority }) => priority < rule.priority).toReversed();
      return withRules(desired, listener, (rules) => {
        const behind = before
          .map((other) => rules.findIndex((one) => isSame(one, other)))
          .find((at) => at >= 0);
        return rules.toSpliced((behind ?? -1) + 1, 0, kept);
      });
    },
  };
}
