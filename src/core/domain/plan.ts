import type { Drift } from './drift.ts';
import type { GroupKey } from './ids.ts';
import type { Operation } from './operation.ts';
import type { Problem } from './problem.ts';

/** An operation that a policy took out of the plan, and why (consent missing, no proof for a delete). */
export type HeldOperation = { readonly operation: Operation; readonly why: Problem };

export type Plan = {
  readonly key: GroupKey;
  /** In an order in which they could run one by one; `dependsOn` says what may run side by side. */
  readonly operations: readonly Operation[];
  readonly held: readonly HeldOperation[];
  readonly problems: readonly Problem[];
  /**
   * While a load balancer is being replaced the status goes on naming the old one: until all of the plan is done, or
   * (`stays`) for the time being. `frontendAfterAll`: the network load balancer's name moves then as well.
   */
  readonly status?: 'afterAll' | 'frontendAfterAll' | 'stays';
  /** Why nothing at all of it may be done now. */
  readonly standstill?: Problem;
  /** What somebody changed, put back by the plan or left alone; absent: not looked at. */
  readonly drift?: readonly Drift[];
  /** What of AWS's state is not ours and stays: one line each, for reports. */
  readonly foreign: readonly string[];
};

/** Where a member carries the plan of its group (gate IngressPlanAnnotation). We write it; nobody asks for anything by it. */
export const planAnnotation = 'alb.ingress.kubernetes.io/dry-run-plan';
