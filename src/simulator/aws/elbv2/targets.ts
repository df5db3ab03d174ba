import type {
  DeregisterTargetsInput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import ipaddr from 'ipaddr.js';
import { isInCidr } from '../ec2/addresses.ts';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { Target, TargetGroup } from '../state.ts';
import { findTargetGroup } from './lookup.ts';
import { checkAlbTarget, checkNetworkTargets } from './alb-targets.ts';
import { checkTargetCount, targetGroupsOf } from './references.ts';
import { targetHealth } from './target-health.ts';
import { checkPort } from './target-groups.ts';

/** What identifies a target within its group: its id together with its port. */
export const targetKey = (id: string, port: number | undefined): string => `${id}|${port ?? ''}`;

const invalid = (message: string): SimulatedError => new SimulatedError('InvalidTarget', message);

/** Registers all targets of the call or none. One that is registered already stays as it is. */
export function registerTargets(input: RegisterTargetsInput, context: CallContext): object {
  const group = findTargetGroup(context, input.TargetGroupArn);
  dropDrained(group, context);
  const added = new Map<string, Target>();
  for (const description of given(input.Targets)) {
    const target = newTarget(description, group, context);
    const key = targetKey(target.id, target.port);
    const existing = group.targets.get(key);
    if (existing === undefined || existing.deregisteredAt !== undefined) added.set(key, target);
  }
  checkCounts(group, added, context);
  for (const [key, target] of added) group.targets.set(key, target);
  return {};
}

function given(targets: readonly TargetDescription[] | undefined): readonly TargetDescription[] {
  if (targets === undefined || targets.length === 0)
    throw validationError('At least one target must be specified');
  return targets;
}

function newTarget(description: TargetDescription, group: TargetGroup, context: CallContext): Target {
  const id = description.Id ?? '';
  const port =
    group.targetType === 'lambda' ? undefined : checkPort(description.Port ?? group.port, 'Target port');
  return {
    id,
    port,
    availabilityZone: zoneOf(description, group, context),
    registeredAt: context.now,
    deregisteredAt: undefined,
    forced: undefined,
  };
}

/** Checks that a target may be registered, and answers its zone: detected for instances and addresses of the VPC. */
function zoneOf(
  description: TargetDescription,
  group: TargetGroup,
  context: CallContext,
): string | undefined {
  switch (group.targetType) {
    case 'instance':
      return instanceZone(description, group, context);
    case 'ip':
      return addressZone(description, group, context);
    case 'alb':
      return checkAlbTarget(description, group, context);
    case 'lambda':
      if (!/^arn:[^:]+:lambda:/.test(description.Id ?? ''))
        throw invalid(`'${description.Id}' is not the ARN of a Lambda function`);
      return undefined;
  }
}

function instanceZone(
  description: TargetDescription,
  group: TargetGroup,
  { state }: CallContext,
): string | undefined {
  const id = description.Id ?? '';
  if (description.AvailabilityZone !== undefined)
    throw validationError('You cannot specify an Availability Zone for targets of type instance');
  const instance = state.instances.get(id);
  if (instance === undefined) throw invalid(`The following targets do not exist: '${id}'`);
  if (instance.state !== 'running')
    throw invalid(`The following targets are not in a running state and cannot be registered: '${id}'`);
  if (instance.vpcId !== group.vpcId)
    throw invalid(`The following targets are not in the target group VPC '${group.vpcId}': '${id}'`);
  return state.subnets.get(instance.subnetId)?.zone;
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/** Addresses of the VPC have the zone of their subnet; others must be private and say `all`, or one zone where cross-zone load balancing is off. */
function addressZone(description: TargetDescription, group: TargetGroup, context: CallContext): string {
  const { Id: id = '', AvailabilityZone: zone } = description;
  const family = group.ipAddressType === 'ipv6' ? 'ipv6' : 'ipv4';
  if (!ipaddr.isValid(id) || ipaddr.parse(id).kind() !== family)
    throw validationError(`'${id}' is not a valid ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`);
  checkNotDraining(group, description, context.now);
  if (isInVpc(id, group, context)) return zoneInVpc(id, zone, { group, context });
  return zoneOutside(id, zone, { group, context });
}

function zoneOutside(
  id: string,
  zone: string | undefined,
  { group, context }: { readonly group: TargetGroup; readonly context: CallContext },
): string {
  if (group.ipAddressType === 'ipv6' || !privateRanges.some((range) => isInCidr(id, range)))
    throw validationError(`The IP address '${id}' must be within the VPC or in ${privateRanges.join(', ')}`);
  if (hasCrossZone(group, context)) {
    if (zone === 'all') return zone;
    throw validationError(
      `The IP address '${id}' is outside the VPC, so its Availability Zone must be 'all'`,
    );
  }
  if (zone?.startsWith(context.state.region) === true) return zone;
  throw validationError(
    `You must specify a single Availability Zone for the IP address '${id}': cross-zone load balancing is off`,
  );
}

/** Of the target group, or where it says nothing of its own of the load balancer (on for application, off for network). */
function hasCrossZone({ attributes, usedBy }: TargetGroup, { state }: CallContext): boolean {
  const key = 'load_balancing.cross_zone.enabled';
  const own = attributes.get(key);
  if (own === 'true' || own === 'false') return own === 'true';
  return ![...usedBy.values()].some((arn) => state.loadBalancers.get(arn)?.attributes.get(key) === 'false');
}

const isWithin = (id: string, cidrs: readonly (string | undefined)[]): boolean =>
  cidrs.some((cidr) => cidr !== undefined && isInCidr(id, cidr));

function isInVpc(id: string, group: TargetGroup, { state }: CallContext): boolean {
  const vpc = state.vpcs.get(group.vpcId ?? '');
  return vpc !== undefined && isWithin(id, [vpc.cidr, vpc.ipv6Cidr]);
}

function zoneInVpc(
  id: string,
  zone: string | undefined,
  { group, context }: { readonly group: TargetGroup; readonly context: CallContext },
): string {
  const subnet = [...context.state.subnets.values()].find(
    ({ vpcId, cidr, ipv6Cidr }) => vpcId === group.vpcId && isWithin(id, [cidr, ipv6Cidr]),
  );
  if (zone === undefined) return subnet?.zone ?? 'all';
  if (zone !== 'all' && zone !== subnet?.zone)
    throw validationError(`The IP address '${id}' is not in Availability Zone '${zone}'`);
  return zone;
}

/** An address that drains cannot come back before its deregistration delay is over. */
function checkNotDraining(group: TargetGroup, { Id = '', Port }: TargetDescription, now: number): void {
  const existing = group.targets.get(targetKey(Id, Port ?? group.port));
  if (existing?.deregisteredAt === undefined) return;
  const seconds = Math.ceil((existing.deregisteredAt + delayOf(group) - now) / 1000);
  throw invalid(
    `The IP address '${Id}' was deregistered and cannot be registered again for ${seconds} seconds`,
  );
}

function checkCounts(group: TargetGroup, added: ReadonlyMap<string, Target>, context: CallContext): void {
  const { quotas } = context.knobs;
  const size = new Set([...group.targets.keys(), ...added.keys()]).size;
  const limit =
    group.targetType === 'lambda' || group.targetType === 'alb' ? 1 : quotas['targets-per-target-group'];
  if (size > limit)
    throw new SimulatedError('TooManyTargets', `A target group can have at most ${limit} targets`);
  const owner = [...group.usedBy.values()][0];
  if (owner === undefined) return;
  const siblings = targetGroupsOf(context.state, owner).filter((other) => other !== group);
  const network = context.state.loadBalancers.get(owner);
  if (network?.type === 'network') {
    const after = { ...group, targets: new Map([...group.targets, ...added]) };
    checkNetworkTargets(network, [...siblings, after], context);
    return;
  }
  checkTargetCount(
    siblings.reduce((sum, other) => sum + other.targets.size, size),
    context,
  );
  const max = quotas['target-id-registrations-per-application-load-balancer'];
  for (const id of new Set([...added.values()].map((target) => target.id))) {
    const all = [...siblings, group]
      .flatMap((other) => [...other.targets.values()])
      .filter((target) => target.id === id).length;
    const fresh = [...added].filter(([key, target]) => target.id === id && !group.targets.has(key)).length;
    if (all + fresh > max)
      throw new SimulatedError(
        'TooManyRegistrationsForTargetId',
        `Target '${id}' can be registered at most ${max} times`,
      );
  }
}

/** Starts draining; what is not registered is ignored. Without a port all registrations of the group's own port are meant. */
export function deregisterTargets(input: DeregisterTargetsInput, context: CallContext): object {
  const group = findTargetGroup(context, input.TargetGroupArn);
  dropDrained(group, context);
  for (const { Id = '', Port } of given(input.Targets)) {
    const key = targetKey(Id, group.targetType === 'lambda' ? undefined : (Port ?? group.port));
    const target = group.targets.get(key);
    if (target === undefined) continue;
    // A target that no load balancer sends requests to has nothing to drain.
    if (group.usedBy.size === 0 || group.targetType === 'alb' || delayOf(group) === 0)
      group.targets.delete(key);
    else target.deregisteredAt ??= context.now;
  }
  return {};
}

const delayOf = (group: TargetGroup): number =>
  Number(group.attributes.get('deregistration_delay.timeout_seconds') ?? 0) * 1000;

/** Forgets the targets whose deregistration delay is over. */
export function dropDrained(group: TargetGroup, { now }: Pick<CallContext, 'now'>): void {
  for (const [key, target] of group.targets) {
    if (target.deregisteredAt !== undefined && now - target.deregisteredAt >= delayOf(group))
      group.targets.delete(key);
  }
}

/** All targets of a group, or the ones asked for (unknown ones come back as not registered). Not paginated, as in AWS. */
export function describeTargetHealth(
  input: DescribeTargetHealthInput,
  context: CallContext,
): DescribeTargetHealthOutput {
  const group = findTargetGroup(context, input.TargetGroupArn);
  dropDrained(group, context);
  const asked = input.Targets ?? [];
  const targets = asked.length === 0 ? [...group.targets.values()] : asked.map((item) => find(item, group));
  return {
    TargetHealthDescriptions: targets.map((target) => ({
      Target: {
        Id: target.id,
        Port: target.port,
        AvailabilityZone: 'registeredAt' in target ? target.availabilityZone : undefined,
      },
      HealthCheckPort:
        group.healthCheck.port === 'traffic-port' ? String(target.port) : group.healthCheck.port,
      TargetHealth:
        'registeredAt' in target
          ? targetHealth(group, target, context)
          : {
              State: 'unused',
              Reason: 'Target.NotRegistered',
              Description: 'Target is not registered to the target group',
            },
    })),
  };
}

function find(
  { Id = '', Port }: TargetDescription,
  group: TargetGroup,
): Target | { readonly id: string; readonly port: number | undefined } {
  const port = Port ?? group.port;
  return group.targets.get(targetKey(Id, port)) ?? { id: Id, port };
}
