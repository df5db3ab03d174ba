// What AWS has for one group, at the lowest price: from memory, or nothing at all for a group that the inventory does not
// know, or read by ARN.

import { adoptableArn, withoutStrangers } from '../core/domain/adoption.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { GroupModel, NamedSetting } from '../core/domain/group-model.ts';
import type { GroupKey, LoadBalancerArn } from '../core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../core/domain/observed-group.ts';
import { type Confirmed, confirmedSince, corrected, nothingConfirmed } from '../core/plan/confirmed.ts';
import { variants } from '../core/overflow/parts.ts';
import { namesOf } from '../core/desired/second-names.ts';
import { holdsOn } from '../core/report/finalizers.ts';
import type { Clock } from '../lib/clock.ts';
import type { BelievedTags } from './believed-tags.ts';
import type { InventoryCache } from './inventory.ts';
import type { Memory } from './memory.ts';
import type { GroupResources, ObservationDepth } from '../core/domain/observation.ts';
import type { AwsPort } from './ports.ts';
import { settlingMs } from './settling.ts';

export type ObservationContext = {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly aws: Pick<AwsPort, 'observeGroup' | 'presentCertificates'>;
  readonly inventory: InventoryCache;
  readonly memory: Memory;
  readonly believedTags: BelievedTags;
  readonly auditIntervalMs: number;
};

/** How much must be read for a plan of this model: attributes only where some are managed. */
export function depthFor(model: GroupModel, config: CoreConfig): ObservationDepth {
  const isNamed = (setting: NamedSetting): boolean => model.named?.has(setting) === true;
  const withAttributes = model.targetGroups.filter(({ attributes }) => Object.keys(attributes).length > 0);
  return {
    loadBalancerAttributes:
      isNamed('attributes') ||
      [model.loadBalancer, model.frontendNlb].some(
        (intent) => Object.keys(intent?.attributes ?? {}).length > 0,
      ),
    capacityReservation: isNamed('capacityUnits') || model.loadBalancer.capacityUnits !== undefined,
    webAcl: isNamed('webAcl') || model.loadBalancer.webAcl !== undefined,
    classicWebAcl: isNamed('classicWebAclId') || model.loadBalancer.classicWebAclId !== undefined,
    shieldProtection: isNamed('shieldProtection') || model.loadBalancer.shieldProtection !== undefined,
    listenerAttributes:
      isNamed('listenerAttributes') ||
      model.listeners.some(({ attributes }) => Object.keys(attributes).length > 0),
    targetGroupAttributes: new Set(
      withAttributes.flatMap(variants).flatMap((intent) => namesOf(intent, model, config)),
    ),
    listenerCertificates: model.listeners.some(({ protocol }) => protocol === 'HTTPS'),
  };
}

/** The present observation of a group; remembers what it had to read. */
export async function observation(
  model: GroupModel,
  context: ObservationContext,
  options: { readonly signal: AbortSignal },
): Promise<ObservedGroup> {
  const { memory, clock } = context;
  const { staleSince, ...remembered } = memory.group(model.key);
  const observed = remembered.observed && withoutStrangers(remembered.observed, model.adopts);
  const adopted = adoptedArn(model, context.config, observed);
  const isFresh = staleSince === undefined && !remembered.reread && adopted.length === 0;
  if (observed !== undefined && isFresh && isDeepEnough(observed, depthFor(model, context.config)))
    return withPresentCertificates(observed, context, options);
  const at = clock.now();
  const found = await context.inventory.resources(model.key, staleSince ?? Number.NEGATIVE_INFINITY, options);
  const listed = observed === undefined ? found : united(found, resourcesOf(observed));
  const described = asCandidates(
    await readGroup(model, withLoadBalancers(listed, adopted), { observed, context, options }),
    [...adopted, ...candidatesOf(observed)],
  );
  const confirmed = outweighing(remembered.confirmed, { at, adopted, context });
  const read = corrected(described, { known: observed, confirmed });
  // Something may have become uncertain while it was being read.
  const { staleSince: now } = memory.group(model.key);
  memory.update(model.key, {
    observed: read,
    confirmed,
    inherited: false,
    observedAt: at,
    staleSince: now === staleSince ? undefined : now,
    reread: false,
    ...(observed === undefined && isFound(model) ? { settledAt: at + settlingMs(context) } : {}),
  });
  return read;
}

/** What a reading of now cannot contradict. */
function outweighing(
  confirmed: Confirmed,
  of: { readonly at: number; readonly adopted: readonly string[]; readonly context: ObservationContext },
): Confirmed {
  const { at, adopted, context } = of;
  if (context.config.policy.readings === 'count') return nothingConfirmed;
  return confirmedSince(confirmed, at - settlingMs(context), adopted);
}

/** Somebody worked on the group before this process did. */
const isFound = ({ identity, members, held, leaving }: GroupModel): boolean =>
  [...members, ...held, ...leaving].some((member) => holdsOn(member, identity));

/** Only ACM knows when a certificate is issued: those that are waited for are read each time, the others never change. */
async function withPresentCertificates(
  observed: ObservedGroup,
  { aws, memory }: ObservationContext,
  options: { readonly signal: AbortSignal },
): Promise<ObservedGroup> {
  const waiting = observed.certificates.filter(({ status }) => status !== 'issued');
  if (waiting.length === 0) return observed;
  const read = await aws.presentCertificates(waiting, options);
  const certificates = observed.certificates.flatMap((before) => {
    if (!waiting.includes(before)) return [before];
    const now = read.find(({ arn }) => arn === before.arn);
    return now === undefined ? [] : [{ ...now, recordsWritten: before.recordsWritten }];
  });
  memory.update(observed.key, { observed: { ...observed, certificates } });
  return { ...observed, certificates };
}

function isDeepEnough({ loadBalancers, targetGroups }: ObservedGroup, depth: ObservationDepth): boolean {
  const listeners = loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  const unread = (wanted: boolean, values: readonly unknown[]): boolean =>
    wanted && values.includes(undefined);
  return !(
    unread(
      depth.loadBalancerAttributes,
      loadBalancers.map(({ attributes }) => attributes),
    ) ||
    unread(
      depth.capacityReservation,
      loadBalancers.map(({ capacityUnits }) => capacityUnits),
    ) ||
    unread(
      depth.webAcl,
      loadBalancers.map(({ webAclArn }) => webAclArn),
    ) ||
    unread(
      depth.classicWebAcl,
      loadBalancers.map(({ classicWebAclId }) => classicWebAclId),
    ) ||
    unread(
      depth.shieldProtection,
      loadBalancers.map(({ shieldProtection }) => shieldProtection),
    ) ||
    unread(
      depth.listenerAttributes,
      listeners.map(({ attributes }) => attributes),
    ) ||
    unread(
      depth.listenerCertificates,
      listeners.filter(({ protocol }) => protocol === 'HTTPS').map(({ certificates }) => certificates),
    ) ||
    unread(
      true,
      targetGroups
        .filter(({ name }) => depth.targetGroupAttributes.has(name))
        .map(({ attributes }) => attributes),
    )
  );
}

function resourcesOf({
  loadBalancers,
  targetGroups,
  securityGroups,
  certificates,
}: ObservedGroup): GroupResources {
  return {
    loadBalancerArns: loadBalancers.map(({ arn }) => arn),
    targetGroupArns: targetGroups.map(({ arn }) => arn),
    securityGroupIds: securityGroups.map(({ id }) => id),
    certificateArns: certificates.map(({ arn }) => arn),
  };
}

/** What the inventory lists may be behind (tags are found late), what we remember may be gone: both are asked for. */
function united(one: GroupResources, other: GroupResources): GroupResources {
  return {
    loadBalancerArns: [...new Set([...one.loadBalancerArns, ...other.loadBalancerArns])],
    targetGroupArns: [...new Set([...one.targetGroupArns, ...other.targetGroupArns])],
    securityGroupIds: [...new Set([...one.securityGroupIds, ...other.securityGroupIds])],
    certificateArns: [...new Set([...one.certificateArns, ...other.certificateArns])],
  };
}

function isNothing({ others: _others, claimed: _claimed, ...resources }: GroupResources): boolean {
  return Object.values(resources).every((ids: readonly string[]) => ids.length === 0);
}

/** Marks what is remembered of a group as uncertain from now on. */
export function distrust(
  key: GroupKey,
  context: Pick<ObservationContext, 'memory' | 'clock' | 'auditIntervalMs'>,
): void {
  const now = context.clock.now();
  context.memory.update(key, { staleSince: now, settledAt: now + settlingMs(context) });
}

/**
 * Milliseconds until a look at AWS can tell that nothing of the group is left, and the next run is such a look; undefined
 * where the last one was.
 */
export function unsettledFor(
  key: GroupKey,
  { memory, clock }: Pick<ObservationContext, 'memory' | 'clock'>,
): number | undefined {
  const { observedAt, settledAt } = memory.group(key);
  if (observedAt >= settledAt) return undefined;
  memory.update(key, { staleSince: settledAt });
  return Math.max(0, settledAt - clock.now());
}

async function readGroup(
  model: GroupModel,
  resources: GroupResources,
  {
    observed,
    context,
    options,
  }: {
    readonly observed: ObservedGroup | undefined;
    readonly context: ObservationContext;
    readonly options: { readonly signal: AbortSignal };
  },
): Promise<ObservedGroup> {
  if (isNothing(resources)) return emptyObservedGroup(model.key);
  const depth = depthFor(model, context.config);
  return context.believedTags.over(
    await context.aws.observeGroup(model.key, resources, depth, options),
    observed,
  );
}

const candidatesOf = (observed: ObservedGroup | undefined): readonly LoadBalancerArn[] =>
  (observed?.loadBalancers ?? []).flatMap(({ arn, isCandidate }) => (isCandidate === true ? [arn] : []));

const asCandidates = (observed: ObservedGroup, arns: readonly LoadBalancerArn[]): ObservedGroup =>
  arns.length === 0
    ? observed
    : {
        ...observed,
        loadBalancers: observed.loadBalancers.map((found) =>
          arns.includes(found.arn) ? { ...found, isCandidate: true } : found,
        ),
      };

/** The load balancer that the group is to take over, while it is not among what is known of the group. */
export function adoptedArn(
  { adopts }: GroupModel,
  config: CoreConfig,
  observed: ObservedGroup | undefined,
): readonly LoadBalancerArn[] {
  const arn = adoptableArn(adopts, config);
  const isKnown = observed?.loadBalancers.some((found) => found.arn === arn) === true;
  return arn === undefined || isKnown ? [] : [arn];
}

/** The resources, with further load balancers to read. */
export const withLoadBalancers = (
  resources: GroupResources,
  more: readonly LoadBalancerArn[],
): GroupResources => ({
  ...resources,
  loadBalancerArns: [...new Set([...resources.loadBalancerArns, ...more])],
});
