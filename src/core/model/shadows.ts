// Rules that can never answer, because an earlier one takes all their requests: nothing is changed, their owner is told.

import { covers } from '../evaluate/covers.ts';
import type { Problem } from '../domain/problem.ts';
import { problemOf } from './context.ts';
import type { PlacedRule } from './listener-rules.ts';
import type { MergedListener } from './merge.ts';

/**
 * `RuleShadowed` for each rule with an earlier one before it on every listener that has it. One that answers on some
 * listener is as it should be: a redirect on port 80 hides what port 443 serves.
 */
export function shadowedRules(listeners: readonly MergedListener[]): readonly Problem[] {
  const found = new Map<
    PlacedRule['rule'],
    { readonly placed: PlacedRule; readonly by: PlacedRule | undefined }
  >();
  for (const { placed } of listeners) {
    for (const [index, later] of placed.entries()) {
      const before = found.get(later.rule);
      if (before !== undefined && before.by === undefined) continue;
      const earlier = placed.slice(0, index).find((rule) => covers(rule.conditions, later.conditions));
      found.set(later.rule, { placed: later, by: earlier });
    }
  }
  return [...found.values()].flatMap(({ placed, by }) => (by === undefined ? [] : [shadowed(placed, by)]));
}

function shadowed(later: PlacedRule, earlier: PlacedRule): Problem {
  const { member } = later.draft;
  const other = earlier.draft.member;
  const whose = member.id === other.id ? 'the same Ingress' : `Ingress ${other.id}`;
  const isOrder = member.order > other.order;
  return problemOf(member.ref, {
    code: 'RuleShadowed',
    severity: 'warning',
    path: later.rule.path,
    message: `Ingress ${member.id}: ${later.rule.path} can never answer, because ${earlier.rule.path} of ${whose} comes first and takes all its requests`,
    hint: isOrder
      ? `Give Ingress ${member.id} a group.order below ${other.order}, or take one of the two rules away`
      : 'Take one of the two away, or tell them apart by host, path or conditions',
  });
}
