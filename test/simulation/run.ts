// A run of one scenario: controller, account and cluster on one clock, from one seed, with the invariants around each call.

import { createAws } from '../../src/aws/aws.ts';
import type { Config } from '../../src/config/load.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { SimulatedError } from '../../src/simulator/aws/errors.ts';
import { seedWorld } from '../../src/simulator/aws/seed.ts';
import { Foreign } from './account.ts';
import { Checks, type Violation } from './checks.ts';
import { Cluster } from './cluster.ts';
import type { Bequest } from '../../src/engine/bequest.ts';
import { ControllerProcess } from './controller.ts';
import { differences } from './differences.ts';
import { faultOf } from './fault.ts';
import { expectedNow, requestsOf } from './expectations.ts';
import { LeftAlone } from './left-alone.ts';
import { lacksRoom, lastCalls, opensOnly, overBudget } from './refusals.ts';
import { observerCalls } from './observer.ts';
import { clusterName, configFor, region, world } from './setting.ts';
import { type Random, randomFrom } from './random.ts';
import type { Disturbance, ForeignThing, Scenario, Step, StrangersEdit } from './scenario.ts';
import { concernedBy, foreignDescription, makeForeign, makeHandEdit } from './strangers.ts';

export type Found = Violation & {
  /** Index of the last step that had been taken; -1 before the first. */
  readonly step: number;
  /** The controller's calls to AWS before it. */
  readonly call: number;
  readonly trace: readonly string[];
};

export type RunResult = {
  readonly violation: Found | undefined;
  /** The controller's calls to AWS. */
  readonly calls: number;
  /** Those until a minute after the last step, and writes to the API server. */
  readonly momentsOfSteps: number;
  /** Calls around which the invariants were looked at. */
  readonly changes: number;
  readonly requests: number;
  /** Processes after the first. */
  readonly restarts: number;
  /** Disturbances that met a call, by kind. */
  readonly faults: ReadonlyMap<string, number>;
};

/** From the last fault until everything must be as planned: the longest back-off, an audit, a drain, and some. */
const patienceMs = 40 * 60_000;
/** An audit finds what was changed by hand, and the round after it what was written while it ran. */
const quietMs = 11 * 60_000;
const lookMs = 20_000;
const noOpMs = 150_000;

/** Carries out a scenario until its first violation. */
export function run(scenario: Scenario): Promise<RunResult> {
  return new Run(scenario).result();
}

class Run {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #account: ControlPlane;
  readonly #names: ReadonlyMap<string, string>;
  readonly #cluster: Cluster;
  readonly #config: Config;
  readonly #foreign: Foreign;
  readonly #checks: Checks;
  readonly #leftAlone: LeftAlone;
  readonly #facts: ReturnType<typeof createAws>['facts'];
  readonly #processes: ControllerProcess[] = [];
  readonly #faults = new Map<string, number>();
  readonly #isDisturbed: boolean;
  /** Who is on which shard depends on who came first, which its finalizer tells. */
  readonly #isSharded: boolean;
  #violation: Found | undefined;
  #step = -1;
  #calls = 0;
  /** Calls to AWS, and writes to the API server. */
  #moments = 0;
  #momentsOfSteps = 0;
  #changes = 0;
  #isStranger = false;
  #changedAt = 0;
  /** Strangers changed things where drift is left alone: what nobody knew yet is put back. */
  #hasDrifted = false;
  #expectedWith = '';
  #started = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#random = randomFrom(scenario.seed + 1);
    this.#account = new ControlPlane({
      clock: this.#clock,
      region,
      knobs: scenario.knobs,
      isTargetUp: ({ id, port }) => this.#cluster.isUp(id, port),
    });
    this.#names = seedWorld(this.#account.state, world, this.#clock.now());
    this.#cluster = new Cluster(scenario, this.#clock, (name) => this.#id(name));
    this.#config = configFor(this.#id('vpc'), scenario.preset ?? 'none', scenario.options);
    this.#foreign = new Foreign(this.#account);
    this.#isDisturbed = scenario.steps.some(({ step }) =>
      ['kubeFault', 'compact', 'kill', 'partition', 'awsFault'].includes(step.kind),
    );
    this.#isSharded = scenario.steps.some(
      ({ step }) => step.kind === 'ingress' && step.spec.shards !== undefined,
    );
    this.#checks = new Checks({
      account: this.#account,
      foreign: this.#foreign,
      requests: requestsOf(scenario),
      isTight: this.#isTight(),
      published: (ingress) => this.#cluster.published(ingress),
      isJustReplaced: (service, ms) => this.#cluster.isJustReplaced(service, ms),
      staleMs: this.#staleMs(),
      onViolation: (violation) => this.#violate(violation),
    });
    this.#leftAlone = new LeftAlone({
      account: this.#account,
      foreign: this.#foreign,
      options: scenario.options ?? {},
      staleMs: this.#staleMs(),
      processes: () => this.#started,
      onViolation: (violation) => this.#violate(violation),
    });
    this.#facts = createAws({
      calls: observerCalls(this.#account),
      clock: this.#clock,
      vpcId: this.#id('vpc'),
      clusterName,
    }).facts;
  }

  async result(): Promise<RunResult> {
    this.#account.onBeforeChange((change) => {
      if (this.#isStranger) return;
      this.#checks.before(change);
      this.#leftAlone.before(change);
    });
    this.#account.onChange((change) => {
      if (this.#isStranger) return;
      this.#changes += 1;
      this.#changedAt = this.#clock.now();
      this.#checks.after(change);
      this.#leftAlone.after(change);
    });
    await this.#play();
    for (const process of this.#processes) process.kill();
    return {
      violation: this.#violation,
      calls: this.#calls,
      momentsOfSteps: this.#momentsOfSteps,
      changes: this.#changes,
      requests: this.#checks.requests,
      restarts: this.#started - 1,
      faults: this.#faults,
    };
  }

  async #play(): Promise<void> {
    await this.#prepare();
    await this.#expect();
    this.#start();
    await this.#pass(1000);
    for (const [index, { after, step }] of this.#scenario.steps.entries()) {
      await this.#pass(after);
      if (this.#violation !== undefined) return;
      this.#step = index;
      await this.#take(step);
    }
    await this.#pass(1000);
    this.#account.faults.clear();
    this.#cluster.api.faults.clear();
    await this.#pass(60_000);
    this.#momentsOfSteps = this.#moments;
    await this.#converge();
    if (this.#violation === undefined) await this.#rest();
    const throttled = overBudget(this.#scenario, this.#account);
    if (throttled !== undefined) this.#violate(throttled);
  }

  /** What users gave: ways from their own security group to the nodes, and target groups. */
  async #prepare(): Promise<void> {
    const nodes = this.#id('sg/nodes');
    await this.#account.call('ec2', 'AuthorizeSecurityGroupIngress', {
      GroupId: nodes,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 8000,
          ToPort: 31_000,
          UserIdGroupPairs: [{ GroupId: this.#id('sg/front'), Description: foreignDescription }],
        },
      ],
    });
    for (const rule of this.#account.state.securityGroups.get(nodes)?.rules.values() ?? [])
      if (rule.description === foreignDescription) this.#foreign.securityGroupRule(nodes, rule.id);
    for (const name of ['tg/bound-ip', 'tg/bound-instance']) this.#foreign.boundTargetGroup(this.#id(name));
  }

  /** Time, cut short by a violation. */
  async #pass(ms: number): Promise<void> {
    let left = ms;
    while (left > 0 && this.#violation === undefined) {
      const part = Math.min(left, 5000);
      await this.#clock.advance(part);
      if (this.#isSharded && this.#cluster.finalizers() !== this.#expectedWith) await this.#expect();
      left -= part;
    }
  }

  async #converge(): Promise<void> {
    const until = this.#clock.now() + patienceMs;
    let quietSince = this.#clock.now();
    let left: readonly string[] = [];
    while (this.#clock.now() < until && this.#violation === undefined) {
      const changes = this.#changes;
      await this.#pass(lookMs);
      left = this.#differences();
      if (this.#changes > changes || left.length > 0) quietSince = this.#clock.now();
      else if (this.#clock.now() - quietSince > quietMs) return;
    }
    if (left.length > 0) this.#violate({ invariant: 'convergence', what: left.slice(0, 5).join('; ') });
  }

  /** A new process finds nothing to do, and then a change that means nothing costs nothing. */
  async #rest(): Promise<void> {
    for (const process of this.#processes) process.kill();
    this.#start();
    const changes = this.#changes;
    const from = this.#account.trace.mark;
    await this.#pass(noOpMs);
    if (
      this.#violation === undefined &&
      this.#changes > changes &&
      !lacksRoom(this.#scenario, this.#account, from) &&
      !opensOnly(this.#scenario, this.#account, from)
    )
      this.#violate({ invariant: 'convergence', what: 'a new process changes something' });
    // With ALBC's preset such a change is a run, as it is with ALBC, and facts that are too old are read again.
    const spent = (): number => (this.#scenario.preset === 'albc' ? this.#changes : this.#calls);
    const before = spent();
    if (this.#violation !== undefined || !this.#cluster.annotate()) return;
    await this.#pass(5000);
    if (spent() > before)
      this.#violate({
        invariant: 'no-op',
        what: `${spent() - before} calls for an annotation without meaning`,
      });
  }

  #differences(): readonly string[] {
    const { valid } = this.#checks.expected;
    const { ingresses } = this.#cluster;
    const isForeign = this.#scenario.steps.some(({ step }) => step.kind === 'foreign');
    // Of rules alone can it be told for an empty account.
    const isOfRules = 'rules-per-application-load-balancer' in (this.#scenario.knobs.quotas ?? {});
    const doAllFit = isOfRules && [...ingresses.keys()].every((name) => valid.has(name)) && !isForeign;
    const isTight = this.#isTight() && !doAllFit;
    return differences({
      account: this.#account,
      cluster: this.#cluster,
      checks: this.#checks,
      isTight: isTight || this.#hasDrifted,
      isAlbc: this.#scenario.preset === 'albc',
      isExclusive: this.#isExclusive(),
    });
  }

  #staleMs(): number {
    return this.#isDisturbed ? 400_000 : 60_000;
  }

  #isTight(): boolean {
    return Object.keys(this.#scenario.knobs.quotas ?? {}).length > 0;
  }

  #start(left: readonly Bequest[] = []): void {
    const process = new ControllerProcess({
      config: this.#config,
      clock: this.#clock,
      controlPlane: this.#account,
      api: this.#cluster.api.context,
      random: this.#random.next,
      overTheWire: this.#scenario.overTheWire,
      leaderElection: this.#scenario.steps.some(({ step }) => step.kind === 'partition'),
      left,
      around: (send) => {
        this.#calls += 1;
        return this.#around(process, send);
      },
      aroundWrite: (send) => this.#around(process, send),
      onKubeFault: (kind) => this.#count(`kubernetes ${kind}`),
      onBug: (what) => this.#violate({ invariant: 'no bug', what }),
    });
    this.#processes.push(process);
    this.#started += 1;
    process.start(`process-${this.#started}`);
  }

  async #around<T>(process: ControllerProcess, send: () => Promise<T>): Promise<T> {
    this.#moments += 1;
    const { killAt } = this.#scenario;
    const isLast = killAt?.call === this.#moments;
    if (isLast && killAt?.when === 'before') this.#kill(process);
    if (!process.alive) return new Promise(() => undefined);
    return send().finally(() => {
      if (isLast && killAt?.when === 'after') this.#kill(process);
    });
  }

  #kill(process: ControllerProcess): void {
    this.#count('kill');
    process.kill();
    void this.#clock.sleep(500 + this.#random.below(3000)).then(() => this.#start());
  }

  /** ALBC reads everything at a start. */
  #endsInOrder(): boolean {
    return this.#scenario.preset !== 'albc' && this.#scenario.seed % 2 === 1;
  }

  #end(process: ControllerProcess): void {
    this.#count('end in order');
    const wait = this.#clock.sleep(500 + this.#random.below(3000));
    void Promise.all([process.end(), wait]).then(([left]) => this.#start(structuredClone(left)));
  }

  #violate(violation: Violation): void {
    if (this.#violation !== undefined) return;
    this.#violation = {
      ...violation,
      step: this.#step,
      call: this.#calls,
      trace: lastCalls(this.#account.trace),
    };
  }

  #count(kind: string): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
  }

  #id(name: string): string {
    const id = this.#names.get(name);
    if (id === undefined) throw new Error(`the world has no ${name}`);
    return id;
  }

  async #expect(): Promise<void> {
    this.#expectedWith = this.#cluster.finalizers();
    const { signal } = new AbortController();
    const expected = await expectedNow(this.#cluster.snapshot(), this.#checks.keys, {
      config: this.#config.core,
      facts: (query) => this.#facts(query, { signal }),
    });
    const { ingresses, bindings } = this.#cluster;
    const bound = new Map([...bindings].map(([name, spec]) => [name, this.#cluster.endpoints(spec)]));
    this.#leftAlone.expect(expected, this.#cluster);
    this.#checks.expect(expected, { ingresses, bound, isUp: (id) => this.#cluster.isUp(id, undefined) });
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'hand':
      case 'foreign':
        await this.#stranger(step);
        return;
      case 'awsFault':
      case 'kubeFault':
      case 'compact':
      case 'kill':
      case 'partition':
        this.#disturb(step);
        return;
      default:
        if (step.kind !== 'pods' && step.kind !== 'node') this.#foreign.forgetChanged();
        if (step.kind === 'deleteAll') this.#leftAlone.deletedAtOnce();
        if (step.kind === 'allowDeletion') this.#leftAlone.agreed();
        this.#cluster.take(step);
        await this.#expect();
    }
  }

  #disturb(step: Disturbance): void {
    switch (step.kind) {
      case 'awsFault':
        this.#account.faults.add(faultOf(step, (kind) => this.#count(kind)));
        return;
      case 'kubeFault':
        this.#cluster.api.faults.add(step.fault);
        return;
      case 'compact':
        this.#count('kubernetes compaction');
        this.#cluster.api.compact();
        return;
      case 'kill':
        for (const process of this.#processes) {
          if (process.alive && this.#endsInOrder()) this.#end(process);
          else if (process.alive) this.#kill(process);
        }
        return;
      case 'partition': {
        const leader = this.#processes.find(({ alive, isLeading }) => alive && isLeading);
        if (leader === undefined) return;
        this.#count('leader change');
        leader.cut();
        this.#start();
      }
    }
  }

  /** Who keeps an eye on a stranger's thing. */
  #keeperOf(thing: ForeignThing): Foreign {
    const isOnOurs = thing !== 'targetGroup' && thing !== 'securityGroupRule';
    return isOnOurs && this.#isExclusive() ? new Foreign(this.#account) : this.#foreign;
  }

  #isExclusive(): boolean {
    return this.#scenario.options?.['foreign'] === 'remove';
  }

  /** What strangers change now is left as it is: it differs from what was wanted and there. */
  #isToStay(): boolean {
    const isSettled = this.#clock.now() - this.#changedAt > 60_000 || this.#foreign.hasChanged;
    return this.#scenario.options?.['drift'] !== undefined && isSettled && this.#differences().length === 0;
  }

  async #stranger(step: StrangersEdit): Promise<void> {
    if (step.kind === 'hand' && step.edit === 'revokeNodeRules') this.#cluster.shutWays();
    const call = async (service: string, operation: string, params: Record<string, unknown>) => {
      this.#isStranger = true;
      // Carried out before the first await.
      const running = this.#account.call(service, operation, params);
      this.#isStranger = false;
      return running as Promise<Record<string, never>>;
    };
    const given = { account: this.#account, call, id: (name: string) => this.#id(name), which: step.which };
    const concerned = step.kind === 'hand' && this.#isToStay() ? concernedBy(step.edit, given) : undefined;
    const making =
      step.kind === 'hand'
        ? makeHandEdit(step.edit, given)
        : makeForeign(step.thing, given, this.#keeperOf(step.thing));
    // A stranger may not see yet what was just made, and has the same quotas.
    const isDone = await making.catch((error: unknown) => {
      if (error instanceof SimulatedError) return false;
      throw error;
    });
    this.#hasDrifted ||= isDone && step.kind === 'hand' && this.#scenario.options?.['drift'] !== undefined;
    // Strangers may change each other's things, such as what was let go.
    this.#foreign.touched();
    if (isDone && concerned !== undefined) this.#foreign.changed(concerned.name, concerned.look);
    if (isDone) this.#count(step.kind === 'hand' ? `by hand ${step.edit}` : `foreign ${step.thing}`);
  }
}
