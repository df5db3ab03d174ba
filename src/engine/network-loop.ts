// Security group rules between load balancers and targets are shared by all groups, so one loop with one key writes
// them: grants before a group's own writes (`ensure`), revokes in a pass of its own once every group is known.

import type { CoreConfig } from '../core/domain/config.ts';
import { backendSecurityGroupId, type NetworkNeeds } from '../core/domain/desired-group.ts';
import type { GroupKey, ResourceId, SecurityGroupId } from '../core/domain/ids.ts';
import type { ObservedNetwork } from '../core/domain/network.ts';
import { emptyObservedGroup, type ObservedSecurityGroup } from '../core/domain/observed-group.ts';
import type { Attributes, Look } from '../core/domain/operation.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import { unreachableOnNodes } from '../core/plan/network-openings.ts';
import { unknownNeeds } from '../core/desired/network-needs.ts';
import { networkKey, networkPlan, networkQuery } from '../core/plan/network.ts';
import { remember } from '../core/plan/remember.ts';
import { type ApplyContext, applyOperations } from './apply.ts';
import type { Memory } from './memory.ts';
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
};

export type Ensured = {
  readonly outcomes: readonly Outcome[];
  readonly problems: readonly Problem[];
  /** Attributes that a group's operations may refer to. */
  readonly known: ReadonlyMap<ResourceId, Attributes>;
};

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
  /** Endpoints that AWS was asked about, found or not. */
  #asked = new Set<string>();
  /** Passes run one after the other: two at once could create the shared group twice. */
  #last: Promise<unknown> = Promise.resolve();
  /** Ends the present pass over all groups where it deletes the shared group. */
  #removal = new AbortController();

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  /** The next pass reads AWS again. */
  forget(): void {
    this.#observed = undefined;
    this.#asked = new Set();
  }

  /** Ids that plans may use, as far as they are known without asking. */
  knownIds(): ReadonlyMap<ResourceId, string> {
    const id = this.#context.config.backendSecurityGroup ?? this.#observed?.backendSecurityGroup?.id;
    return new Map(id === undefined ? [] : [[backendSecurityGroupId, id]]);
  }

  /** Target groups on nodes whose security group cannot be told, where the policy is not to fill them. */
  unreachable(): ReadonlySet<ResourceId> {
    const { config, memory } = this.#context;
    if (config.policy.unreachableNodes === 'register' || this.#observed === undefined) return new Set();
    return unreachableOnNodes([...memory.needs().values()], { observed: this.#observed, config });
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
    return this.#inTurn(() => this.#pass(false, { ...options, removal: options.signal }));
  }

  /** A pass over all groups' needs, with revokes where they are proven. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<Verdict> {
    const removal = new AbortController();
    this.#removal = removal;
    const { outcomes } = await this.#inTurn(() =>
      this.#pass(this.#context.complete(), { signal, removal: AbortSignal.any([signal, removal.signal]) }),
    );
    const gaveWay = outcomes.some(
      ({ kind, operation }) => kind !== 'done' && operation.kind === 'deleteSecurityGroup',
    );
    if (gaveWay && removal.signal.aborted) return { kind: 'again', afterMs: removalRetryMs };
    return retryPolicy(outcomes).verdict;
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
  ): Promise<Ensured> {
    const { memory, config, orphans } = this.#context;
    const unknown = complete ? orphans() : [];
    const needs = new Map([...unknown.map((key) => [key, unknownNeeds] as const), ...memory.needs()]);
    const isIdle = [...needs.values()].every(
      (need) => need.backendSecurityGroup === undefined && need.openings.length === 0,
    );
    // Nothing to grant; what there is to revoke is found once the observation is there, or in a complete pass.
    if (isIdle && !complete && this.#observed === undefined)
      return { outcomes: [], problems: [], known: this.#known() };
    const observed = await this.#observe(needs, options);
    const plan = networkPlan({ needs, observed, complete, config });
    const known = this.#known();
    const removes = plan.operations.some(({ kind }) => kind === 'deleteSecurityGroup');
    const { outcomes, look } = await applyOperations(plan.operations, this.#context, {
      known,
      onBug: () => this.forget(),
      signal: removes ? removal : options.signal,
    });
    this.#fold(outcomes, look);
    if (retryPolicy(outcomes).stale) this.forget();
    return { outcomes, problems: plan.problems, known: this.#known() };
  }

  #known(): ReadonlyMap<ResourceId, Attributes> {
    return new Map([...this.knownIds()].map(([resource, id]) => [resource, { id }]));
  }

  /** Only endpoints that were never asked about cost a call. */
  async #observe(
    needs: ReadonlyMap<GroupKey, NetworkNeeds>,
    options: { readonly signal: AbortSignal },
  ): Promise<ObservedNetwork> {
    const before = this.#observed;
    const query = networkQuery(needs);
    const unasked = (endpoints: readonly string[]) =>
      endpoints.filter((endpoint) => !this.#asked.has(endpoint));
    const missing = { instanceIds: unasked(query.instanceIds), podAddresses: unasked(query.podAddresses) };
    const count = missing.instanceIds.length + missing.podAddresses.length;
    if (before !== undefined && count === 0) return before;
    this.#observed = await this.#context.aws.observeNetwork(missing, { ...options, before });
    for (const endpoint of [...missing.instanceIds, ...missing.podAddresses]) this.#asked.add(endpoint);
    return this.#observed;
  }

  #fold(outcomes: readonly Outcome[], look: Look): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'done')
        this.#observed = rememberNetwork(this.#observed ?? nothingSeen, outcome, look);
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
