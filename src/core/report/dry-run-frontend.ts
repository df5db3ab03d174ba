// The network load balancer of the dry-run plan.

import type { DesiredFrontendListener, DesiredFrontendNlb } from '../domain/desired-group.ts';
import { attributes, groupId, type PlanInput, ref, targetGroupType, userTags } from './dry-run-references.ts';
import { healthCheckConfig } from './dry-run-targets.ts';

type Specs = readonly (readonly [id: string, spec: object])[];

export type FrontendTypes = {
  readonly loadBalancer: string;
  /** Id of the load balancer behind it. */
  readonly behind: string;
};

const frontendId = 'FrontendNlb';
const listenerId = ({ port }: DesiredFrontendListener): string => `${frontendId}-ls-TCP-${port}`;
const groupIdOf = ({ port }: DesiredFrontendListener): string => `${frontendId}-tg-TCP-${port}`;
const groupArn = (listener: DesiredFrontendListener): object =>
  ref(targetGroupType, groupIdOf(listener), 'targetGroupARN');

/** Its resources by type, and what ALBC's model says about the registration of the load balancer. */
export function frontend(
  wanted: DesiredFrontendNlb | undefined,
  types: FrontendTypes,
  given: PlanInput,
): {
  readonly loadBalancers: Specs;
  readonly listeners: Specs;
  readonly targetGroups: Specs;
  readonly state: object;
} {
  const listeners = wanted?.listeners ?? [];
  const arn = ref(types.loadBalancer, frontendId, 'loadBalancerARN');
  return {
    loadBalancers: wanted === undefined ? [] : [[frontendId, loadBalancerSpec(wanted, given)]],
    listeners: listeners.map((listener) => [listenerId(listener), listenerSpec(listener, arn)]),
    targetGroups: listeners.map((listener) => [groupIdOf(listener), targetGroupSpec(listener)]),
    state: {
      TargetGroups: Object.fromEntries(
        listeners.map((listener) => [listener.targetGroup.name, registration(listener, types)]),
      ),
    },
  };
}

function loadBalancerSpec({ loadBalancer: wanted }: DesiredFrontendNlb, given: PlanInput): object {
  const { name, scheme, ipAddressType, subnets, allocationIds } = wanted;
  return {
    name,
    type: 'network',
    scheme,
    ipAddressType,
    subnetMapping: subnets.map((subnetID, i) => ({ subnetID, allocationID: allocationIds?.[i] })),
    securityGroups: wanted.securityGroups.map((id) => groupId(id, given)),
    loadBalancerAttributes: attributes(wanted.attributes),
    tags: userTags(wanted.tags),
  };
}

function listenerSpec(listener: DesiredFrontendListener, loadBalancerARN: object): object {
  return {
    loadBalancerARN,
    port: listener.port,
    protocol: 'TCP',
    defaultActions: [
      { type: 'forward', forwardConfig: { targetGroups: [{ targetGroupARN: groupArn(listener) }] } },
    ],
    tags: userTags(listener.tags),
  };
}

function targetGroupSpec({ port, targetGroup }: DesiredFrontendListener): object {
  return {
    name: targetGroup.name,
    targetType: 'alb',
    port,
    protocol: 'TCP',
    ipAddressType: 'ipv4',
    healthCheckConfig: healthCheckConfig(targetGroup.healthCheck, 'httpCode'),
    tags: userTags(targetGroup.tags),
  };
}

/** The fields have no other names in ALBC's plan. */
function registration(listener: DesiredFrontendListener, { loadBalancer, behind }: FrontendTypes): object {
  const { port, targetGroup } = listener;
  return {
    Name: targetGroup.name,
    ARN: groupArn(listener),
    Port: port,
    TargetARN: ref(loadBalancer, behind, 'loadBalancerARN'),
    TargetPort: targetGroup.targetPort,
  };
}
