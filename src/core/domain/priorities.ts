/** Highest priority of a rule (ELBv2 CreateRule). */
export const lastPriority = 50_000;

/** Priorities of rules that somebody else may use (`--reserved-rule-priorities`), both ends included. */
export type PriorityRange = { readonly first: number; readonly last: number };
