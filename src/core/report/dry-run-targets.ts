// Target groups of the dry-run plan, and what ALBC binds to them: Services, and ports that are opened.

import {
  backendSecurityGroupId,
  type DesiredTargetGroup,
  type DesiredTargetGroupRef,
  type Known,
} from '../domain/desired-group.ts';
import type { HealthCheck, TargetGroupIntent } from '../domain/group-model.ts';
import type { SecurityGroupId } from '../domain/ids.ts';
import { attributes, groupId, type PlanInput, ref, targetGroupType, userTags } from './dry-run-references.ts';

export type Shown = readonly [id: string, group: DesiredTargetGroup, intent: TargetGroupIntent];

/** Each target group with what asked for it. */
export function targetGroups({ desired }: PlanInput): readonly Shown[] {
  return desired.model.targetGroups.flatMap((intent, index) => {
    const group = desired.targetGroups[index];
    return group === undefined ? [] : [[intent.id, group, intent] as const];
  });
}

/** A target group in ALBC’s form. */
export function targetGroupSpec(group: DesiredTargetGroup): object {
  const { healthCheck, protocolVersion } = group;
  const { name, targetType, port, protocol, ipAddressType, targetControlPort } = group;
  return {
    name,
    targetType,
    port,
    protocol,
    protocolVersion,
    ipAddressType,
    targetControlPort,
    healthCheckConfig: healthCheckConfig(healthCheck, protocolVersion === 'GRPC' ? 'grpcCode' : 'httpCode'),
    targetGroupAttributes: attributes(group.attributes),
    tags: userTags(group.tags),
  };
}

/** A health check in ALBC’s form. */
export function healthCheckConfig(check: HealthCheck, codes: 'grpcCode' | 'httpCode'): object {
  return {
    port: numberOr(check.port),
    protocol: check.protocol,
    path: check.path,
    matcher: { [codes]: check.successCodes },
    intervalSeconds: check.intervalSeconds,
    timeoutSeconds: check.timeoutSeconds,
    healthyThresholdCount: check.healthyThreshold,
    unhealthyThresholdCount: check.unhealthyThreshold,
  };
}

/** Kubernetes writes ports that are numbers as numbers. */
const numberOr = (port: string): number | string => (/^\d+$/.test(port) ? Number(port) : port);

/** ALBC's intermediate object; here it only says what is registered and opened. */
export function binding([id, group, intent]: Shown, given: PlanInput): object {
  const { service, nodeLabels, targetType, multiCluster } = intent;
  return {
    metadata: { name: group.name, namespace: service.namespace },
    spec: {
      multiClusterTargetGroup: multiCluster || undefined,
      targetGroupARN: ref(targetGroupType, id, 'targetGroupARN'),
      targetType,
      serviceRef: { name: service.name, port: numberOr(intent.backendPort) },
      networking: networking(group, intent, given),
      nodeSelector: Object.keys(nodeLabels).length === 0 ? undefined : { matchLabels: nodeLabels },
      ipAddressType: group.ipAddressType,
      vpcID: given.config.vpcId,
      targetGroupProtocol: group.protocol,
    },
  };
}

function networking(
  group: DesiredTargetGroup,
  intent: TargetGroupIntent,
  given: PlanInput,
): object | undefined {
  const source = openedFor(given);
  if (source === undefined) return undefined;
  const from = [{ securityGroup: { groupID: groupId(source, given) } }];
  const open = (port: number | string | undefined): object => ({ from, ports: [{ protocol: 'TCP', port }] });
  if (given.config.disableRestrictedSgRules) return { ingress: [open(undefined)] };
  const { targetPort } = intent.servicePort;
  const podPort = targetPort.kind === 'name' ? targetPort.name : targetPort.number;
  const { healthCheck, targetControlPort } = group;
  return {
    ingress: [
      open(group.targetType === 'instance' ? group.port : podPort),
      ...(healthCheck.port === 'traffic-port' ? [] : [open(numberOr(healthCheck.port))]),
      ...(targetControlPort === undefined ? [] : [open(targetControlPort)]),
    ],
  };
}

/** The security group that nodes and pods let in; undefined: given groups, whose rules are the user's. */
function openedFor({ desired, config }: PlanInput): Known<SecurityGroupId> | undefined {
  const backend = desired.loadBalancer?.securityGroups.find((id) =>
    typeof id === 'string' ? id === config.backendSecurityGroup : id.ref === backendSecurityGroupId,
  );
  const [own] = desired.securityGroups;
  return backend ?? (own === undefined ? undefined : { ref: own.id, attribute: 'id' });
}

export const arnOf =
  (given: PlanInput) =>
  (targetGroup: DesiredTargetGroupRef): unknown => {
    if (targetGroup.kind === 'arn') return targetGroup.arn;
    const found = targetGroups(given).find(([, group]) => group.id === targetGroup.id);
    return ref(targetGroupType, found?.[0] ?? '', 'targetGroupARN');
  };
