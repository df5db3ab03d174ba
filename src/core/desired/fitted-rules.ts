// Rules in the shapes that a load balancer takes: none with more values than a rule holds, and, where there is no room for
// all of them, some of an Ingress joined into one. No request gets another answer for it.
//
// What works is not rewritten for the sake of a shape. Rules are joined only while there would be too many of them, those
// that nobody has made yet before live ones; and what AWS has joined stays joined, whatever room there is by then, so that
// neither an upgrade nor a rule that comes or goes moves the others.

import type { CoreConfig } from '../domain/config.ts';
import { conditionsKey } from '../domain/conditions-key.ts';
import type { DesiredListener, DesiredRule } from '../domain/desired-group.ts';
import { areDisjoint } from '../domain/disjoint.ts';
import type { Quota } from '../domain/facts.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { ObservedLoadBalancer, ObservedRule } from '../domain/observed-group.ts';
import { limitOf } from '../domain/quotas.ts';
import { holdsPaths } from '../domain/rule-paths.ts';
import { staying } from './quota-usage.ts';
import { joined, mayMoveUp, outcomeKey, type RuleCapacity, separable } from './rule-join.ts';
import { splitRule } from './rule-split.ts';
import { memberTag } from './tags.ts';

type Input = {
  readonly model: GroupModel;
  readonly existing: ObservedLoadBalancer | undefined;
  readonly quotas: readonly Quota[];
  readonly config: CoreConfig;
};

/** The listeners with their rules split and joined. */
export function fittedListeners(
  listeners: readonly DesiredListener[],
  { model, existing, quotas, config }: Input,
): readonly DesiredListener[] {
  if (config.policy.ruleShapes === 'written') return listeners;
  const capacity = {
    values: limitOf('condition-values-per-alb-rule', quotas),
    wildcards: limitOf('condition-wildcards-per-alb-rule', quotas),
  };
  const stays = staying({ model }, config);
  const present = existing?.listeners ?? [];
  const others = present.reduce((sum, { rules }) => sum + rules.filter(stays).length, 0);
  let excess = others - limitOf('rules-per-application-load-balancer', quotas);
  const lists = listeners.map((listener) => {
    const found = present.find(({ port }) => port === listener.port)?.rules ?? [];
    const split = listener.rules.flatMap((rule) => splitRule(rule, capacity.values));
    const rules = joinedAsInAws(
      split,
      found.filter((rule) => !stays(rule)),
      capacity,
    );
    excess += rules.length;
    const theirs = found.filter(stays).map(({ conditions }) => conditions);
    return {
      listener,
      rules,
      theirs,
      live: new Set(found.map(({ conditions }) => conditionsKey(conditions))),
    };
  });
  // One that stood in the way may have gone, so the last round is repeated until nothing more is won.
  for (let mostLive = 0, before = Number.POSITIVE_INFINITY; mostLive <= 2 && excess > 0; ) {
    for (const list of lists) {
      const liveIn = (...some: readonly DesiredRule[]): number =>
        some.filter(({ conditions }) => list.live.has(conditionsKey(conditions))).length;
      const fewer = join(list.rules, {
        capacity,
        most: excess,
        isOpen: (rule) => liveIn(rule) <= mostLive,
        // Whether a rule stands before or behind those of others is not to change either.
        mayJoin: (a, b) =>
          liveIn(a, b) <= mostLive && list.theirs.every((other) => areDisjoint(other, b.conditions)),
      });
      excess -= list.rules.length - fewer.length;
      list.rules = fewer;
    }
    if (mostLive < 2 || excess === before) mostLive += 1;
    before = excess;
  }
  return lists.map(({ listener, rules }) => ({ ...listener, rules }));
}

/** Rules that are one in AWS, of which none stands there alone. */
function joinedAsInAws(
  rules: readonly DesiredRule[],
  found: readonly ObservedRule[],
  capacity: RuleCapacity,
): readonly DesiredRule[] {
  const live = new Set(found.map(({ conditions }) => conditionsKey(conditions)));
  const wanted = new Set(rules.map(({ conditions }) => conditionsKey(conditions)));
  const strays = found.filter(({ conditions }) => !wanted.has(conditionsKey(conditions)));
  if (strays.length === 0) return rules;
  const isLive = ({ conditions }: DesiredRule): boolean => live.has(conditionsKey(conditions));
  const areOneIn =
    (a: DesiredRule, b: DesiredRule) =>
    ({ tags, conditions }: ObservedRule): boolean => {
      const owner = `${b.member.namespace}/${b.member.name}`;
      return (
        (tags[memberTag] ?? owner) === owner &&
        holdsPaths(conditions, b.conditions) &&
        holdsPaths(conditions, a.conditions)
      );
    };
  return join(rules, {
    capacity,
    most: rules.length,
    isOpen: (rule) => !isLive(rule),
    mayJoin: (a, b) => strays.some(areOneIn(a, b)),
  });
}

/** Joins at most so many rules into earlier ones that do the same, wherever the order allows. */
function join(
  rules: readonly DesiredRule[],
  {
    capacity,
    most,
    isOpen,
    mayJoin,
  }: {
    readonly capacity: RuleCapacity;
    readonly most: number;
    /** Whether a rule may join anything at all. */
    readonly isOpen: (rule: DesiredRule) => boolean;
    readonly mayJoin: (earlier: DesiredRule, later: DesiredRule) => boolean;
  },
): readonly DesiredRule[] {
  const list = [...rules];
  const open = separable(rules);
  const alike = new Map<string, DesiredRule[]>();
  const both = (earlier: DesiredRule, later: DesiredRule): DesiredRule | undefined => {
    if (!mayJoin(earlier, later)) return undefined;
    const one = joined(earlier, later, capacity);
    const places = { earlier: list.indexOf(earlier), later: list.indexOf(later) };
    return one === undefined || !mayMoveUp(list, places) ? undefined : one;
  };
  for (const later of rules) {
    if (rules.length - list.length >= most) break;
    if (!open.has(later) || !isOpen(later)) continue;
    const key = outcomeKey(later);
    const same = alike.get(key) ?? [];
    alike.set(key, same);
    const isDone = same.some((earlier, index) => {
      const one = both(earlier, later);
      if (one === undefined) return false;
      same[index] = one;
      list[list.indexOf(earlier)] = one;
      list.splice(list.indexOf(later), 1);
      return true;
    });
    if (!isDone) same.push(later);
  }
  return list;
}
