// Folds what was just written into the observation, so that the next plan needs no read (a no-op costs nothing). The
// audit reads AWS anew and finds what this got wrong.

import type { LoadBalancerArn, SecurityGroupId, TargetGroupArn } from '../domain/ids.ts';
import {
  type ObservedGroup,
  type ObservedListener,
  type ObservedLoadBalancer,
  type ObservedSecurityGroup,
  type ObservedTargetGroup,
  retiredTag,
} from '../domain/observed-group.ts';
import type { OperationOf } from '../domain/operation.ts';
import type { Done } from './done.ts';
import { rememberLoadBalancerTarget } from './frontend-targets.ts';
import { rememberCertificate } from './remember-certificates.ts';
import { rememberListener, rememberNewListener, rememberRule } from './remember-listeners.ts';
import { changedTags, rememberTags, withoutReleased } from './remember-tags.ts';
import { placementOf } from './zone-steps.ts';

/** The observation after one done operation. Targets are not remembered here: the targets loop keeps those. */
export function remember(observed: ObservedGroup, done: Done): ObservedGroup {
  const { operation } = done;
  switch (operation.kind) {
    case 'createSecurityGroup':
    case 'authorizeIngress':
    case 'revokeIngress':
    case 'deleteSecurityGroup':
    case 'setSecurityGroupTags':
      return { ...observed, securityGroups: rememberSecurityGroup(observed.securityGroups, operation, done) };
    case 'createTargetGroup':
    case 'modifyTargetGroup':
    case 'modifyTargetGroupAttributes':
    case 'deleteTargetGroup':
      return { ...observed, targetGroups: rememberTargetGroup(observed.targetGroups, operation, done) };
    case 'registerLoadBalancer':
    case 'deregisterTargets':
      return {
        ...observed,
        targetGroups: rememberLoadBalancerTarget(observed.targetGroups, operation, done),
      };
    case 'registerTargets':
    case 'awaitHealthyTargets':
      return observed;
    case 'requestCertificate':
    case 'createValidationRecords':
    case 'setCertificateTags':
    case 'deleteCertificate':
      return { ...observed, certificates: rememberCertificate(observed.certificates, operation, done) };
    case 'setTags':
      return rememberTags(observed, operation);
    case 'release':
      return withoutReleased(observed, operation);
    case 'createLoadBalancer':
    case 'modifyLoadBalancerAttributes':
    case 'setSubnets':
    case 'setSecurityGroups':
    case 'setIpAddressType':
    case 'modifyIpPools':
    case 'modifyCapacityReservation':
    case 'associateWebAcl':
    case 'disassociateWebAcl':
    case 'associateClassicWebAcl':
    case 'disassociateClassicWebAcl':
    case 'createShieldProtection':
    case 'deleteShieldProtection':
    case 'deleteLoadBalancer':
    case 'awaitActiveLoadBalancer':
    case 'retireLoadBalancer':
      return { ...observed, loadBalancers: rememberLoadBalancer(observed.loadBalancers, operation, done) };
    case 'createListener':
      return { ...observed, loadBalancers: rememberNewListener(observed.loadBalancers, operation, done) };
    case 'modifyListener':
    case 'modifyListenerAttributes':
    case 'addListenerCertificate':
    case 'removeListenerCertificate':
    case 'deleteListener':
      return withListeners(observed, (listeners) => rememberListener(listeners, operation, done));
    case 'createRule':
    case 'modifyRule':
    case 'setRulePriorities':
    case 'deleteRule':
      return withListeners(observed, (listeners) =>
        listeners.map((listener) => rememberRule(listener, operation, done)),
      );
  }
}

function rememberSecurityGroup(
  groups: readonly ObservedSecurityGroup[],
  operation: OperationOf<
    | 'createSecurityGroup'
    | 'authorizeIngress'
    | 'revokeIngress'
    | 'deleteSecurityGroup'
    | 'setSecurityGroupTags'
  >,
  { attributes, look }: Done,
): readonly ObservedSecurityGroup[] {
  if (operation.kind === 'createSecurityGroup') {
    const { name, description, tags } = operation;
    return [...groups, { id: attributes.id as SecurityGroupId, name, description, tags, ingress: [] }];
  }
  const id = look(operation.securityGroup);
  if (operation.kind === 'deleteSecurityGroup') return groups.filter((group) => group.id !== id);
  return groups.map((group) => {
    if (group.id !== id) return group;
    if (operation.kind === 'setSecurityGroupTags')
      return { ...group, tags: changedTags(group.tags, operation) };
    if (operation.kind === 'revokeIngress')
      return { ...group, ingress: group.ingress.filter((rule) => !operation.ruleIds.includes(rule.ruleId)) };
    const added = operation.rules.map((rule, i) => ({
      ...rule,
      source:
        rule.source.kind === 'securityGroup' ? { ...rule.source, id: look(rule.source.id) } : rule.source,
      ruleId: attributes.ruleIds?.[i] ?? '',
    }));
    return { ...group, ingress: [...group.ingress, ...added] };
  });
}

function rememberTargetGroup(
  groups: readonly ObservedTargetGroup[],
  operation: OperationOf<
    'createTargetGroup' | 'modifyTargetGroup' | 'modifyTargetGroupAttributes' | 'deleteTargetGroup'
  >,
  { attributes, look }: Done,
): readonly ObservedTargetGroup[] {
  if (operation.kind === 'createTargetGroup') {
    const { name, targetType, port, protocol, protocolVersion, ipAddressType, healthCheck, tags } =
      operation.spec;
    const arn = attributes.arn as TargetGroupArn;
    return [
      ...groups.filter((group) => group.arn !== arn),
      {
        arn,
        name,
        targetType,
        port,
        protocol,
        protocolVersion: protocolVersion ?? 'HTTP1',
        ipAddressType,
        healthCheck,
        tags,
        attributes: {},
        loadBalancerArns: [],
        targets: targetType === 'alb' ? [] : undefined,
      },
    ];
  }
  const arn = look(operation.targetGroup);
  if (operation.kind === 'deleteTargetGroup') return groups.filter((group) => group.arn !== arn);
  return groups.map((group) => {
    if (group.arn !== arn) return group;
    return operation.kind === 'modifyTargetGroup'
      ? { ...group, healthCheck: operation.healthCheck }
      : { ...group, attributes: { ...group.attributes, ...operation.attributes } };
  });
}

type SettingKind =
  | 'modifyLoadBalancerAttributes'
  | 'setSubnets'
  | 'setSecurityGroups'
  | 'setIpAddressType'
  | 'modifyIpPools'
  | 'modifyCapacityReservation'
  | 'associateWebAcl'
  | 'disassociateWebAcl'
  | 'associateClassicWebAcl'
  | 'disassociateClassicWebAcl'
  | 'createShieldProtection'
  | 'deleteShieldProtection'
  | 'awaitActiveLoadBalancer'
  | 'retireLoadBalancer';

function rememberLoadBalancer(
  loadBalancers: readonly ObservedLoadBalancer[],
  operation: OperationOf<'createLoadBalancer' | SettingKind | 'deleteLoadBalancer'>,
  done: Done,
): readonly ObservedLoadBalancer[] {
  const { attributes, look } = done;
  if (operation.kind === 'createLoadBalancer') {
    const { name, scheme, ipAddressType, subnets, securityGroups, ipamPoolId, tags } = operation.spec;
    const { allocationIds } = operation.spec;
    const arn = attributes.arn as LoadBalancerArn;
    const created: ObservedLoadBalancer = {
      arn,
      name,
      dnsName: attributes.dnsName ?? '',
      type: operation.type ?? 'application',
      scheme,
      state: attributes.state ?? 'provisioning',
      ipAddressType,
      subnets: subnets.toSorted(),
      ...(allocationIds === undefined ? {} : { allocationIds: allocationIds.toSorted() }),
      placement: placementOf(operation.spec),
      securityGroups: securityGroups.map((group) => look(group)),
      ipamPoolId,
      capacityUnits: 0,
      webAclArn: '',
      classicWebAclId: '',
      shieldProtection: 'none',
      attributes: {},
      tags,
      listeners: [],
    };
    return [...loadBalancers.filter((loadBalancer) => loadBalancer.arn !== arn), created].toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }
  const arn = look(operation.loadBalancer);
  if (operation.kind === 'deleteLoadBalancer')
    return loadBalancers.filter((loadBalancer) => loadBalancer.arn !== arn);
  return loadBalancers.map((loadBalancer) =>
    loadBalancer.arn === arn
      ? { ...loadBalancer, ...changedFields(loadBalancer, operation, done) }
      : loadBalancer,
  );
}

function changedFields(
  loadBalancer: ObservedLoadBalancer,
  operation: OperationOf<SettingKind>,
  { attributes, look }: Done,
): Partial<ObservedLoadBalancer> {
  switch (operation.kind) {
    case 'modifyLoadBalancerAttributes':
      return { attributes: { ...loadBalancer.attributes, ...operation.attributes } };
    case 'setSubnets':
      return {
        subnets: operation.subnets.toSorted(),
        ...(operation.allocationIds === undefined
          ? {}
          : { allocationIds: operation.allocationIds.toSorted() }),
        placement: placementOf(operation),
        ipAddressType: operation.ipAddressType,
      };
    case 'setSecurityGroups':
      return { securityGroups: operation.securityGroups.map((group) => look(group)) };
    case 'setIpAddressType':
      return { ipAddressType: operation.ipAddressType };
    case 'modifyIpPools':
      return { ipamPoolId: operation.ipamPoolId };
    case 'modifyCapacityReservation':
      return { capacityUnits: operation.capacityUnits };
    case 'associateWebAcl':
      return { webAclArn: operation.webAclArn };
    case 'disassociateWebAcl':
      return { webAclArn: '' };
    case 'associateClassicWebAcl':
      return { classicWebAclId: operation.webAclId };
    case 'disassociateClassicWebAcl':
      return { classicWebAclId: '' };
    case 'createShieldProtection':
      return { shieldProtection: { id: attributes.id ?? '', name: operation.name } };
    case 'deleteShieldProtection':
      return { shieldProtection: 'none' };
    case 'awaitActiveLoadBalancer':
      return { state: 'active' };
    case 'retireLoadBalancer':
      return { tags: { ...loadBalancer.tags, [retiredTag]: attributes.retiredAt ?? '' } };
  }
}

function withListeners(
  observed: ObservedGroup,
  change: (listeners: readonly ObservedListener[]) => readonly ObservedListener[],
): ObservedGroup {
  return {
    ...observed,
    loadBalancers: observed.loadBalancers.map((loadBalancer) => ({
      ...loadBalancer,
      listeners: change(loadBalancer.listeners),
    })),
  };
}
