// A plan against AWS, with what the network has to grant for it: before the first write; or, as ALBC does it, just before
// targets are registered, so that nothing is opened for what AWS turns down.

import { forwardedTo } from '../core/desired/gated-forwards.ts';
import type { DesiredGroup, NetworkNeeds } from '../core/domain/desired-group.ts';
import type { GroupKey, ResourceId } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Operation } from '../core/domain/operation.ts';
import type { Refusal } from '../core/domain/outcome.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { movesTraffic, splitAtTargets } from '../core/plan/one-by-one.ts';
import { type Applied, applyOperations, attributesAfter } from './apply.ts';
import { lookIn } from './execute.ts';
import type { Memory } from './memory.ts';
import type { Ensured, NetworkContext, NetworkLoop } from './network-loop.ts';

export type Deployed = {
  readonly planned: GroupPlan;
  readonly ensured: Ensured;
  /** Why AWS could not be asked for what the network has to grant, where that holds up nothing else. */
  readonly unread: Refusal | undefined;
  readonly applied: Applied;
  /** The shared security group is not known, so that nothing could be done. */
  readonly lacks: boolean;
  /** Security groups are left to a later run, when nothing lets them in any more. */
  readonly postponed: boolean;
  /** Target groups that the deployment did not get to: nothing is opened for them. */
  readonly unreached: ReadonlySet<ResourceId>;
  /** Target groups that get no targets: those, and others whose nodes nobody could open. */
  readonly unfilled: ReadonlySet<ResourceId>;
};

type Input = {
  readonly first: GroupPlan;
  /** The plan with what has become known of the network. */
  readonly plan: () => GroupPlan;
  readonly needs: NetworkNeeds;
  readonly observed: ObservedGroup;
  readonly onPlan: (planned: GroupPlan) => Promise<void>;
  readonly onBug: () => void;
  readonly signal: AbortSignal;
};
type Context = Pick<NetworkContext, 'aws' | 'config' | 'log' | 'metrics' | 'clock' | 'changes'> & {
  readonly memory: Memory;
  readonly network: NetworkLoop;
};

const none: ReadonlySet<ResourceId> = new Set();

/** Carries out the plan of a group. Rejects when AWS cannot be read. */
export async function deploy(input: Input, context: Context): Promise<Deployed> {
  const { first, needs, observed, onBug, signal } = input;
  const { network, config } = context;
  const { key } = first.desired;
  const stops = config.policy.afterRefusal === 'stop';
  const fresh = stops ? freshTargetGroups(first.desired, observed, context) : none;
  const ensured = await network.ensure(key, withoutOpenings(needs, fresh), { signal });
  // The id of the shared security group may just have become known, and it is part of what is compared.
  const planned = input.plan();
  await input.onPlan(planned);
  const due = dueNow(planned.plan.operations, network);
  const result = { planned, ensured, unread: undefined, lacks: false, unreached: none, unfilled: none };
  const postponed = due.length < planned.plan.operations.length;
  if (planned.plan.standstill === undefined && lacksBackendGroup(planned.desired, network))
    return { ...result, lacks: true, postponed, applied: { outcomes: [], look: lookIn(new Map()) } };
  const apply = (operations: readonly Operation[], known = ensured.known): Promise<Applied> =>
    applyOperations(operations, context, { known, group: key, onBug, signal });
  if (fresh.size === 0) {
    const shut = stops ? shutTargetGroups(planned.desired, ensured, context) : none;
    return { ...result, postponed, unfilled: shut, applied: await apply(due) };
  }
  const [before, from] = splitAtTargets(due);
  const applied = await apply(before);
  if (!applied.outcomes.every(({ kind }) => kind === 'done'))
    return { ...result, postponed, applied, unreached: fresh, unfilled: fresh };
  const granted = await grant(key, needs, context, { signal });
  const shut = shutTargetGroups(planned.desired, granted, context);
  const isMoved = movesTraffic(planned.plan);
  const rest = from.filter(
    ({ kind, subject }) => isMoved || kind !== 'registerTargets' || !shut.has(subject),
  );
  const more = await apply(among(rest), attributesAfter(granted.known, applied.outcomes));
  return {
    ...result,
    ensured: { ...granted, outcomes: [...ensured.outcomes, ...granted.outcomes] },
    unread: granted.unread,
    postponed,
    unfilled: shut,
    applied: { outcomes: [...applied.outcomes, ...more.outcomes], look: more.look },
  };
}

type Granted = Ensured & { readonly unread: Refusal | undefined };

/** In ALBC another controller opens nodes and pods: what it meets there is not the group's failure. */
async function grant(
  key: GroupKey,
  needs: NetworkNeeds,
  { network, aws }: Context,
  options: { readonly signal: AbortSignal },
): Promise<Granted> {
  try {
    return { ...(await network.ensure(key, needs, options)), unread: undefined };
  } catch (error) {
    const unread = aws.refusalOf(error);
    if (unread === undefined) throw error;
    const known = new Map([...network.knownIds()].map(([resource, id]) => [resource, { id }]));
    return { outcomes: [], problems: [], known, unread };
  }
}

/** Those that nothing forwards to yet and nobody has filled. */
function freshTargetGroups(
  { targetGroups }: DesiredGroup,
  observed: ObservedGroup,
  { memory }: Context,
): ReadonlySet<ResourceId> {
  const arns = forwardedTo(observed);
  const used = new Set(observed.targetGroups.filter(({ arn }) => arns.has(arn)).map(({ name }) => name));
  return new Set(
    targetGroups
      .filter(({ name }) => !used.has(name) && memory.binding(name) === undefined)
      .map(({ id }) => id),
  );
}

/** ALBC registers pods whatever becomes of the rules towards them, and nodes only behind theirs. */
function shutTargetGroups(
  { targetGroups }: DesiredGroup,
  { outcomes, ...granted }: Ensured | Granted,
  { network, memory }: Context,
): ReadonlySet<ResourceId> {
  const isRefused =
    ('unread' in granted && granted.unread !== undefined) ||
    outcomes.some(({ kind, operation }) => kind !== 'done' && operation.kind === 'authorizeIngress');
  const unreachable = network.unreachable();
  return new Set(
    targetGroups
      .filter(({ name }) => memory.binding(name) === undefined)
      .filter(({ id, targetType }) => unreachable.has(id) || (isRefused && targetType === 'instance'))
      .map(({ id }) => id),
  );
}

/** The needs without what only these target groups need. */
export const withoutOpenings = (needs: NetworkNeeds, ids: ReadonlySet<ResourceId>): NetworkNeeds =>
  ids.size === 0
    ? needs
    : { ...needs, openings: needs.openings.filter(({ targetGroup }) => !ids.has(targetGroup)) };

/** Operations that wait for each other only. */
function among(operations: readonly Operation[]): readonly Operation[] {
  const ids = new Set(operations.map(({ id }) => id));
  return operations.map((operation) => ({
    ...operation,
    dependsOn: operation.dependsOn.filter((id) => ids.has(id)),
  }));
}

/** Those that need not wait for the network, and for nothing that does. */
function dueNow(operations: readonly Operation[], network: NetworkLoop): readonly Operation[] {
  const waiting = new Set(operations.filter((operation) => isLetIn(operation, network)).map(({ id }) => id));
  return operations.filter(
    ({ id, dependsOn }) => !waiting.has(id) && !dependsOn.some((other) => waiting.has(other)),
  );
}

/** A security group that nodes and pods still let in goes after the next pass of the network, which closes that. */
const isLetIn = (operation: Operation, network: NetworkLoop): boolean =>
  operation.kind === 'deleteSecurityGroup' && network.letsIn(operation.securityGroup);

/** Without the shared security group nothing of the group can be made; the refusal to create it is reported instead. */
const lacksBackendGroup = (
  { network: { backendSecurityGroup } }: DesiredGroup,
  network: NetworkLoop,
): boolean => backendSecurityGroup !== undefined && network.knownIds().size === 0;
