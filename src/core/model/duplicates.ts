// Two rules of a namespace for the same requests: the first one answers, so the second is not made, and its owner is told.
// Between namespaces it is a matter of claims (core/claims).

import { conditionsKey } from '../domain/conditions-key.ts';
import type { Problem } from '../domain/problem.ts';
import { problemOf } from './context.ts';
import type { PlacedRule } from './listener-rules.ts';
import type { MergedListener } from './merge.ts';

/** Leaves out later rules with the conditions of an earlier one on the same listener and of the same namespace; each pair is reported once. */
export function duplicates(listeners: readonly MergedListener[]): {
  readonly listeners: readonly MergedListener[];
  readonly problems: readonly Problem[];
} {
  const problems = new Map<string, Problem>();
  const kept = listeners.map(({ listener, placed }) => {
    const first = new Map<string, PlacedRule>();
    const indexes = new Set<number>();
    for (const [index, rule] of placed.entries()) {
      const conditions = `${rule.draft.member.ref.namespace} ${conditionsKey(rule.conditions)}`;
      const earlier = first.get(conditions);
      if (earlier === undefined) {
        first.set(conditions, rule);
        indexes.add(index);
      } else {
        problems.set(`${rule.draft.member.id} ${rule.rule.path}`, duplicate(rule, earlier));
      }
    }
    const isKept = (_: unknown, index: number): boolean => indexes.has(index);
    return {
      placed: placed.filter(isKept),
      listener: { ...listener, rules: listener.rules.filter(isKept) },
    };
  });
  return { listeners: kept, problems: [...problems.values()] };
}

function duplicate(rule: PlacedRule, earlier: PlacedRule): Problem {
  const { member } = rule.draft;
  const other = earlier.draft.member;
  const same = member.id === other.id ? 'the same Ingress' : `Ingress ${other.id}`;
  return problemOf(member.ref, {
    code: 'RuleDuplicate',
    severity: 'warning',
    path: rule.rule.path,
    message: `Ingress ${member.id}: ${rule.rule.path} asks for the same host and path as ${earlier.rule.path} of ${same}, which comes first and answers`,
    hint: 'Take one of the two away, or tell them apart by host, path or conditions',
  });
}
