// The annotation `dry-run-plan` (gate IngressPlanAnnotation): the desired state of a group in the shape of ALBC's model, for
// tools that read it there (albc-behaviour §10.4). Resources refer to each other by `$ref`.

import type { DesiredCertificate, DesiredListener, DesiredLoadBalancer } from '../domain/desired-group.ts';
import { frontend } from './dry-run-frontend.ts';
import {
  attributes,
  groupId,
  managed,
  type PlanInput,
  ref,
  securityGroupType,
  targetGroupType,
  userTags,
} from './dry-run-references.ts';
import { shownAction, shownCondition, shownTransform } from './dry-run-rules.ts';
import { securityGroup } from './dry-run-security-groups.ts';
import { arnOf, binding, targetGroups, targetGroupSpec } from './dry-run-targets.ts';

/** JSON of the plan, without line breaks; undefined for a group without a load balancer. */
export function dryRunPlan(given: PlanInput): string | undefined {
  const { desired } = given;
  const { loadBalancer } = desired;
  if (loadBalancer === undefined) return undefined;
  const types = { loadBalancer: loadBalancerType, behind: loadBalancerId };
  const front = frontend(desired.frontendNlb, types, given);
  return JSON.stringify({
    id: desired.key,
    resources: withoutEmpty({
      [certificateType]: specs(desired.certificates.map((one) => [one.name, certificateSpec(one)])),
      [securityGroupType]: specs(
        desired.securityGroups.map((group) => [managed, securityGroup(group, given)]),
      ),
      [listenerType]: specs([
        ...loadBalancer.listeners.map(
          (listener) => [String(listener.port), listenerSpec(listener, given)] as const,
        ),
        ...front.listeners,
      ]),
      [ruleType]: specs(loadBalancer.listeners.flatMap((listener) => rules(listener, given))),
      [loadBalancerType]: specs([
        [loadBalancerId, loadBalancerSpec(loadBalancer, given)],
        ...front.loadBalancers,
      ]),
      [targetGroupType]: specs([
        ...targetGroups(given).map(([id, group]) => [id, targetGroupSpec(group)] as const),
        ...front.targetGroups,
      ]),
      FrontendNLBTargetGroup: { FrontendNLBTargetGroup: front.state },
      'K8S::ElasticLoadBalancingV2::TargetGroupBinding': specs(
        targetGroups(given).map(([id, group, intent]) => [
          id,
          { template: binding([id, group, intent], given) },
        ]),
      ),
      'AWS::WAFv2::WebACLAssociation': specs(webAcl(loadBalancer)),
      'AWS::WAFRegional::WebACLAssociation': specs(classicWebAcl(loadBalancer)),
      'AWS::Shield::Protection': specs(protection(loadBalancer)),
    }),
  });
}

const certificateType = 'AWS::ACM::Certificate';
const ruleType = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const listenerType = 'AWS::ElasticLoadBalancingV2::Listener';
const loadBalancerType = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const loadBalancerId = 'LoadBalancer';

const specs = (resources: readonly (readonly [id: string, spec: object])[]): object =>
  Object.fromEntries(resources.map(([id, spec]) => [id, { spec }]));
const withoutEmpty = (resources: Readonly<Record<string, object>>): object =>
  Object.fromEntries(Object.entries(resources).filter(([, each]) => Object.keys(each).length > 0));

const loadBalancerArn = ref(loadBalancerType, loadBalancerId, 'loadBalancerARN');

function loadBalancerSpec(wanted: DesiredLoadBalancer, given: PlanInput): object {
  const { name, scheme, ipAddressType, capacityUnits, ipamPoolId } = wanted;
  return {
    name,
    type: 'application',
    scheme,
    ipAddressType,
    subnetMapping: wanted.subnets.map((subnetID) => ({ subnetID })),
    securityGroups: wanted.securityGroups.map((id) => groupId(id, given)),
    customerOwnedIPv4Pool: wanted.customerOwnedIpv4Pool,
    loadBalancerAttributes: attributes(wanted.attributes),
    minimumLoadBalancerCapacity: capacityUnits === undefined ? undefined : { capacityUnits },
    ipv4IPAMPool: ipamPoolId,
    tags: userTags(wanted.tags),
  };
}

function listenerSpec(listener: DesiredListener, given: PlanInput): object {
  const { port, protocol, sslPolicy, certificateArns, mutualAuthentication: mutual } = listener;
  const certificates = certificateArns.map((arn) => ({ certificateARN: certificateArn(arn, given) }));
  return {
    loadBalancerARN: loadBalancerArn,
    port,
    protocol,
    defaultActions: listener.defaultActions.map((action) => shownAction(action, arnOf(given))),
    certificates: certificates.length === 0 ? undefined : certificates,
    sslPolicy,
    mutualAuthentication: mutual && {
      mode: mutual.mode,
      trustStoreArn: mutual.trustStoreArn,
      ignoreClientCertificateExpiry: mutual.ignoreClientCertificateExpiry,
      advertiseTrustStoreCaNames: mutual.advertiseTrustStoreCaNames,
    },
    listenerAttributes: attributes(listener.attributes),
    tags: userTags(listener.tags),
  };
}

function certificateArn(arn: string, { desired, config }: PlanInput): unknown {
  const made = desired.certificates.find((one) => one.arn === arn);
  if (made !== undefined) return ref(certificateType, made.name, 'certificateARN');
  // ALBC's model does not name certificates that exist already, and its plan has this in their place.
  return config.policy.compatibility === 'albc' ? { $ref: '#/resources///status/certificateARN' } : arn;
}

/** With the empty texts that ALBC writes for what is not set. */
function certificateSpec({ domains, authorityArn, tags }: DesiredCertificate): object {
  return {
    type: authorityArn === undefined ? 'AMAZON_ISSUED' : 'PRIVATE',
    certificateAuthorityARN: authorityArn ?? '',
    domainName: domains[0] ?? '',
    subjectAlternativeNames: domains,
    validationMethod: authorityArn === undefined ? 'DNS' : '',
    keyAlgorithm: '',
    tags: userTags(tags),
  };
}

function rules(listener: DesiredListener, given: PlanInput): readonly (readonly [string, object])[] {
  return listener.rules.map((rule, index) => {
    const spec = {
      listenerARN: ref(listenerType, String(listener.port), 'listenerARN'),
      priority: index + 1,
      actions: rule.actions.map((action) => shownAction(action, arnOf(given))),
      conditions: rule.conditions.map(shownCondition),
      transforms: rule.transforms.length === 0 ? undefined : rule.transforms.map(shownTransform),
      tags: userTags(rule.tags),
    };
    return [`${listener.port}:${index + 1}`, spec];
  });
}

function classicWebAcl({
  classicWebAclId: webACLID,
}: DesiredLoadBalancer): readonly (readonly [string, object])[] {
  return webACLID === undefined ? [] : [[loadBalancerId, { webACLID, resourceARN: loadBalancerArn }]];
}

function webAcl({ webAclArn }: DesiredLoadBalancer): readonly (readonly [string, object])[] {
  if (webAclArn === undefined) return [];
  return [[loadBalancerId, { webACLARN: webAclArn, resourceARN: loadBalancerArn }]];
}

function protection({ shieldProtection }: DesiredLoadBalancer): readonly (readonly [string, object])[] {
  if (shieldProtection === undefined) return [];
  return [[loadBalancerId, { enabled: shieldProtection, resourceARN: loadBalancerArn }]];
}
