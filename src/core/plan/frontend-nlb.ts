// The network load balancer in front of the load balancer. It is filled before its listener sends anything, its target is
// taken away before anything of it is deleted, and the load balancer behind it goes last: AWS refuses to delete one that
// is a target (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html).

import { isEqual } from '../../lib/canonical.ts';
import type {
  DesiredFrontendListener,
  DesiredFrontendNlb,
  DesiredGroup,
  Known,
} from '../domain/desired-group.ts';
import {
  type LoadBalancerArn,
  type OperationId,
  operationId,
  type ResourceId,
  resourceId,
  type TargetGroupArn,
} from '../domain/ids.ts';
import type {
  ObservedGroup,
  ObservedListener,
  ObservedLoadBalancer,
  ObservedTargetGroup,
} from '../domain/observed-group.ts';
import type { KnownAction, ListenerSpec, Operation } from '../domain/operation.ts';
import { differs, missing, transition, unwanted } from './because.ts';
import { forwardTargets, isOwned, type PlanContext } from './context.ts';
import { isHolding } from './kept.ts';
import { changeLoadBalancer, createLoadBalancer } from './load-balancers.ts';
import { tagOperations } from './tags.ts';

/** A target group whose target is a load balancer. */
export const isOfLoadBalancer = ({ targetType }: Pick<ObservedTargetGroup, 'targetType'>): boolean =>
  targetType === 'alb';

/** What a registration still waits for, as observed: a load balancer that is not active yet. Undefined: nothing. */
export function awaitingRegistration(
  { loadBalancer, frontendNlb }: Pick<DesiredGroup, 'loadBalancer' | 'frontendNlb'>,
  { loadBalancers, targetGroups }: ObservedGroup,
): ObservedLoadBalancer | undefined {
  const behind = loadBalancers.find(
    ({ name, type }) => type === 'application' && name === loadBalancer?.name,
  );
  if (frontendNlb === undefined || behind === undefined) return undefined;
  const waits = frontendNlb.listeners.some(({ targetGroup }) => {
    const found = targetGroups.find(({ name }) => name === targetGroup.name);
    return found !== undefined && !isRegistered(found, behind.arn, targetGroup.targetPort);
  });
  return waits ? behind : undefined;
}

const isRegistered = (found: ObservedTargetGroup, arn: string, port: number): boolean =>
  (found.targets ?? []).some(
    (target) => target.id === arn && target.port === port && target.state !== 'draining',
  );

/**
 * Makes or changes what is wanted. `behind` is the load balancer as it is now: a registration needs an active one with a
 * listener on the port, so one that is new is registered by the plan after this.
 */
export function frontendOperations(
  behind: ObservedLoadBalancer | undefined,
  context: PlanContext,
): readonly Operation[] {
  const wanted = context.desired.frontendNlb;
  if (wanted === undefined) return [];
  const found = presentNlb(wanted, context);
  const others = networkLoadBalancers(context.observed).filter((other) => other !== found);
  // Scheme cannot be changed, and the name is the same: the old one goes first. Its target groups stay with their targets.
  const gone = found === undefined ? others.map(({ name }) => deletionId(name)) : [];
  const scoped = { ...context, previous: scopedPrevious(context) };
  const planned =
    found === undefined
      ? createLoadBalancer(wanted.loadBalancer, scoped, gone, 'network')
      : changeLoadBalancer(wanted.loadBalancer, found, scoped);
  return [
    ...planned.operations,
    ...wanted.listeners.flatMap((listener) => {
      const group = targetGroupOperations(listener, behind, context);
      const there = found?.listeners.find(({ port }) => port === listener.port);
      const after = [...planned.readyAfter, ...group.map(({ id }) => id)];
      return [
        ...group,
        ...listenerOperations(listener, there, { loadBalancer: planned.arn, after }, context),
      ];
    }),
  ];
}

const networkLoadBalancers = ({ loadBalancers }: ObservedGroup): readonly ObservedLoadBalancer[] =>
  loadBalancers.filter(({ type }) => type === 'network');

function presentNlb(
  { loadBalancer }: DesiredFrontendNlb,
  { observed }: PlanContext,
): ObservedLoadBalancer | undefined {
  const candidates = networkLoadBalancers(observed).filter(({ scheme }) => scheme === loadBalancer.scheme);
  return candidates.find(({ name }) => name === loadBalancer.name) ?? candidates[0];
}

/** The settings of a load balancer are compared by the same code, which looks for what was applied before in one place. */
function scopedPrevious({ previous }: PlanContext): DesiredGroup | undefined {
  return previous === undefined
    ? undefined
    : { ...previous, loadBalancer: previous.frontendNlb?.loadBalancer };
}

function targetGroupOperations(
  { targetGroup: wanted, port }: DesiredFrontendListener,
  behind: ObservedLoadBalancer | undefined,
  context: PlanContext,
): readonly Operation[] {
  const found = context.observed.targetGroups.find(({ name }) => name === wanted.name);
  const before = context.previous?.frontendNlb?.listeners.find(
    ({ targetGroup }) => targetGroup.id === wanted.id,
  );
  const { id: subject, name, healthCheck, tags } = wanted;
  if (found === undefined) {
    const id = operationId('createTargetGroup', subject);
    const create: Operation = {
      kind: 'createTargetGroup',
      id,
      subject,
      because: missing(`port ${port} of the network load balancer`),
      dependsOn: [],
      spec: {
        id: subject,
        name,
        port,
        healthCheck,
        tags,
        targetType: 'alb',
        protocol: 'TCP',
        protocolVersion: undefined,
        ipAddressType: 'ipv4',
        targetControlPort: undefined,
        attributes: {},
      },
    };
    return [
      create,
      ...registration(wanted, { arn: { ref: subject, attribute: 'arn' }, after: [id] }, behind),
    ];
  }
  const isChecked = isEqual(found.healthCheck, healthCheck);
  const changes = [
    { field: 'healthCheck', from: JSON.stringify(found.healthCheck), to: JSON.stringify(healthCheck) },
  ];
  const check: Operation = {
    kind: 'modifyTargetGroup',
    id: operationId('modifyTargetGroup', subject),
    subject,
    because: differs(changes, isEqual(before?.targetGroup.healthCheck, healthCheck)),
    dependsOn: [],
    targetGroup: found.arn,
    healthCheck,
    protocolVersion: 'HTTP1',
  };
  const tagged = {
    subject,
    resource: found.arn,
    wanted: tags,
    found: found.tags,
    before: before?.targetGroup.tags,
  };
  return [
    ...(isChecked ? [] : [check]),
    ...targetOperations(wanted, found, behind),
    ...tagOperations(tagged, context.config),
  ];
}

type TargetGroup = DesiredFrontendListener['targetGroup'];

function registration(
  { id: subject, targetPort }: TargetGroup,
  { arn, after }: { readonly arn: Known<TargetGroupArn>; readonly after: readonly OperationId[] },
  behind: ObservedLoadBalancer | undefined,
): readonly Operation[] {
  const isReady = behind !== undefined && behind.state !== 'provisioning' && behind.state !== 'failed';
  if (!isReady || behind.listeners.every(({ port }) => port !== targetPort)) return [];
  return [
    {
      kind: 'registerLoadBalancer',
      id: operationId('registerLoadBalancer', subject),
      subject,
      because: transition(`load balancer ${behind.name} is what port ${targetPort} leads to`),
      dependsOn: after,
      targetGroup: arn,
      loadBalancer: behind.arn,
      port: targetPort,
    },
  ];
}

/** It has one target at most, so another one goes before. */
function targetOperations(
  wanted: TargetGroup,
  found: ObservedTargetGroup,
  behind: ObservedLoadBalancer | undefined,
): readonly Operation[] {
  if (behind === undefined || isRegistered(found, behind.arn, wanted.targetPort)) return [];
  const register = registration(wanted, { arn: found.arn, after: [] }, behind);
  if (register.length === 0) return [];
  const away = deregistration(found, wanted.id);
  return [...away, ...register.map((operation) => ({ ...operation, dependsOn: away.map(({ id }) => id) }))];
}

function deregistration(found: ObservedTargetGroup, subject: ResourceId): readonly Operation[] {
  const targets = (found.targets ?? []).filter(({ state }) => state !== 'draining');
  if (targets.length === 0) return [];
  return [
    {
      kind: 'deregisterTargets',
      id: operationId('deregisterTargets', subject),
      subject,
      because: unwanted(`the load balancer is no target of ${found.name} any more`),
      dependsOn: [],
      targetGroup: found.arn,
      targets: targets.map(({ id, port, availabilityZone }) => ({ id, port, availabilityZone })),
    },
  ];
}

function listenerOperations(
  wanted: DesiredFrontendListener,
  found: ObservedListener | undefined,
  at: { readonly loadBalancer: Known<LoadBalancerArn>; readonly after: readonly OperationId[] },
  context: PlanContext,
): readonly Operation[] {
  const subject = wanted.id;
  const present = context.observed.targetGroups.find(({ name }) => name === wanted.targetGroup.name)?.arn;
  const targetGroup: Known<TargetGroupArn> = present ?? { ref: wanted.targetGroup.id, attribute: 'arn' };
  const spec = listenerSpec(wanted.port, targetGroup);
  const before = context.previous?.frontendNlb?.listeners.find(({ id }) => id === subject);
  if (found === undefined) {
    const because = missing(`port ${wanted.port} of the network load balancer`);
    const id = operationId('createListener', subject);
    const { loadBalancer, after } = at;
    return [
      {
        kind: 'createListener',
        id,
        subject,
        because,
        dependsOn: after,
        loadBalancer,
        spec,
        tags: wanted.tags,
      },
    ];
  }
  if (!isOwned(found.tags, context)) return [];
  const [to] = forwardTargets(found.defaultActions);
  const isSame = found.protocol === 'TCP' && to === present;
  const changes = [{ field: 'targetGroup', from: to ?? '', to: wanted.targetGroup.name }];
  const change: Operation = {
    kind: 'modifyListener',
    id: operationId('modifyListener', subject),
    subject,
    because: differs(changes, before?.targetGroup.id === wanted.targetGroup.id),
    dependsOn: at.after,
    listener: found.arn,
    spec,
  };
  const tagged = {
    subject,
    resource: found.arn,
    wanted: wanted.tags,
    found: found.tags,
    before: before?.tags,
  };
  return [...(isSame ? [] : [change]), ...tagOperations(tagged, context.config)];
}

function listenerSpec(port: number, targetGroup: Known<TargetGroupArn>): ListenerSpec {
  const forward: KnownAction = {
    kind: 'forward',
    targetGroups: [{ targetGroup, weight: 1 }],
    stickinessSeconds: undefined,
  };
  return {
    port,
    protocol: 'TCP',
    sslPolicy: undefined,
    certificateArn: undefined,
    mutualAuthentication: undefined,
    defaultActions: [forward],
  };
}

const leadsTo = ({ targets }: ObservedTargetGroup, loadBalancers: readonly ObservedLoadBalancer[]): boolean =>
  (targets ?? []).some(({ id }) => loadBalancers.some(({ arn }) => arn === id));

/**
 * Takes away what nobody wants, with proof only, and the targets that are about to be replaced. The target groups
 * themselves go with the others that nobody wants.
 */
export function unwantedFrontend(
  context: PlanContext,
  replaced: readonly ObservedLoadBalancer[],
): readonly Operation[] {
  if (!context.complete || isHolding(context)) return [];
  const { frontendNlb: wanted, key } = context.desired;
  const found = wanted === undefined ? undefined : presentNlb(wanted, context);
  const names = new Set(wanted?.listeners.map(({ targetGroup }) => targetGroup.name));
  const away = context.observed.targetGroups
    .filter((group) => isOfLoadBalancer(group) && (!names.has(group.name) || leadsTo(group, replaced)))
    .flatMap((group) => deregistration(group, resourceId('target-group', group.name)));
  const after = away.map(({ id }) => id);
  const liftProtection = context.config.policy.deletionProtection === 'lift';
  const deletions = networkLoadBalancers(context.observed)
    .filter((other) => other !== found)
    .map((other): Operation => {
      const subject = resourceId('load-balancer', other.name);
      const because = unwanted(
        `no Ingress of group ${key} needs network load balancer ${other.name} any more`,
      );
      const id = deletionId(other.name);
      return {
        kind: 'deleteLoadBalancer',
        id,
        subject,
        because,
        dependsOn: after,
        loadBalancer: other.arn,
        liftProtection,
      };
    });
  const closed = (found?.listeners ?? [])
    .filter(
      ({ port, tags }) => isOwned(tags, context) && wanted?.listeners.every((other) => other.port !== port),
    )
    .map((listener): Operation => {
      const subject = listener.arn as unknown as ResourceId;
      const because = unwanted(`port ${listener.port} of the network load balancer leads nowhere any more`);
      const id = operationId('deleteListener', subject);
      return { kind: 'deleteListener', id, subject, because, dependsOn: after, listener: listener.arn };
    });
  return [...away, ...deletions, ...closed];
}

const deletionId = (name: string): OperationId =>
  operationId('deleteLoadBalancer', resourceId('load-balancer', name));
