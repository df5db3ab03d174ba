// Turns what a group's users asked for, with looked-up facts, into the AWS resources that should exist. Decides names,
// tags, subnets, security groups and certificates; reads the observation only to keep what must not move without need
// (subnets, a held member's certificates) and never compares: that is the plan's work.

import { adoptedTag } from '../domain/adoption.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { DesiredCertificate, DesiredGroup, DesiredLoadBalancer } from '../domain/desired-group.ts';
import type { Facts } from '../domain/facts.ts';
import type { GroupModel, TargetGroupIntent } from '../domain/group-model.ts';
import { type ResourceId, resourceId } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Checked, ObjectRef } from '../domain/problem.ts';
import type { DesiredTarget } from '../domain/target.ts';
import { frontendNlb } from './frontend-nlb.ts';
import { desiredListeners } from './listeners.ts';
import { loadBalancerName } from './names.ts';
import { networkNeeds, noNeeds } from './network-needs.ts';
import { presentLoadBalancer } from './present.ts';
import { quotaProblems } from './quota.ts';
import { desiredCertificates } from './requested-certificates.ts';
import { backendSecurityGroup, securityGroups } from './security-groups.ts';
import { chosenSubnets } from './subnets.ts';
import { webAcl } from './web-acl.ts';
import { groupTags, loadBalancerResource } from './tags.ts';
import { desiredTargetGroup, targetGroupId } from './target-groups.ts';

type Input = {
  readonly model: GroupModel;
  readonly facts: Facts;
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
  readonly targetsOf: (intent: TargetGroupIntent) => readonly DesiredTarget[];
  /** What was last applied; absent: nothing is known of it. */
  readonly previous?: DesiredGroup | undefined;
  /** Ids that other loops know; absent: none. */
  readonly knownIds?: ReadonlyMap<ResourceId, string> | undefined;
  /** Of those that are not to be registered; absent: nothing is known of such. */
  readonly otherReachableOf?: (intent: TargetGroupIntent) => readonly DesiredTarget[];
};

/**
 * The desired state of one group. Without valid members there is no load balancer in it; whether everything goes or
 * everything stays is then told by `model.held`.
 *
 * Problems of scope `member` ask for that member to be held and this function to be called again without it: the value
 * is not fit to be applied then (rules that lack a target group are left out of it). Those of scope `group` mean that
 * nothing of the group can be applied.
 */
export function desiredGroup(input: Input): Checked<DesiredGroup> {
  const { model, facts, observed, config } = input;
  const object = firstMember(model);
  if (object === undefined) return { value: emptyGroup(input), problems: [] };
  const targetGroups = model.targetGroups.map((intent) =>
    desiredTargetGroup({
      intent,
      key: model.key,
      config,
      targets: input.targetsOf(intent),
      alsoReachable: input.otherReachableOf?.(intent) ?? [],
    }),
  );
  const { knownIds } = input;
  const groups = securityGroups({ model, facts: facts.securityGroups, observed, config, object, knownIds });
  const certificates = desiredCertificates(model, observed, config);
  const loadBalancer = desiredLoadBalancer(input, {
    object,
    attached: groups.value.attached,
    requested: certificates.value,
  });
  const front = frontendNlb({ ...input, behind: loadBalancer.value, object });
  const value: DesiredGroup = {
    key: model.key,
    model,
    loadBalancer: loadBalancer.value,
    frontendNlb: front.value,
    securityGroups: groups.value.managed === undefined ? [] : [groups.value.managed],
    targetGroups,
    network: networkNeeds({ targetGroups, securityGroups: groups.value, model, observed, config }),
    certificates: certificates.value,
  };
  const quotas = quotaProblems({
    desired: value,
    observed,
    quotas: facts.quotas,
    config,
    regionUse: facts.regionUse,
    previous: input.previous,
  });
  return {
    value,
    problems: [
      ...groups.problems,
      ...certificates.problems,
      ...loadBalancer.problems,
      ...front.problems,
      ...quotas,
    ],
  };
}

function firstMember({ members }: GroupModel): ObjectRef | undefined {
  return members[0]?.ref;
}

function emptyGroup({ model, observed, config }: Input): DesiredGroup {
  const backend = model.backendGroupAnyway === true ? backendSecurityGroup(config) : undefined;
  return {
    key: model.key,
    model,
    loadBalancer: undefined,
    securityGroups: [],
    targetGroups: [],
    network: { ...noNeeds(model, observed, config), backendSecurityGroup: backend },
    certificates: [],
  };
}

function desiredLoadBalancer(
  { model, facts, observed, config }: Input,
  {
    object,
    attached,
    requested,
  }: {
    readonly object: ObjectRef;
    readonly attached: DesiredLoadBalancer['securityGroups'];
    readonly requested: readonly DesiredCertificate[];
  },
): Checked<DesiredLoadBalancer> {
  const { key, identity, loadBalancer: intent } = model;
  const existing = presentLoadBalancer(observed, intent.scheme);
  const name =
    intent.name ?? loadBalancerName({ clusterName: config.clusterName, key, identity }, intent.scheme);
  const subnets = chosenSubnets({ intent, subnets: facts.subnets, existing, config, object });
  const managed = new Map(
    model.targetGroups.map((group) => [group.id, targetGroupId(config.clusterName, key, group)]),
  );
  const lookup = { managed, named: facts.targetGroupsByName };
  const listeners = desiredListeners({
    model,
    loadBalancerName: name,
    facts,
    existing,
    config,
    lookup,
    requested,
    object,
  });
  const acl = webAcl(intent.webAcl, facts);
  const value: DesiredLoadBalancer = {
    id: resourceId('load-balancer', name),
    name,
    scheme: intent.scheme,
    ipAddressType: intent.ipAddressType,
    subnets: subnets.value,
    securityGroups: attached,
    attributes: intent.attributes,
    customerOwnedIpv4Pool: intent.customerOwnedIpv4Pool,
    ipamPoolId: intent.ipamPoolId,
    capacityUnits: intent.capacityUnits,
    webAclArn: acl.value,
    classicWebAclId: intent.classicWebAclId,
    shieldProtection: facts.shieldActive ? intent.shieldProtection : undefined,
    tags: {
      ...groupTags({ config, key, resource: loadBalancerResource, user: intent.tags }),
      ...(model.adopts === undefined ? {} : { [adoptedTag]: 'true' }),
    },
    ...listeners.value,
  };
  return { value, problems: [...subnets.problems, ...listeners.problems, ...acl.problems] };
}
