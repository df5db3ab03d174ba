// Members on their way from one group to another. Nothing waits inside a run: each looks how far they have come, and asks for
// another one. What is timed here begins anew after a restart, which only makes the old group serve a little longer.

import type { CoreConfig } from '../core/domain/config.ts';
import type { GroupModel } from '../core/domain/group-model.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { arrivals, dnsTimeToLiveMs, isNamedHere, movers } from '../core/model/moves.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import type { Clock } from '../lib/clock.ts';
import type { Memory } from './memory.ts';
import type { AwsPort, Options } from './ports.ts';
import type { Verdict } from './work-queue.ts';

type Context = {
  readonly aws: Pick<AwsPort, 'observeTargets'>;
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly provisioningIntervalMs: number;
};

/** Between two looks at something that moves. */
const lookMs = 5000;

/** Members that left and are named elsewhere for so long that nobody can have the name of a load balancer of here any more. */
export function forgottenNames(
  model: GroupModel,
  world: {
    readonly observed: ObservedGroup;
    readonly snapshot: Snapshot;
    readonly config: CoreConfig;
  },
  { memory, clock }: Pick<Context, 'memory' | 'clock'>,
): ReadonlySet<NamespacedName> {
  const { unnamedSince: before } = memory.group(model.key);
  const unnamed = movers(model, world).filter(({ id }) => !isNamedHere(id, world));
  const since = new Map(unnamed.map(({ id }) => [id, before.get(id) ?? clock.now()]));
  if (since.size + before.size > 0) memory.update(model.key, { unnamedSince: since });
  return new Set([...since].flatMap(([id, at]) => (clock.now() - at >= dnsTimeToLiveMs ? [id] : [])));
}

/** Members that come from another group and must not be named here yet: something of theirs is not ready to answer. */
export async function stillArriving(
  {
    planned,
    observed,
    snapshot,
    isDone,
  }: {
    readonly planned: GroupPlan;
    /** After the plan. */
    readonly observed: ObservedGroup;
    readonly snapshot: Snapshot;
    /** Everything of the plan was done. */
    readonly isDone: boolean;
  },
  { aws, config, memory }: Context,
  options: Options,
): Promise<ReadonlySet<NamespacedName>> {
  const { model, desired } = planned;
  const members = arrivals(model, { observed, snapshot, config }).map(({ member }) => member.id);
  if (members.length === 0) return new Set();
  const found = observed.loadBalancers.find(({ name }) => name === desired.loadBalancer?.name);
  // Only AWS knows when it has become active.
  if (found?.state === 'provisioning') memory.update(model.key, { reread: true });
  const isServing =
    isDone && found?.state === 'active' && (desired.loadBalancer?.waitingPorts ?? []).length === 0;
  if (!isServing) return new Set(members);
  const waiting = new Set<NamespacedName>();
  for (const id of members) if (!(await isHealthy(id, { planned, observed }, aws, options))) waiting.add(id);
  return waiting;
}

/** Half of the targets, as before other moves of traffic (core/plan/warm-up.ts). */
async function isHealthy(
  member: NamespacedName,
  { planned: { desired }, observed }: { readonly planned: GroupPlan; readonly observed: ObservedGroup },
  aws: Context['aws'],
  options: Options,
): Promise<boolean> {
  const own = desired.targetGroups.filter(
    ({ member: ref, targets }) => `${ref.namespace}/${ref.name}` === member && targets.length > 0,
  );
  for (const { name, targets } of own) {
    const arn = observed.targetGroups.find((group) => group.name === name)?.arn;
    if (arn === undefined) return false;
    const registered = await aws.observeTargets(arn, options);
    const healthy = registered.filter(({ state }) => state === 'healthy').length;
    if (healthy < Math.ceil(targets.length / 2)) return false;
  }
  return true;
}

/** The verdict of a run that did all it wanted: sooner where somebody moves. */
export function whileMoving(
  verdict: Verdict,
  {
    model: { key, held },
    arriving,
  }: { readonly model: GroupModel; readonly arriving: ReadonlySet<NamespacedName> },
  { memory, provisioningIntervalMs }: Pick<Context, 'memory' | 'provisioningIntervalMs'>,
): Verdict {
  const isMoving = arriving.size > 0 || held.some(({ movesTo }) => movesTo !== undefined);
  if (!isMoving || verdict.kind === 'backOff') return verdict;
  const ownMs = memory.group(key).reread ? provisioningIntervalMs : lookMs;
  return { kind: 'again', afterMs: verdict.kind === 'again' ? Math.min(verdict.afterMs, ownMs) : ownMs };
}
