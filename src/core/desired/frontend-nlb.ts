// The network load balancer in front of a group's load balancer (albc-behaviour §1.7).

import type { CoreConfig } from '../domain/config.ts';
import type {
  DesiredFrontendListener,
  DesiredFrontendNlb,
  DesiredLoadBalancer,
} from '../domain/desired-group.ts';
import type { Facts } from '../domain/facts.ts';
import type { FrontendNlbIntent, GroupModel } from '../domain/group-model.ts';
import { resourceId, type SubnetId } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import { nameOfFrontend, nameOfFrontendGroup } from './frontend-names.ts';
import { presentLoadBalancer } from './present.ts';
import { givenSecurityGroups } from './security-groups.ts';
import { chosenSubnets, type SubnetsIntent } from './subnets.ts';
import { frontendNlbResource, groupTags } from './tags.ts';

type Input = {
  readonly model: GroupModel;
  readonly facts: Facts;
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
  /** The load balancer behind it. */
  readonly behind: DesiredLoadBalancer;
  readonly object: ObjectRef;
};

/** Its subnets as they are looked for: it has the address type of the load balancer, and its own scheme. */
export function frontendSubnets(intent: FrontendNlbIntent, { loadBalancer }: GroupModel): SubnetsIntent {
  const ipAddressType = loadBalancer.ipAddressType;
  return { type: 'network', scheme: intent.scheme, subnets: intent.subnets, ipAddressType };
}

/** Undefined: nobody asks for one. Problems, of scope group: those of subnets and security groups, and too few addresses. */
export function frontendNlb(input: Input): Checked<DesiredFrontendNlb | undefined> {
  const { model, facts, observed, config, behind, object } = input;
  const intent = model.frontendNlb;
  if (intent === undefined) return { value: undefined, problems: [] };
  const subnets = chosenSubnets({
    intent: frontendSubnets(intent, model),
    subnets: facts.subnets,
    existing: presentLoadBalancer(observed, intent.scheme, 'network'),
    config,
    object,
  });
  const given = intent.securityGroups;
  const securityGroups =
    given === undefined
      ? { value: behind.securityGroups, problems: [] }
      : givenSecurityGroups(given, {
          facts: facts.securityGroups,
          object,
          annotation: 'frontend-nlb-security-groups',
        });
  const name = nameOfFrontend(behind.name, intent, input);
  const loadBalancer: DesiredLoadBalancer = {
    id: resourceId('load-balancer', name),
    name,
    scheme: intent.scheme,
    ipAddressType: behind.ipAddressType,
    subnets: subnets.value,
    ...zonesOf(subnets.value, facts),
    ...(intent.allocationIds.length === 0 ? {} : { allocationIds: intent.allocationIds }),
    securityGroups: securityGroups.value,
    attributes: intent.attributes,
    customerOwnedIpv4Pool: undefined,
    ipamPoolId: undefined,
    capacityUnits: undefined,
    webAclArn: undefined,
    classicWebAclId: undefined,
    shieldProtection: undefined,
    tags: tagsOf(frontendNlbResource, intent, input),
    listeners: [],
    waitingPorts: [],
  };
  const value = {
    loadBalancer,
    listeners: intent.listeners.map((listener) => desiredListener(name, listener, intent, input)),
  };
  const problems = [...subnets.problems, ...securityGroups.problems];
  const count = intent.allocationIds.length;
  const isShort = count > 0 && count !== subnets.value.length && problems.length === 0;
  return { value, problems: isShort ? [addressCount(count, subnets.value.length, object)] : problems };
}

function zonesOf(ids: readonly SubnetId[], { subnets }: Facts): Pick<DesiredLoadBalancer, 'zones'> {
  const zones = ids.flatMap((id) => subnets.find((subnet) => subnet.id === id)?.availabilityZone ?? []);
  return zones.length === ids.length ? { zones } : {};
}

function desiredListener(
  loadBalancer: string,
  listener: FrontendNlbIntent['listeners'][number],
  intent: FrontendNlbIntent,
  input: Input,
): DesiredFrontendListener {
  const { port, targetPort, healthCheck } = listener;
  const name = nameOfFrontendGroup(listener, intent, input);
  return {
    id: resourceId('listener', loadBalancer, String(port)),
    port,
    // As those of other listeners, they need a partition that can tag them.
    tags: input.config.featureGates.ListenerRulesTagging
      ? tagsOf(`${frontendNlbResource}-ls-TCP-${port}`, intent, input)
      : {},
    targetGroup: {
      id: resourceId('target-group', name),
      name,
      healthCheck,
      targetPort,
      tags: tagsOf(`${frontendNlbResource}-tg-TCP-${port}`, intent, input),
    },
  };
}

const tagsOf = (resource: string, { tags: user }: FrontendNlbIntent, { config, model: { key } }: Input) =>
  groupTags({ config, key, resource, user });

function addressCount(addresses: number, subnets: number, object: ObjectRef): Problem {
  return {
    kind: 'problem',
    code: 'AnnotationInvalid',
    severity: 'error',
    scope: 'group',
    object,
    path: 'metadata.annotations[alb.ingress.kubernetes.io/frontend-nlb-eip-allocations]',
    message: `The network load balancer has ${subnets} subnets and frontend-nlb-eip-allocations names ${addresses} elastic addresses; it needs one for each subnet`,
    hint: 'Name one allocation for each subnet, or name the subnets with alb.ingress.kubernetes.io/frontend-nlb-subnets',
    albcMessage: `count of EIP allocations (${addresses}) and subnets (${subnets}) must match`,
  };
}
