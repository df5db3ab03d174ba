// What is ours and must not be touched all the same, or not be taken: what is paused or was let go, priorities that are
// reserved, and more groups than may be deleted at once.

import type { Change, ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { memberTag } from '../../src/core/desired/tags.ts';
import { type Foreign, tagOf } from './account.ts';
import type { Violation } from './checks.ts';
import type { Cluster } from './cluster.ts';
import { type Expected, stackTag } from './expectations.ts';
import type { Scenario } from './scenario.ts';

type World = {
  readonly account: ControlPlane;
  readonly foreign: Foreign;
  readonly options: NonNullable<Scenario['options']>;
  readonly staleMs: number;
  /** How many processes there have been. */
  readonly processes: () => number;
  readonly onViolation: (violation: Violation) => void;
};

export class LeftAlone {
  readonly #world: World;
  /** Since when `group KEY` and `member NAMESPACE/NAME` are paused. */
  readonly #pausedSince = new Map<string, number>();
  /** Groups that went since all Ingresses were deleted at once; undefined: they were not, or it was meant. */
  #gone: Set<string> | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** The cluster has changed. */
  expect({ keys }: Expected, { ingresses, pauses }: Cluster): void {
    const now = this.#world.account.clock.now();
    const paused = [...ingresses.keys()].flatMap((name) => {
      const scope = pauses.scopeOf(name);
      const groups = scope === 'group' ? (keys.get(name) ?? []) : [];
      return [...(scope === 'ingress' ? [`member web/${name}`] : []), ...groups.map((key) => `group ${key}`)];
    });
    for (const thing of this.#pausedSince.keys())
      if (!paused.includes(thing)) this.#pausedSince.delete(thing);
    for (const thing of paused) if (!this.#pausedSince.has(thing)) this.#pausedSince.set(thing, now);
  }

  /** All Ingresses were deleted, and nobody has said that it was meant. */
  deletedAtOnce(): void {
    this.#gone = new Set();
  }

  agreed(): void {
    this.#gone = undefined;
  }

  before({ operation, params = {} }: Change): void {
    const { account, onViolation } = this.#world;
    if (operation === 'DeleteLoadBalancer')
      this.#noteGone(tagOf(account, String(params['LoadBalancerArn']), stackTag) ?? '');
    // Targets still follow, with what they need of the network.
    if (['RegisterTargets', 'DeregisterTargets'].includes(operation)) return;
    for (const id of namedIn(params)) {
      const key = tagOf(account, id, stackTag);
      if (key !== undefined && this.#isPaused(`group ${key}`))
        onViolation({ invariant: 'left alone', what: `${operation} of ${id}, whose group ${key} is paused` });
    }
    const rule = String(params['RuleArn']);
    const member = tagOf(account, rule, memberTag);
    if (member !== undefined && this.#isPaused(`member ${member}`))
      onViolation({
        invariant: 'left alone',
        what: `${operation} of ${rule}, whose Ingress ${member} is paused`,
      });
  }

  after({ operation, params = {} }: Change): void {
    const { account, foreign } = this.#world;
    const { ResourceArns = [], TagKeys = [] } = params as { ResourceArns?: string[]; TagKeys?: string[] };
    if (operation === 'RemoveTags' && TagKeys.includes(stackTag))
      for (const arn of ResourceArns) if (account.state.loadBalancers.has(arn)) foreign.loadBalancer(arn);
    for (const priority of prioritiesIn(operation, params)) this.#checkPriority(priority);
  }

  #isPaused(thing: string): boolean {
    const { account, staleMs } = this.#world;
    const since = this.#pausedSince.get(thing);
    return since !== undefined && account.clock.now() - since > staleMs;
  }

  #noteGone(key: string): void {
    const { options, processes, onViolation } = this.#world;
    this.#gone?.add(key);
    // A process that has just been started does not know how many went before.
    const most = Number(options['max-group-deletions']) * processes();
    if ((this.#gone?.size ?? 0) > most)
      onViolation({
        invariant: 'deletes have proof',
        what: `more than ${most} groups go at once: ${[...(this.#gone ?? [])].join(', ')}`,
      });
  }

  #checkPriority(priority: number): void {
    const ranges = (this.#world.options['reserved-rule-priorities'] ?? '').split(',').filter(Boolean);
    const isReserved = ranges.some((range) => {
      const [first = '', last = first] = range.split('-');
      return priority >= Number(first) && priority <= Number(last);
    });
    if (isReserved)
      this.#world.onViolation({ invariant: 'foreign things stay', what: `priority ${priority} is reserved` });
  }
}

/** The resources that a call names. */
function namedIn(params: Record<string, unknown>): readonly string[] {
  const { ResourceArns = [], Resources = [] } = params as { ResourceArns?: string[]; Resources?: string[] };
  const one = ['LoadBalancerArn', 'ListenerArn', 'RuleArn', 'TargetGroupArn', 'GroupId'].map(
    (field) => params[field],
  );
  const rules = ((params['RulePriorities'] ?? []) as { RuleArn: string }[]).map(({ RuleArn }) => RuleArn);
  return [...one.filter((id) => typeof id === 'string'), ...ResourceArns, ...Resources, ...rules];
}

function prioritiesIn(operation: string, params: Record<string, unknown>): readonly number[] {
  if (operation === 'CreateRule') return [Number(params['Priority'])];
  if (operation !== 'SetRulePriorities') return [];
  return (params['RulePriorities'] as { Priority: number }[]).map(({ Priority }) => Priority);
}
