// What becomes of deregistered targets, one key a target group: how long they drain, whether their pods live that long, and
// which nodes are drained everywhere. Only with `--follow-draining`: it looks at AWS where nothing else would.

import { delaySecondsOf, endingProblem } from '../core/draining/lint.ts';
import { nodeAnnotations } from '../core/draining/nodes.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import { isDraining, type ObservedTarget, targetKey } from '../core/domain/target.ts';
import { nextLook, type Pace } from '../core/readiness/pace.ts';
import { desiredTargets } from '../core/targets/select.ts';
import type { Binding } from './memory.ts';
import { type Options, written } from './ports.ts';
import type { ReadinessContext } from './readiness-loop.ts';
import { incompleteRetryMs } from './whole.ts';
import type { Verdict } from './work-queue.ts';

export type DrainContext = Omit<ReadinessContext, 'write'> & {
  readonly write: Pick<ReadinessContext['write'], 'annotateNode'>;
  readonly annotatesNodes: boolean;
  /** Whether every target group is known: without that no node is called drained. */
  readonly complete: () => boolean;
};

type Run = { readonly verdict: Verdict; readonly changed: boolean; readonly problems: readonly Problem[] };

/** The key under which nodes are annotated; no target group has this name. */
export const nodesKey = ' nodes';

export class DrainLoop {
  readonly #context: DrainContext;
  readonly #paces = new Map<string, Pace>();
  /** Target group → target → since when it drains, where this process knows. */
  readonly #since = new Map<string, Map<string, number>>();
  readonly #linted = new Set<string>();

  constructor(context: DrainContext) {
    this.#context = context;
  }

  /** Takes note of what a run of the targets loop did; whether targets of this target group drain. */
  noted(name: string, outcomes: readonly Outcome[]): boolean {
    const since = this.#since.get(name) ?? new Map<string, number>();
    for (const { kind, operation } of outcomes) {
      if (kind !== 'done' || operation.kind !== 'deregisterTargets') continue;
      for (const target of operation.targets) since.set(targetKey(target), this.#context.clock.now());
    }
    if (since.size > 0) this.#since.set(name, since);
    return this.#waiting(name).length > 0;
  }

  async run(key: string, options: Options): Promise<Run> {
    return key === nodesKey ? this.#annotate(options) : this.#follow(key, options);
  }

  async #follow(name: string, options: Options): Promise<Run> {
    const { memory, clock } = this.#context;
    const binding = memory.binding(name);
    const keys = this.#waiting(name);
    if (binding === undefined || keys.length === 0) {
      this.#paces.delete(name);
      this.#since.delete(name);
      return { verdict: { kind: 'rest' }, changed: false, problems: [] };
    }
    const now = clock.now();
    const before = this.#paces.get(name);
    const looked = before !== undefined && now >= before.at;
    const left = looked ? await this.#look(binding, options) : keys;
    const problems = await this.#lint(binding, options);
    if (left.length === 0) {
      this.#paces.delete(name);
      return { verdict: { kind: 'rest' }, changed: true, problems };
    }
    const next = nextLook(before, { waiting: left, now, looked });
    this.#paces.set(name, next);
    const afterMs = Math.max(0, next.at - clock.now());
    return { verdict: { kind: 'again', afterMs }, changed: looked, problems };
  }

  /** Targets that drain, by what is remembered or by what we deregistered: an audit forgets the former. */
  #waiting(name: string): readonly string[] {
    const remembered = drainingIn(this.#context.memory.binding(name)?.targets);
    return [...new Set([...remembered, ...(this.#since.get(name)?.keys() ?? [])])];
  }

  /** Asks AWS, measures those that are over and forgets them; returns those that still drain. */
  async #look({ name, arn, intent, bound }: Binding, options: Options): Promise<readonly string[]> {
    const { aws, memory, clock, metrics } = this.#context;
    const found = await aws.observeTargets(arn, { ...options, role: bound?.role });
    const seen = new Set(found.map(targetKey));
    const since = this.#since.get(name) ?? new Map<string, number>();
    for (const [key, began] of since) {
      if (seen.has(key)) continue;
      since.delete(key);
      const { namespace, name: service } = intent.service;
      const labels = { namespace, service, target_group: name };
      metrics.observe('albatross_target_drain_seconds', labels, (clock.now() - began) / 1000);
    }
    const draining = new Set(drainingIn(found));
    // What was registered again meanwhile drains no more.
    for (const key of since.keys()) if (!draining.has(key)) since.delete(key);
    const current = memory.binding(name);
    if (current?.arn === arn && current.targets !== undefined) {
      const over = new Set(drainingIn(current.targets).filter((key) => !seen.has(key)));
      memory.bind({ ...current, targets: current.targets.filter((target) => !over.has(targetKey(target))) });
    }
    return this.#waiting(name);
  }

  /** Once for each target group whose delay is ours to know, when the first target drains: reads one of its pods. */
  async #lint(binding: Binding, options: Options): Promise<readonly Problem[]> {
    const { name, intent, vpc, bound } = binding;
    if (this.#linted.has(name) || intent.targetType !== 'ip' || bound !== undefined) return [];
    const { cluster, config } = this.#context;
    const [target] = desiredTargets(intent, cluster.snapshot(), { vpc, config }).value;
    if (target === undefined) return [];
    this.#linted.add(name);
    // A hint is not worth a second try.
    const ending = await cluster.podEnding(target.object.id, options).catch(() => undefined);
    if (ending === undefined) return [];
    const delaySeconds = delaySecondsOf(intent.attributes);
    const problem = endingProblem(ending, { name, object: intent.member, delaySeconds });
    return problem === undefined ? [] : [problem];
  }

  async #annotate(options: Options): Promise<Run> {
    const { memory, cluster, write, annotatesNodes, complete } = this.#context;
    if (!annotatesNodes) return { verdict: { kind: 'rest' }, changed: false, problems: [] };
    const instances = [...memory.bindings()].filter(({ intent }) => intent.targetType === 'instance');
    const isKnown = complete() && instances.every(({ targets }) => targets !== undefined);
    const targets = isKnown ? instances.flatMap(({ targets: each }) => each ?? []) : undefined;
    const changes = nodeAnnotations(cluster.snapshot().nodes.values(), targets);
    for (const change of changes) await written('annotate a node', write.annotateNode(change, options));
    const verdict: Verdict = isKnown ? { kind: 'rest' } : { kind: 'again', afterMs: incompleteRetryMs };
    return { verdict, changed: changes.length > 0, problems: [] };
  }
}

const drainingIn = (targets: readonly ObservedTarget[] | undefined): readonly string[] =>
  (targets ?? []).filter(({ state }) => isDraining(state)).map(targetKey);
