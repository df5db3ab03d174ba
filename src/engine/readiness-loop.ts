// Target health → readiness gates of pods, one key a gate, in a queue of its own: no back-off of a group and no plan holds a
// pod back. AWS is asked only while a pod waits, once for all pods of the target group. A gate is that of one target group,
// or of several that share the pods of a Service.

import type { CoreConfig } from '../core/domain/config.ts';
import { waitsFor, type PodConditionPatch } from '../core/domain/readiness-gate.ts';
import type { ClusterChange } from '../core/domain/snapshot.ts';
import { type ObservedTarget, targetKey } from '../core/domain/target.ts';
import { readinessPlan, type ReadinessPlan, releasedPods } from '../core/readiness/conditions.ts';
import { type Holders, holdersOf, withoutReused } from '../core/readiness/reused.ts';
import { nextLook, type Pace } from '../core/readiness/pace.ts';
import { targetLimit } from '../core/targets/plan.ts';
import { desiredTargets } from '../core/targets/select.ts';
import type { Clock } from '../lib/clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Binding, Memory } from './memory.ts';
import { type AwsPort, type ClusterPort, type Options, written, type WritePort } from './ports.ts';
import type { Verdict } from './work-queue.ts';

export type ReadinessContext = {
  readonly aws: AwsPort;
  readonly cluster: ClusterPort;
  readonly write: WritePort;
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly metrics: Metrics;
};

type Run = { readonly verdict: Verdict; readonly changed: boolean };

export class ReadinessLoop {
  readonly #context: ReadinessContext;
  readonly #paces = new Map<string, Pace>();
  /** Target group → uid of a pod → since when it is seen to wait. */
  readonly #waiting = new Map<string, Map<string, number>>();
  /** Target group → whose health is known there. */
  readonly #holders = new Map<string, Holders>();
  /** Target groups that pods waited for → the namespace of those pods. */
  readonly #served = new Map<string, string>();

  constructor(context: ReadinessContext) {
    this.#context = context;
  }

  /** The target groups whose health a changed pod waits for, now or before. */
  concernedBy({ kind, before, after }: ClusterChange): readonly string[] {
    const pod = after ?? before;
    return kind === 'Pod' && pod?.kind === 'Pod' ? waitsFor(pod) : [];
  }

  /** The gate of a target group, if a pod has it. */
  concerning(targetGroup: string): string | undefined {
    const binding = this.#context.memory.binding(targetGroup);
    const name = binding === undefined ? targetGroup : gateOfBinding(binding);
    if (this.#served.has(name)) return name;
    const { pods } = this.#context.cluster.snapshot();
    // Nearly every cluster has no such pod at all.
    const isWaited = pods.size > 0 && [...pods.values()].some((pod) => waitsFor(pod).includes(name));
    return isWaited ? name : undefined;
  }

  /** Gates that pods waited for, and whose target groups nobody fills any more. */
  released(): readonly string[] {
    return [...this.#served.keys()].filter((name) => !this.#bindings(name).some(isFilled));
  }

  #bindings(name: string): readonly Binding[] {
    const { memory } = this.#context;
    const alone = memory.binding(name);
    if (alone !== undefined && alone.intent.part === undefined) return [alone];
    return [...memory.bindings()].filter((binding) => gateOfBinding(binding) === name);
  }

  /** Sets the conditions of the pods of one target group. Rejects when AWS cannot be read, or a pod not be written. */
  async run(name: string, options: Options): Promise<Run> {
    const bindings = this.#bindings(name);
    const filled = bindings.filter(isFilled);
    const [first] = filled;
    if (first === undefined) return this.#release(name, bindings[0], options);
    const now = this.#context.clock.now();
    const before = this.#paces.get(name);
    const isDue = before !== undefined && now >= before.at;
    const runs = [];
    for (const binding of filled) runs.push(await this.#runOne(name, binding, { ...options, isDue }));
    const waiting = runs.flatMap((run) => run.waiting);
    const looked = runs.some((run) => run.looked);
    const namespace = first.intent.service.namespace;
    const verdict = this.#pace({ name, namespace }, { before, waiting, now, looked });
    return { verdict, changed: runs.some((run) => run.changed) };
  }

  /** The pods of one target group; looks at their health where a look is due and one of them waits. */
  async #runOne(
    name: string,
    binding: Binding,
    { isDue, ...options }: Options & { readonly isDue: boolean },
  ): Promise<{ readonly waiting: readonly string[]; readonly looked: boolean; readonly changed: boolean }> {
    const plan = this.#plan(name, binding, { targets: binding.targets, looked: false });
    const changed = await this.#write(name, plan.patches, options);
    if (!isDue || plan.waiting.length === 0) return { waiting: plan.waiting, looked: false, changed };
    const targets = await this.#look(binding, options);
    const after = this.#plan(name, binding, { targets, looked: true });
    const changedAfter = await this.#write(name, after.patches, options);
    return { waiting: after.waiting, looked: true, changed: changed || changedAfter };
  }

  #pace(
    { name, namespace }: { readonly name: string; readonly namespace: string },
    { before, ...seen }: Parameters<typeof nextLook>[1] & { readonly before: Pace | undefined },
  ): Verdict {
    if (seen.waiting.length === 0) {
      this.#paces.delete(name);
      this.#waiting.delete(name);
      return { kind: 'rest' };
    }
    this.#served.set(name, namespace);
    const next = nextLook(before, seen);
    this.#paces.set(name, next);
    return { kind: 'again', afterMs: Math.max(0, next.at - this.#context.clock.now()) };
  }

  /** `targets` undefined: not known, so there is nothing to say yet, and every pod whose gate is shut waits. */
  #plan(
    name: string,
    binding: Binding,
    { targets, looked }: { readonly targets: Binding['targets']; readonly looked: boolean },
  ): ReadinessPlan {
    const { config, cluster } = this.#context;
    if (binding.intent.targetType !== 'ip') return { patches: [], waiting: [] };
    const snapshot = cluster.snapshot();
    const { vpc, quotas, intent } = binding;
    const desired = desiredTargets(intent, snapshot, { vpc, config }).value;
    const before = this.#holders.get(binding.name) ?? new Map();
    this.#holders.set(binding.name, holdersOf(desired, before, looked));
    const plan = readinessPlan({
      key: name,
      desired,
      observed: looked ? (targets ?? []) : withoutReused(targets ?? [], desired, before),
      pods: snapshot.pods,
      limit: targetLimit({ quotas, maxTargets: config.maxTargetsPerTargetGroup }),
      policy: config.policy,
    });
    return targets === undefined ? { ...plan, patches: [] } : plan;
  }

  /** Asks AWS, and remembers the health of what is remembered; which targets there are is the targets loop's to say. */
  async #look(binding: Binding, options: Options): Promise<readonly ObservedTarget[]> {
    const { aws, memory } = this.#context;
    const seen = await aws.observeTargets(binding.arn, { ...options, role: binding.bound?.role });
    const current = memory.binding(binding.name);
    if (current?.arn !== binding.arn || current.targets === undefined) return seen;
    const targets = withHealth(current.targets, seen);
    memory.bind({ ...current, targets });
    return targets;
  }

  async #release(name: string, binding: Binding | undefined, options: Options): Promise<Run> {
    const namespace = this.#served.get(name) ?? binding?.intent.service.namespace;
    this.#paces.delete(name);
    if (namespace === undefined) return { verdict: { kind: 'rest' }, changed: false };
    if (binding !== undefined) this.#holders.delete(binding.name);
    const patches = releasedPods(name, { pods: this.#context.cluster.snapshot().pods, namespace });
    const changed = await this.#write(name, patches, options);
    this.#served.delete(name);
    this.#waiting.delete(name);
    return { verdict: { kind: 'rest' }, changed };
  }

  /** Whether there was anything to write. One pod that cannot be written keeps no other from its condition. */
  async #write(name: string, patches: readonly PodConditionPatch[], options: Options): Promise<boolean> {
    const { write } = this.#context;
    const results = await Promise.allSettled(
      patches.map((patch) => written('patch a condition of a pod', write.patchPodCondition(patch, options))),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    this.#measure(name, patches);
    return patches.length > 0;
  }

  #measure(name: string, patches: readonly PodConditionPatch[]): void {
    if (patches.length === 0) return;
    const { metrics, clock } = this.#context;
    const since = this.#waiting.get(name) ?? new Map<string, number>();
    this.#waiting.set(name, since);
    for (const { pod, condition } of patches) {
      const began = since.get(pod.uid ?? '');
      if (condition.status !== 'True') {
        since.set(pod.uid ?? '', began ?? clock.now());
      } else if (began !== undefined) {
        const labels = { namespace: pod.namespace, name: name.slice(name.lastIndexOf('/') + 1) };
        metrics.observe('awslbc_readiness_gate_ready_seconds', labels, (clock.now() - began) / 1000);
        since.delete(pod.uid ?? '');
      }
    }
  }
}

/** A user's binding goes by its own name, and so does a target group that has a Service's pods for itself. */
const gateOfBinding = ({ name, intent }: Binding): string => intent.part?.gate ?? name;

/** No health comes to the pods of a binding that is being emptied. */
const isFilled = (binding: Binding | undefined): binding is Binding =>
  binding !== undefined && binding.emptied !== true;

/** Remembered targets with the health that was read. What was deregistered since is not brought back. */
function withHealth(
  remembered: readonly ObservedTarget[],
  seen: readonly ObservedTarget[],
): readonly ObservedTarget[] {
  const health = new Map(seen.map((target) => [targetKey(target), target]));
  return remembered.map((target) => {
    const now = health.get(targetKey(target));
    const moved = now?.state === 'draining' || target.state === 'draining';
    return now === undefined || moved ? target : { ...target, ...now };
  });
}
