// ALBC asks for the tags of a load balancer or target group once and believes them for 20 minutes; every pass of every
// group asks for those that are not known, and what it made itself it does not know yet (albc-internals C.6). With its
// policy we overlook what it overlooks, so that nobody's tag goes earlier or later than it would.

import type { CoreConfig } from '../core/domain/config.ts';
import type { Tags } from '../core/domain/desired-group.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Clock } from '../lib/clock.ts';
import type { Memory } from './memory.ts';

type Context = { readonly config: CoreConfig; readonly clock: Clock; readonly memory: Memory };

export class BelievedTags {
  readonly #context: Context;
  /** By ARN, in epoch milliseconds. */
  readonly #since = new Map<string, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** A pass of any group: from now on the tags are believed that are remembered of all of them. */
  pass(): void {
    const { config, clock, memory } = this.#context;
    if (config.policy.tagsBelievedMs === 0) return;
    for (const arn of this.#since.keys()) if (!this.#isBelieved(arn)) this.#since.delete(arn);
    for (const { observed, staleSince } of memory.groups().values()) {
      if (observed === undefined || staleSince !== undefined) continue;
      for (const { arn } of [...observed.loadBalancers, ...observed.targetGroups])
        if (!this.#isBelieved(arn)) this.#since.set(arn, clock.now());
    }
  }

  /** After the writes of a group: changed tags are asked for again, and a group that fails is tried again at once. */
  after(outcomes: readonly Outcome[]): void {
    for (const { kind, operation } of outcomes)
      if (kind === 'done' && operation.kind === 'setTags') this.#since.delete(operation.resource);
    const groups = [...this.#context.memory.groups().values()];
    if (groups.some(({ problems }) => problems.some(({ severity }) => severity === 'error'))) this.pass();
  }

  /** What was read, with the tags that are still believed from before. */
  over(read: ObservedGroup, before: ObservedGroup | undefined): ObservedGroup {
    if (before === undefined) return read;
    const known = new Map<string, Tags>(
      [...before.loadBalancers, ...before.targetGroups].map(({ arn, tags }) => [arn, tags]),
    );
    const believed = <Item extends { readonly arn: string; readonly tags: Tags }>(item: Item): Item => {
      const tags = this.#isBelieved(item.arn) ? known.get(item.arn) : undefined;
      return tags === undefined ? item : { ...item, tags };
    };
    return {
      ...read,
      loadBalancers: read.loadBalancers.map(believed),
      targetGroups: read.targetGroups.map(believed),
    };
  }

  #isBelieved(arn: string): boolean {
    const { config, clock } = this.#context;
    const since = this.#since.get(arn);
    return since !== undefined && clock.now() - since < config.policy.tagsBelievedMs;
  }
}
