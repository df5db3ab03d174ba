// The loops together: changes of the cluster become keys, keys become runs. Knows Kubernetes and AWS only as ports.

import { bindingIdOf, bindingKeys, isAlone } from '../core/model/binding.ts';
import { bindingKeysForChange } from '../core/model/binding-triggers.ts';
import { allGroupKeys } from '../core/model/membership.ts';
import { keysForChange } from '../core/model/triggers.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { type GroupKey, resourceId } from '../core/domain/ids.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { ClusterChange } from '../core/domain/snapshot.ts';
import { networkKey } from '../core/plan/network.ts';
import { eventKey, warningEvents } from '../core/report/events.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { adoptBindings } from './adopt-bindings.ts';
import { TopTalkers } from './albc-metrics.ts';
import { type AuditContext, type AuditScope, audit, auditNow } from './audit.ts';
import { DrainLoop, nodesKey } from './drain-loop.ts';
import { setGauges } from './gauges.ts';
import { BelievedTags } from './believed-tags.ts';
import { type Bequest, bequests, inherit } from './bequest.ts';
import { InventoryCache, orphansIn } from './inventory.ts';
import { type LoopRun, loopQueue } from './loop-queue.ts';
import { type Binding, Memory } from './memory.ts';
import { NetworkLoop } from './network-loop.ts';
import { nodeDelay } from './node-delay.ts';
import { distrust } from './observation.ts';
import type { AwsPort, ChangePort, ClusterPort, WritePort } from './ports.ts';
import { reconcileBinding } from './reconcile-binding.ts';
import type { GroupContext } from './group-run.ts';
import { reconcileGroup } from './reconcile-group.ts';
import { ReadinessLoop } from './readiness-loop.ts';
import { type BindingTelling, tellBinding } from './tell-binding.ts';
import { tellEvents } from './tell.ts';
import { targetGroupsFor } from './target-groups-for.ts';
import { reconcileTargets, type TargetsContext } from './targets-loop.ts';
import { isNetworkWhole } from './whole.ts';
import type { QueuedRun, WorkQueue } from './work-queue.ts';

export type EngineOptions = {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly aws: AwsPort;
  readonly cluster: ClusterPort;
  readonly write: WritePort;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly changes?: ChangePort;
  readonly groupConcurrency: number;
  readonly targetConcurrency: number;
  /** Longest wait before targets are tried again. */
  readonly targetBackOffMs: number;
  /** Between two looks at a load balancer that has to become active. */
  readonly provisioningIntervalMs: number;
  readonly auditIntervalMs: number;
  /** What becomes of deregistered targets costs calls. */
  readonly draining: 'ignored' | 'followed' | 'annotated';
  /** 0 ≤ x < 1, for the jitter of back-offs. */
  readonly random: () => number;
};

/** Edits come in bursts (kubectl apply of many files, a controller that writes twice). */
const groupDebounceMs = 100;
/** A rollout changes a slice several times a second; longer than this and a new pod waits noticeably. */
const targetDebounceMs = 25;
/** Revokes are never urgent, and many groups change at once. */
const networkDebounceMs = 1000;

/** A node that is to go is first taken out of its target groups. */
const nodesDelayMs = 1000;

export class Engine {
  readonly #options: EngineOptions;
  readonly #memory = new Memory();
  readonly #inventory: InventoryCache;
  readonly #network: NetworkLoop;
  readonly #groups: WorkQueue<GroupKey>;
  readonly #targets: WorkQueue<string>;
  readonly #readiness: ReadinessLoop;
  readonly #gates: WorkQueue<string>;
  readonly #draining: DrainLoop;
  readonly #drains: WorkQueue<string>;
  readonly #networks: WorkQueue<GroupKey>;
  readonly #believedTags: BelievedTags;
  readonly #talkers: TopTalkers;
  readonly #toldOfTargets = new Map<string, ReadonlySet<string>>();
  readonly #stopping = new AbortController();
  #unsubscribe: () => void = () => undefined;
  #auditing: Promise<void> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#inventory = new InventoryCache(options.aws, options.clock);
    this.#talkers = new TopTalkers(options.clock);
    const shared = { ...options, memory: this.#memory };
    const queues = { ...options, talkers: this.#talkers };
    const quick = { concurrency: options.targetConcurrency, debounceMs: targetDebounceMs };
    this.#believedTags = new BelievedTags(shared);
    // Not after each run: all groups are counted, and there may be hundreds of both.
    options.metrics.onRender(() => this.#setGauges());
    this.#network = new NetworkLoop({
      ...shared,
      complete: () => this.#isComplete(),
      orphans: () => this.#orphans(),
      alone: () => this.#isAlone(),
      onNews: (keys) => {
        for (const key of keys) this.#groups.add(key, { priority: 'retry' });
      },
    });
    this.#groups = loopQueue(
      { loop: 'group', concurrency: options.groupConcurrency, debounceMs: groupDebounceMs },
      (key, run) => this.#runGroup(key, run),
      queues,
    );
    this.#targets = loopQueue(
      { loop: 'targets', ...quick },
      (name, run) => this.#runTargets(name, run),
      queues,
    );
    this.#readiness = new ReadinessLoop(shared);
    this.#gates = loopQueue(
      { loop: 'readiness', ...quick },
      (name, run) => this.#readiness.run(name, run),
      queues,
    );
    this.#draining = new DrainLoop({
      ...shared,
      annotatesNodes: options.draining === 'annotated',
      complete: () => this.#isComplete(),
    });
    this.#drains = loopQueue(
      { loop: 'draining', ...quick },
      (key, run) => this.#runDraining(key, run),
      queues,
    );
    this.#networks = loopQueue(
      { loop: 'network', concurrency: 1, debounceMs: networkDebounceMs },
      async (_key, run) => ({ verdict: await this.#network.run(run), changed: false }),
      queues,
    );
  }

  /** Starts working, with what another process left. The cluster port must already show whole lists. */
  start(left: readonly Bequest[] = []): void {
    const { cluster, config } = this.#options;
    const inherited = inherit(left, { memory: this.#memory, keys: this.#keys() });
    this.#unsubscribe = cluster.onChange((change) => this.#take(change));
    for (const key of this.#keys()) this.#groups.add(key, { priority: 'resync', afterMs: 0 });
    // The first group would wait for it, and a failure is that group's to tell.
    if (inherited === 0) this.#inventory.refresh({ signal: this.#stopping.signal }).catch(() => undefined);
    // Even with no group left there may be something of theirs to take away.
    this.#networks.add(networkKey, { priority: 'resync' });
    this.#options.log.info(
      { count: this.#keys().length, object: config.clusterName },
      inherited === 0 ? 'Started' : `Started, with what another process left of ${inherited} groups`,
    );
    this.#auditing = audit(this.#audit(), { signal: this.#stopping.signal });
  }

  /** Reads everything in AWS again now rather than within the interval; resolves when the runs are asked for. */
  async auditNow(scope: AuditScope = 'all'): Promise<void> {
    await auditNow(this.#audit(), { signal: this.#stopping.signal, scope });
  }

  /** Takes no more work and waits for what runs; after `deadlineMs` nothing new is begun inside it either. */
  async stop(deadlineMs: number): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort(new Error('the controller is stopping'));
    await Promise.all(
      [this.#groups, this.#targets, this.#gates, this.#drains, this.#networks].map((queue) =>
        queue.stop(deadlineMs),
      ),
    );
    await this.#auditing;
  }

  /** What the next process may begin with; to be asked for after the stop. */
  bequests(): readonly Bequest[] {
    return bequests(this.#memory);
  }

  /** Keys that are being worked on or will be within `ms`; 0 means at rest. */
  busy(ms: number): number {
    const queues = [this.#groups, this.#targets, this.#gates, this.#drains, this.#networks];
    return queues.reduce((sum, queue) => sum + queue.busy(ms), 0);
  }

  /** Problems of all groups at their last run. */
  problems(): readonly Problem[] {
    return [...this.#memory.groups().values()].flatMap(({ problems }) => problems);
  }

  #setGauges(): void {
    const { metrics, cluster, config } = this.#options;
    const memory = this.#memory;
    const { region } = config;
    const now = this.#options.clock.now();
    setGauges({ memory, snapshot: cluster.snapshot(), talkers: this.#talkers, region, now }, metrics);
    const queues = {
      group: this.#groups,
      targets: this.#targets,
      readiness: this.#gates,
      draining: this.#drains,
      network: this.#networks,
    };
    for (const loop of ['group', 'targets', 'readiness', 'draining', 'network'] as const)
      metrics.set('albatross_waiting_keys', { loop }, queues[loop].busy(0));
  }

  #audit(): AuditContext {
    return {
      ...this.#options,
      intervalMs: this.#options.auditIntervalMs,
      inventory: this.#inventory,
      memory: this.#memory,
      keys: () => this.#keys(),
      onGroup: (key) => this.#groups.add(key, { priority: 'resync', afterMs: 0 }),
      onTargetGroup: (name) => this.#targets.add(name, { priority: 'resync' }),
      onRound: (orphans) => this.#newRound(orphans),
    };
  }

  /** Groups of Ingresses, and bindings that users wrote. */
  #keys(): readonly GroupKey[] {
    const snapshot = this.#options.cluster.snapshot();
    return [...allGroupKeys(snapshot, this.#options.config), ...bindingKeys(snapshot)];
  }

  /** Groups with a load balancer in AWS that no Ingress stands for, as far as is known. */
  #orphans(): readonly GroupKey[] {
    const inventory = this.#inventory.latest ?? new Map();
    const withLoadBalancer = [...inventory].filter(([, { loadBalancerArns }]) => loadBalancerArns.length > 0);
    return orphansIn(new Map(withLoadBalancer), this.#keys());
  }

  /** Deletes need proof: whole lists, AWS's own too, and every group's needs known (DESIGN §4.6). */
  #isComplete(): boolean {
    const snapshot = this.#options.cluster.snapshot();
    return (
      this.#inventory.latest !== undefined &&
      isNetworkWhole(snapshot, this.#memory) &&
      this.#keys().every((key) => this.#memory.group(key).needs !== undefined)
    );
  }

  /** Objects that ALBC made, or serves, stand for rules that we know nothing of. */
  #isAlone(): boolean {
    return isAlone(this.#options.cluster.snapshot(), this.#options.config.policy);
  }

  #take(change: ClusterChange): void {
    const { cluster, config } = this.#options;
    for (const key of keysForChange(withoutAddedFinalizers(change), cluster.snapshot(), config))
      this.#groups.add(key, { priority: 'user' });
    for (const key of bindingKeysForChange(withoutAddedFinalizers(change), cluster.snapshot(), config.policy))
      this.#groups.add(key, { priority: 'user' });
    const afterMs = nodeDelay(change, cluster.snapshot().nodes.size) ?? targetDebounceMs;
    for (const name of targetGroupsFor(change, this.#memory, config.policy))
      this.#targets.add(name, { priority: 'target', afterMs });
    if (change.kind === 'Node' && this.#options.draining === 'annotated')
      this.#drains.add(nodesKey, { priority: 'retry', afterMs: nodesDelayMs });
    for (const name of this.#readiness.concernedBy(change)) this.#gates.add(name, { priority: 'target' });
  }

  #newRound(orphans: readonly GroupKey[]): void {
    const { metrics, log } = this.#options;
    metrics.set('albatross_orphaned_groups', {}, orphans.length);
    for (const group of orphans)
      log.warn({ group }, 'Resources in AWS carry the tags of a group that has no Ingress');
    this.#network.forget();
    this.#networks.add(networkKey, { priority: 'resync' });
  }

  async #runGroup(key: GroupKey, { signal, priority }: QueuedRun): Promise<LoopRun> {
    const bound = bindingIdOf(key) === undefined || priority === 'user' ? priority : 'target';
    const context: GroupContext = {
      ...this.#options,
      log: this.#options.log.child({ group: key }),
      memory: this.#memory,
      inventory: this.#inventory,
      believedTags: this.#believedTags,
      network: this.#network,
      onBound: (name) => this.#targets.add(name, { priority: bound, afterMs: 0 }),
      onNetwork: () => this.#networks.add(networkKey, { priority: 'resync' }),
    };
    const reconcile = bindingIdOf(key) === undefined ? reconcileGroup : reconcileBinding;
    const run = await reconcile(key, context, { signal, prompted: priority === 'user' });
    await adoptBindings(key, context, { signal });
    for (const name of this.#readiness.released()) this.#gates.add(name, { priority: 'target' });
    return run;
  }

  async #runTargets(name: string, { signal, priority }: QueuedRun): Promise<LoopRun> {
    const regroup = ({ group }: Binding): void => this.#groups.add(group, { priority: 'target' });
    const context: TargetsContext = {
      ...this.#options,
      log: this.#options.log.child({ targetGroup: name }),
      memory: this.#memory,
      isUnreachable: (targetGroup) =>
        this.#network.unreachable().has(resourceId('target-group', targetGroup)),
      onEndpoints: () => this.#networks.add(networkKey, { priority: 'target', afterMs: 0 }),
      onNews: regroup,
      onDistrust: (binding) => {
        distrust(binding.group, { ...this.#options, memory: this.#memory });
        regroup(binding);
      },
    };
    const run = await reconcileTargets(name, context, { signal });
    const gate = this.#readiness.concerning(name);
    if (gate !== undefined) this.#gates.add(gate, { priority: 'target', afterMs: 0 });
    if (this.#options.draining !== 'ignored' && this.#draining.noted(name, run.outcomes))
      this.#drains.add(name, { priority: 'retry', afterMs: 0 });
    const binding = this.#memory.binding(name);
    if (binding?.bound === undefined) await this.#tellTargets(name, run.problems, { signal });
    else await tellBinding(binding, run, this.#telling(), { signal, prompted: priority !== 'resync' });
    return { verdict: run.verdict, changed: run.outcomes.length > 0 };
  }

  #telling(): BindingTelling {
    return { ...this.#options, memory: this.#memory };
  }

  async #runDraining(key: string, run: QueuedRun): Promise<LoopRun> {
    const { verdict, changed, problems } = await this.#draining.run(key, run);
    if (key !== nodesKey && changed) this.#drains.add(nodesKey, { priority: 'retry' });
    await tellEvents(warningEvents(problems, this.#options.config.policy), this.#options, run);
    return { verdict, changed };
  }

  /** Each warning once, until it is over. */
  async #tellTargets(
    name: string,
    problems: readonly Problem[],
    run: { readonly signal: AbortSignal },
  ): Promise<void> {
    const events = warningEvents(problems, this.#options.config.policy);
    const told = this.#toldOfTargets.get(name);
    if (events.length === 0) this.#toldOfTargets.delete(name);
    else this.#toldOfTargets.set(name, new Set(events.map(eventKey)));
    await tellEvents(
      events.filter((event) => told?.has(eventKey(event)) !== true),
      this.#options,
      run,
    );
  }
}

/** The engine adds finalizers itself, in the middle of a run: such a change is the echo of that and prompts nothing. */
function withoutAddedFinalizers(change: ClusterChange): ClusterChange {
  const { before, after } = change;
  if (before === undefined || after === undefined) return change;
  const { finalizers } = after.meta;
  if (!before.meta.finalizers.every((name) => finalizers.includes(name))) return change;
  return { ...change, before: { ...before, meta: { ...before.meta, finalizers } } };
}
