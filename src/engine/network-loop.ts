// Security group rules between load balancers and targets are shared by all groups, so one loop with one key writes
// them: grants before a group's own writes (`ensure`), revokes in a pass of its own once every group is known.

import type { CoreConfig } from '../core/domain/config.ts';
import { backendSecurityGroupId, type NetworkNeeds } from '../core/domain/desired-group.ts';
import type { GroupKey, ResourceId, SecurityGroupId } from '../core/domain/ids.ts';
import { type ObservedNetwork, sharedRuleDescription } from '../core/domain/network.ts';
import { emptyObservedGroup, type ObservedSecurityGroup } from '../core/domain/observed-group.ts';
import type { Attributes, Look, Operation } from '../core/domain/operation.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import {
  type ResolvedNeeds,
  resolvedNeeds,
  sourceKey,
  unreachableOnNodes,
} from '../core/plan/network-openings.ts';
import { unknownNeeds } from '../core/desired/network-needs.ts';
import { networkKey, networkPlan } from '../core/plan/network.ts';
import { remember } from '../core/plan/remember.ts';
import type { Clock } from '../lib/clock.ts';
import { type ApplyContext, applyOperations } from './apply.ts';
import { EndpointLookUps } from './endpoint-look-ups.ts';
import type { Memory } from './memory.ts';
import { NetworkDrift } from './network-drift.ts';
import type { AwsPort } from './ports.ts';
import { retryPolicy } from './retry.ts';
import type { Verdict } from './work-queue.ts';

export type NetworkContext = ApplyContext & {
  readonly aws: AwsPort;
  readonly config: CoreConfig;
  readonly memory: Memory;
  /** Whether every group of a complete snapshot has been planned: only then may anything be revoked. */
  readonly complete: () => boolean;
  /** Groups in AWS that the cluster knows nothing of. They are kept, and so are the ways to their targets. */
  readonly orphans: () => readonly GroupKey[];
  /** Whether nobody else keeps rules with our mark in this cluster (core/plan/network.ts). */
  readonly alone: () => boolean;
  readonly clock: Clock;
  /** What these need was refused or has drifted, as somebody else's run found: their own will meet it and tell. */
  readonly onNews: (keys: readonly GroupKey[]) => void;
};

export type Ensured = {
  /** Of what this group or binding needs; what others need too is among it. */
  readonly outcomes: readonly Outcome[];
  readonly problems: readonly Problem[];
  /** Attributes that a group's operations may refer to. */
  readonly known: ReadonlyMap<ResourceId, Attributes>;
};

/** What came of an operation, and who needs it. */
type Result = { readonly outcome: Outcome; readonly owners: readonly GroupKey[] };
type Passed = Omit<Ensured, 'outcomes'> & { readonly results: readonly Result[] };

const nothingSeen: ObservedNetwork = {
  backendSecurityGroup: undefined,
  endpointGroups: new Map(),
  securityGroups: new Map(),
};

/** When a deletion that gave way is tried again; by then the group that was in need of the network has told what it needs. */
const removalRetryMs = 5000;

export class NetworkLoop {
  readonly #context: NetworkContext;
  #observed: ObservedNetwork | undefined;
  readonly #lookUps: EndpointLookUps;
  /** What needs come to; most of them stay the same while others change. */
  #resolved = new WeakMap<NetworkNeeds, ResolvedNeeds>();
  /** Sources that somebody asked for since the start. */
  readonly #sources = new Set<string>();
  /** Security groups of load balancers that were let go: others rely on them from now on. The next inventory says so, too. */
  readonly #released = new Set<string>();
  /** By security group whose rules AWS refused: who has been told. */
  readonly #told = new Map<ResourceId, ReadonlySet<GroupKey>>();
  /** What others took away of what is wanted. */
  readonly drift: NetworkDrift;
  /** Passes run one after the other: two at once could create the shared group twice. */
  #last: Promise<unknown> = Promise.resolve();
  /** Ends the present pass over all groups where it deletes the shared group. */
  #removal = new AbortController();

  constructor(context: NetworkContext) {
    this.#context = context;
    this.drift = new NetworkDrift(context);
    this.#lookUps = new EndpointLookUps(context.clock);
  }

  /** The next pass reads AWS again. */
  forget(): void {
    this.#observed = undefined;
    this.#lookUps.forget();
    this.#resolved = new WeakMap();
  }

  /** What leads from these security groups to targets stays open. */
  released(securityGroups: readonly SecurityGroupId[]): void {
    for (const id of securityGroups) this.#released.add(id);
  }

  /** Ids that plans may use, as far as they are known without asking. */
  knownIds(): ReadonlyMap<ResourceId, string> {
    const id = this.#context.config.backendSecurityGroup ?? this.#observed?.backendSecurityGroup?.id;
    return new Map(id === undefined ? [] : [[backendSecurityGroupId, id]]);
  }

  /** Makes `knownIds` whole where nothing was read yet; writes nothing. Rejects when AWS cannot be read. */
  async look(options: { readonly signal: AbortSignal }): Promise<void> {
    await this.#inTurn(async () => this.#observed ?? (await this.#observe(new Map(), options)));
  }

  /** Target groups on nodes whose security group cannot be told, where the policy is not to fill them. */
  unreachable(): ReadonlySet<ResourceId> {
    const { config, memory } = this.#context;
    if (config.policy.unreachableNodes === 'register' || this.#observed === undefined) return new Set();
    return unreachableOnNodes([...memory.needs().values()], { observed: this.#observed, config });
  }

  /** Whether rules of ours on nodes or pods let this security group in, as far as is known: AWS does not delete it before they go. */
  letsIn(id: SecurityGroupId): boolean {
    const rules = [...(this.#observed?.securityGroups.values() ?? [])].flatMap(({ ingress }) => ingress);
    return rules.some(
      ({ source, description }) =>
        description === sharedRuleDescription && source.kind === 'securityGroup' && source.id === id,
    );
  }

  /** Makes sure that what a group needs is granted, before the group's own writes. Rejects when AWS cannot be read. */
  async ensure(
    key: GroupKey,
    needs: NetworkNeeds,
    options: { readonly signal: AbortSignal },
  ): Promise<Ensured> {
    this.#context.memory.update(key, { needs });
    // The interfaces of a deleted load balancer hold the shared group for minutes; no group waits in line for that.
    this.#removal.abort(new Error('a group needs the network'));
    const ensured = await this.#inTurn(() => this.#pass(false, { ...options, removal: options.signal }));
    for (const result of ensured.results) this.#noteRefusal(result, key);
    const own = ensured.results.filter(({ owners }) => owners.includes(key));
    return { ...ensured, outcomes: own.map(({ outcome }) => outcome) };
  }

  /** A pass over all groups' needs, with revokes where they are proven. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<Verdict> {
    const removal = new AbortController();
    this.#removal = removal;
    const { results } = await this.#inTurn(() =>
      this.#pass(this.#context.complete(), { signal, removal: AbortSignal.any([signal, removal.signal]) }),
    );
    const gaveWay = results.some(
      ({ outcome }) => outcome.kind !== 'done' && outcome.operation.kind === 'deleteSecurityGroup',
    );
    if (gaveWay && removal.signal.aborted) return { kind: 'again', afterMs: removalRetryMs };
    // Whoever needs what was refused tries again in a run of its own.
    const nobodys = results.filter((result) => !this.#noteRefusal(result, undefined));
    const { verdict } = retryPolicy(nobodys.map(({ outcome }) => outcome));
    const unknownIn = this.#lookUps.nextIn(this.#context.memory.needs());
    return verdict.kind === 'rest' && unknownIn !== undefined
      ? { kind: 'again', afterMs: unknownIn }
      : verdict;
  }

  /** Sends the refusal of a grant to those who need it and have not heard of it. Returns whether there are such owners. */
  #noteRefusal({ outcome: { kind, operation }, owners }: Result, told: GroupKey | undefined): boolean {
    if (operation.kind !== 'authorizeIngress') return false;
    const { subject } = operation;
    if (kind === 'done') this.#told.delete(subject);
    if (kind !== 'failed') return false;
    const before = this.#told.get(subject) ?? new Set();
    const news = owners.filter((key) => key !== told && !before.has(key));
    this.#told.set(subject, new Set(owners));
    if (news.length > 0) this.#context.onNews(news);
    return owners.length > 0;
  }

  #resultOf(outcome: Outcome): Result {
    const needs = [...this.#context.memory.needs()];
    const owners = needs.filter(([, need]) => this.#isFor(need, outcome.operation)).map(([key]) => key);
    return { outcome, owners };
  }

  /** Whether an operation does something for these needs. */
  #isFor(needs: NetworkNeeds, operation: Operation): boolean {
    if (operation.kind !== 'authorizeIngress' && operation.kind !== 'revokeIngress')
      return needs.backendSecurityGroup !== undefined;
    const { securityGroup } = operation;
    return this.#resolve(needs).grants.some(({ group }) => group === securityGroup);
  }

  #resolve(needs: NetworkNeeds): ResolvedNeeds {
    const known = this.#resolved.get(needs);
    if (known !== undefined) return known;
    const observed = this.#observed ?? nothingSeen;
    const resolved = resolvedNeeds(needs, { observed, config: this.#context.config });
    if (resolved.whole) {
      this.#resolved.set(needs, resolved);
      for (const { source } of resolved.grants) this.#sources.add(sourceKey(source));
    }
    return resolved;
  }

  async #inTurn<T>(pass: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(pass, pass);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** `removal` is the signal for a pass that deletes the shared group. */
  async #pass(
    complete: boolean,
    { removal, ...options }: { readonly signal: AbortSignal; readonly removal: AbortSignal },
  ): Promise<Passed> {
    const { memory, config, orphans } = this.#context;
    const unknown = complete ? orphans() : [];
    const needs = new Map([...unknown.map((key) => [key, unknownNeeds] as const), ...memory.needs()]);
    const isIdle = [...needs.values()].every(
      (need) => need.backendSecurityGroup === undefined && need.openings.length === 0,
    );
    // Nothing to grant; what there is to revoke is found once the observation is there, or in a complete pass.
    if (isIdle && !complete && this.#observed === undefined)
      return { results: [], problems: [], known: this.#known() };
    const observed = await this.#observe(needs, options);
    const plan = networkPlan({
      needs,
      observed: { ...observed, others: new Set([...(observed.others ?? []), ...this.#released]) },
      complete,
      config,
      alone: this.#context.alone(),
      earlierSources: this.#sources,
      resolve: (need) => this.#resolve(need),
      drift: this.drift.input(),
    });
    const known = this.#known();
    const removes = plan.operations.some(({ kind }) => kind === 'deleteSecurityGroup');
    const { outcomes, look } = await applyOperations(plan.operations, this.#context, {
      known,
      onBug: () => this.forget(),
      signal: removes ? removal : options.signal,
    });
    this.#fold(outcomes, look);
    const drifted = this.drift.passed(plan, this.#observed ?? observed);
    if (drifted.length > 0) this.#context.onNews(drifted);
    // Before anything is forgotten: whose an outcome is follows from what was seen.
    const results = outcomes.map((outcome) => this.#resultOf(outcome));
    if (retryPolicy(outcomes).stale) this.forget();
    return { results, problems: plan.problems, known: this.#known() };
  }

  #known(): ReadonlyMap<ResourceId, Attributes> {
    return new Map([...this.knownIds()].map(([resource, id]) => [resource, { id }]));
  }

  /** Only endpoints that are due cost a call. */
  async #observe(
    needs: ReadonlyMap<GroupKey, NetworkNeeds>,
    options: { readonly signal: AbortSignal },
  ): Promise<ObservedNetwork> {
    const before = this.#observed;
    const query = this.#lookUps.due(needs);
    if (before !== undefined && query.instanceIds.length + query.podAddresses.length === 0) return before;
    this.#observed = await this.#context.aws.observeNetwork(query, { ...options, before });
    this.#lookUps.answered(needs, query, this.#observed);
    return this.#observed;
  }

  #fold(outcomes: readonly Outcome[], look: Look): void {
    for (const outcome of outcomes) {
      // Forgotten meanwhile: the next pass reads it.
      if (outcome.kind === 'done' && this.#observed !== undefined)
        this.#observed = rememberNetwork(this.#observed, outcome, look);
    }
  }
}

/** Folds a done operation into the observation, as `remember` does for a group. */
function rememberNetwork(
  observed: ObservedNetwork,
  { operation, attributes }: Extract<Outcome, { kind: 'done' }>,
  look: Look,
): ObservedNetwork {
  const all = new Map<SecurityGroupId, ObservedSecurityGroup>(observed.securityGroups);
  const backend = observed.backendSecurityGroup;
  if (backend !== undefined) all.set(backend.id, backend);
  const before = { ...emptyObservedGroup(networkKey), securityGroups: [...all.values()] };
  const after = remember(before, { operation, attributes, look }).securityGroups;
  const backendId = operation.kind === 'createSecurityGroup' ? attributes.id : backend?.id;
  return {
    ...observed,
    backendSecurityGroup: after.find(({ id }) => id === backendId),
    securityGroups: new Map(
      after.filter(({ id }) => observed.securityGroups.has(id)).map((group) => [group.id, group]),
    ),
  };
}
