import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
  DeleteTargetGroupInput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
  TargetGroup as SdkTargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import { elbId } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { arn, type TargetGroup } from '../state.ts';
import { mergedTags, setTags } from '../tags.ts';
import { elbPage } from './paging.ts';
import { checkAlbGroup } from './alb-targets.ts';
import { changedHealthCheck, defaultHealthCheck } from './health-check.ts';
import { findLoadBalancer, findTargetGroup, visible } from './lookup.ts';
import { checkName } from './names.ts';
import { newTargetGroupAttributes } from './target-group-attributes.ts';

type Kind = Pick<
  TargetGroup,
  'targetType' | 'protocol' | 'protocolVersion' | 'port' | 'vpcId' | 'ipAddressType' | 'targetControlPort'
>;

/** Creates a target group, or returns the one of that name when it was created with the same settings. */
export function createTargetGroup(
  input: CreateTargetGroupInput,
  context: CallContext,
): CreateTargetGroupOutput {
  const { state, knobs } = context;
  const name = checkName(input.Name, 'Target group');
  const kind = checkKind(input, context);
  const healthCheck = changedHealthCheck(defaultHealthCheck(kind), input, kind);
  const existing = [...state.targetGroups.values()].find((other) => other.name === name);
  if (existing !== undefined) {
    if (!isSame(existing, { ...kind, healthCheck })) {
      throw new SimulatedError(
        'DuplicateTargetGroupName',
        `A target group with the same name '${name}' exists, but with different settings`,
      );
    }
    return { TargetGroups: [renderTargetGroup(existing)] };
  }
  if (state.targetGroups.size >= knobs.quotas['target-groups']) {
    throw new SimulatedError('TooManyTargetGroups', 'The maximum number of target groups has been reached');
  }
  const group: TargetGroup = {
    arn: arn(state, 'elasticloadbalancing', `targetgroup/${name}/${elbId(state.ids)}`),
    name,
    createdAt: context.now,
    ...kind,
    healthCheck,
    attributes: newTargetGroupAttributes(kind.targetType),
    targets: new Map(),
    usedBy: new Map(),
    inUseSince: undefined,
    releasedAt: undefined,
  };
  const tags = mergedTags(context, group.arn, input.Tags ?? []);
  state.targetGroups.set(group.arn, group);
  setTags(context, group.arn, tags);
  return { TargetGroups: [renderTargetGroup(group)] };
}

function isSame(existing: TargetGroup, wanted: Kind & Pick<TargetGroup, 'healthCheck'>): boolean {
  const pick = (group: typeof wanted): unknown[] => [
    group.targetType,
    group.protocol,
    group.protocolVersion,
    group.port,
    group.vpcId,
    group.ipAddressType,
    group.targetControlPort,
    group.healthCheck,
  ];
  return JSON.stringify(pick(existing)) === JSON.stringify(pick(wanted));
}

function checkKind(input: CreateTargetGroupInput, { state }: CallContext): Kind {
  const targetType = input.TargetType ?? 'instance';
  if (targetType === 'lambda') return lambdaKind(input);
  if (targetType !== 'instance' && targetType !== 'ip' && targetType !== 'alb')
    throw validationError(`Target type '${targetType}' must be one of instance, ip, lambda, alb`);
  if (targetType === 'alb') checkAlbGroup(input.Protocol);
  const { Port: port, VpcId: vpcId, TargetControlPort: targetControlPort } = input;
  if (vpcId === undefined || !state.vpcs.has(vpcId))
    throw validationError(`The VPC ID '${vpcId}' is not found`);
  return {
    targetType,
    ...checkProtocol(input),
    port: checkPort(port, 'Target group port'),
    vpcId,
    ipAddressType: input.IpAddressType ?? 'ipv4',
    targetControlPort:
      targetControlPort === undefined ? undefined : checkPort(targetControlPort, 'Target control port'),
  };
}

function checkProtocol(input: CreateTargetGroupInput): Pick<Kind, 'protocol' | 'protocolVersion'> {
  const { Protocol: protocol } = input;
  if (protocol === 'TCP' || protocol === 'UDP' || protocol === 'TLS' || protocol === 'TCP_UDP') {
    if (input.ProtocolVersion)
      throw validationError(`Protocol version cannot be specified for protocol '${protocol}'`);
    return { protocol, protocolVersion: undefined };
  }
  // Terraform sends an empty version and AWS takes it for none.
  const protocolVersion = input.ProtocolVersion || 'HTTP1';
  if (protocol !== 'HTTP' && protocol !== 'HTTPS')
    throw validationError(
      `Target group protocol '${protocol}' must be one of 'HTTP, HTTPS, TCP, UDP, TLS, TCP_UDP'`,
    );
  if (protocolVersion !== 'HTTP1' && protocolVersion !== 'HTTP2' && protocolVersion !== 'GRPC') {
    throw validationError(`Protocol version '${protocolVersion}' must be one of HTTP1, HTTP2, GRPC`);
  }
  return { protocol, protocolVersion };
}

function lambdaKind(input: CreateTargetGroupInput): Kind {
  if ((input.Protocol ?? input.Port ?? input.VpcId) !== undefined) {
    throw validationError('Protocol, port and VPC cannot be specified for target groups of type lambda');
  }
  return {
    targetType: 'lambda',
    protocol: undefined,
    protocolVersion: undefined,
    port: undefined,
    vpcId: undefined,
    ipAddressType: undefined,
    targetControlPort: undefined,
  };
}

export function checkPort(port: number | undefined, what: string): number {
  if (port !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw validationError(`${what} '${port}' must be between 1 and 65535`);
}

/** Changes the health check, the only part of a target group that can change. */
export function modifyTargetGroup(
  input: ModifyTargetGroupInput,
  context: CallContext,
): ModifyTargetGroupOutput {
  const group = findTargetGroup(context, input.TargetGroupArn);
  group.healthCheck = changedHealthCheck(group.healthCheck, input, group);
  return { TargetGroups: [renderTargetGroup(group)] };
}

export function deleteTargetGroup(input: DeleteTargetGroupInput, context: CallContext): object {
  const { state, knobs, now } = context;
  const group = state.targetGroups.get(input.TargetGroupArn ?? '');
  if (group === undefined) return {};
  const lingering = group.releasedAt !== undefined && now - group.releasedAt < knobs.targetGroupReleaseMs;
  if (group.usedBy.size > 0 || lingering) {
    throw new SimulatedError(
      'ResourceInUse',
      `Target group '${group.arn}' is currently in use by a listener or a rule`,
    );
  }
  state.targetGroups.delete(group.arn);
  state.tags.delete(group.arn);
  return {};
}

export function describeTargetGroups(
  input: DescribeTargetGroupsInput,
  context: CallContext,
): DescribeTargetGroupsOutput {
  const { items, NextMarker } = elbPage(selected(input, context), input, context);
  return { TargetGroups: items.map(renderTargetGroup), NextMarker };
}

function selected(input: DescribeTargetGroupsInput, context: CallContext): readonly TargetGroup[] {
  const { LoadBalancerArn, TargetGroupArns: arns = [], Names: names = [] } = input;
  const selectors = [LoadBalancerArn !== undefined, arns.length > 0, names.length > 0].filter(Boolean).length;
  if (selectors > 1)
    throw validationError('Only one of load balancer, target group ARNs and names can be specified');
  if (arns.length > 0) return arns.map((item) => findTargetGroup(context, item));
  const all = visible(context, context.state.targetGroups);
  if (LoadBalancerArn !== undefined) {
    const owner = findLoadBalancer(context, LoadBalancerArn).arn;
    return all.filter((group) => [...group.usedBy.values()].includes(owner));
  }
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((group) => group.name === name);
    if (found === undefined)
      throw new SimulatedError('TargetGroupNotFound', 'One or more target groups not found');
    return found;
  });
}

function renderTargetGroup(group: TargetGroup): SdkTargetGroup {
  const check = group.healthCheck;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol as NonNullable<SdkTargetGroup['HealthCheckProtocol']>,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: check.matcher,
    LoadBalancerArns: [...new Set(group.usedBy.values())],
    TargetType: group.targetType,
    ProtocolVersion: group.protocolVersion,
    IpAddressType: group.ipAddressType,
    TargetControlPort: group.targetControlPort,
  };
}
