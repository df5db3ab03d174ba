// What a transition of rules starts from, and the steps it is made of.

import type { PriorityRange } from '../domain/priorities.ts';
import type { RuleCondition } from '../domain/rule.ts';

/** A wanted rule, in evaluation order. `key` is equal for equal contents, `conditionsKey` for equal conditions. */
export type WantedRule = {
  readonly key: string;
  readonly conditionsKey: string;
  readonly conditions: readonly RuleCondition[];
};

/** `fixed`: somebody else's, which keeps its priority and is only a priority that cannot be used. */
export type ExistingRule = WantedRule & { readonly priority: number; readonly fixed: boolean };

/** `wanted` and `existing` are indexes into the two lists. */
export type RuleStep =
  | { readonly kind: 'create'; readonly wanted: number; readonly priority: number }
  | { readonly kind: 'modify'; readonly existing: number; readonly wanted: number }
  | { readonly kind: 'setPriorities'; readonly priorities: readonly PrioritySetting[] }
  | { readonly kind: 'default' }
  | { readonly kind: 'delete'; readonly existing: number };

export type PrioritySetting =
  | { readonly kind: 'existing'; readonly existing: number; readonly priority: number }
  | { readonly kind: 'created'; readonly wanted: number; readonly priority: number };

/** What is done, and what comes of it. */
export type RuleTransition = {
  readonly steps: readonly RuleStep[];
  /** Priority of each wanted rule at the end. */
  readonly priorities: readonly number[];
  /** Which existing rule each wanted one continues; undefined for a new one. */
  readonly continues: readonly (number | undefined)[];
};

export type TransitionInput = {
  readonly wanted: readonly WantedRule[];
  readonly existing: readonly ExistingRule[];
  /** Stable: existing priorities stay where the order allows. Compact: 1, 2, 3 …, as ALBC numbers. */
  readonly priorities: 'stable' | 'compact';
  /** How many rules may be created before the load balancer is at its quota (rules-per-application-load-balancer). */
  readonly headroom: number;
  /** Priorities for others; a rule of ours there moves out. */
  readonly reserved?: readonly PriorityRange[];
};
