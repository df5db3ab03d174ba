// The rules of one listener: those of its members in one evaluation order, without what could never do anything.

import type { ListenPort } from '../annotations/listen-ports.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { TargetGroupRef } from '../domain/group-model.ts';
import type { Action } from '../domain/rule.ts';
import type { MemberDraft } from './member-draft.ts';
import { redirectOf, withoutSelfRedirects, withoutShadowedByRedirects } from './optimizer.ts';
import { compareSpecificity } from './rule-order.ts';
import type { RuleDraft } from './rules.ts';

export type PlacedRule = {
  readonly draft: MemberDraft;
  readonly rule: RuleDraft;
  /** With those of authentication in front on HTTPS. */
  readonly actions: readonly Action<TargetGroupRef>[];
  readonly conditions: RuleDraft['conditions'];
};

/** Rules in evaluation order, by group order of their members and, among equals, as `policy.ruleOrder` says. */
export function listenerRules(
  onPort: readonly MemberDraft[],
  listener: ListenPort,
  config: CoreConfig,
): readonly PlacedRule[] {
  const isSecure = listener.protocol === 'HTTPS';
  const written = onPort.flatMap((draft) =>
    draft.rules.map((rule) => ({
      draft,
      rule,
      conditions: rule.conditions,
      actions: isSecure ? [...rule.authentication, ...rule.actions] : rule.actions,
    })),
  );
  const useful = withoutSelfRedirects(written, listener);
  const ordered = config.policy.ruleOrder === 'written' ? useful : bySpecificity(useful);
  return withoutShadowedByRedirects(ordered);
}

/**
 * Most specific first among members of equal order. A redirect to HTTPS stays in front of everything written after it: the
 * old way of redirecting a whole host is such a rule for `/*`, and sorting it back would open HTTP.
 */
function bySpecificity(rules: readonly PlacedRule[]): readonly PlacedRule[] {
  let barriers = 0;
  const placed = rules.map((rule) => {
    const isBarrier = redirectOf(rule)?.protocol === 'HTTPS';
    const place = isBarrier ? barriers + 1 : barriers;
    if (isBarrier) barriers += 2;
    return { rule, place };
  });
  return placed
    .toSorted(
      (a, b) =>
        a.rule.draft.member.order - b.rule.draft.member.order ||
        a.place - b.place ||
        compareSpecificity(a.rule.rule.specificity, b.rule.rule.specificity),
    )
    .map(({ rule }) => rule);
}
