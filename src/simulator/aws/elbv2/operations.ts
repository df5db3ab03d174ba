import {
  AddListenerCertificates$,
  AddTags$,
  CreateListener$,
  CreateLoadBalancer$,
  CreateRule$,
  CreateTargetGroup$,
  CreateTrustStore$,
  DeleteListener$,
  DeleteLoadBalancer$,
  DeleteRule$,
  DeleteTargetGroup$,
  DeleteTrustStore$,
  DeregisterTargets$,
  DescribeAccountLimits$,
  DescribeCapacityReservation$,
  DescribeListenerAttributes$,
  DescribeListenerCertificates$,
  DescribeListeners$,
  DescribeLoadBalancerAttributes$,
  DescribeLoadBalancers$,
  DescribeRules$,
  DescribeSSLPolicies$,
  DescribeTags$,
  DescribeTargetGroupAttributes$,
  DescribeTargetGroups$,
  DescribeTargetHealth$,
  DescribeTrustStores$,
  ModifyCapacityReservation$,
  ModifyIpPools$,
  ModifyListener$,
  ModifyListenerAttributes$,
  ModifyLoadBalancerAttributes$,
  ModifyRule$,
  ModifyTargetGroup$,
  ModifyTargetGroupAttributes$,
  RegisterTargets$,
  RemoveListenerCertificates$,
  RemoveTags$,
  SetIpAddressType$,
  SetRulePriorities$,
  SetSecurityGroups$,
  SetSubnets$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation, type Service } from '../operation.ts';
import { describeAccountLimits } from './account-limits.ts';
import { describeListenerAttributes, modifyListenerAttributes } from './listener-attributes.ts';
import {
  addListenerCertificates,
  describeListenerCertificates,
  removeListenerCertificates,
} from './listener-certificates.ts';
import { createListener, deleteListener, describeListeners, modifyListener } from './listeners.ts';
import { describeLoadBalancerAttributes, modifyLoadBalancerAttributes } from './load-balancer-attributes.ts';
import {
  describeCapacityReservation,
  modifyCapacityReservation,
  modifyIpPools,
  setIpAddressType,
  setSecurityGroups,
  setSubnets,
} from './load-balancer-settings.ts';
import { createLoadBalancer, deleteLoadBalancer, describeLoadBalancers } from './load-balancers.ts';
import { createRule, deleteRule, describeRules, modifyRule, setRulePriorities } from './rules.ts';
import { describeSSLPolicies } from './ssl-policies.ts';
import { addTagsOperation, describeTags, removeTagsOperation } from './tag-operations.ts';
import { describeTargetGroupAttributes, modifyTargetGroupAttributes } from './target-group-attributes.ts';
import {
  createTargetGroup,
  deleteTargetGroup,
  describeTargetGroups,
  modifyTargetGroup,
} from './target-groups.ts';
import { deregisterTargets, describeTargetHealth, registerTargets } from './targets.ts';
import { createTrustStore, deleteTrustStore, describeTrustStores } from './trust-stores.ts';

/** Elastic Load Balancing v2: what a controller of Application Load Balancers calls. One file for each kind of resource. */
export const elbv2: Service = {
  name: 'elbv2',
  signingName: 'elasticloadbalancing',
  protocol: 'query',
  xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  operations: {
    AddListenerCertificates: operation(AddListenerCertificates$, addListenerCertificates),
    AddTags: operation(AddTags$, addTagsOperation),
    CreateListener: operation(CreateListener$, createListener),
    CreateLoadBalancer: operation(CreateLoadBalancer$, createLoadBalancer),
    CreateRule: operation(CreateRule$, createRule),
    CreateTargetGroup: operation(CreateTargetGroup$, createTargetGroup),
    CreateTrustStore: operation(CreateTrustStore$, createTrustStore),
    DeleteListener: operation(DeleteListener$, deleteListener),
    DeleteLoadBalancer: operation(DeleteLoadBalancer$, deleteLoadBalancer),
    DeleteRule: operation(DeleteRule$, deleteRule),
    DeleteTargetGroup: operation(DeleteTargetGroup$, deleteTargetGroup),
    DeleteTrustStore: operation(DeleteTrustStore$, deleteTrustStore),
    DeregisterTargets: operation(DeregisterTargets$, deregisterTargets),
    DescribeAccountLimits: operation(DescribeAccountLimits$, describeAccountLimits),
    DescribeCapacityReservation: operation(DescribeCapacityReservation$, describeCapacityReservation),
    DescribeListenerAttributes: operation(DescribeListenerAttributes$, describeListenerAttributes),
    DescribeListenerCertificates: operation(DescribeListenerCertificates$, describeListenerCertificates),
    DescribeListeners: operation(DescribeListeners$, describeListeners),
    DescribeLoadBalancerAttributes: operation(
      DescribeLoadBalancerAttributes$,
      describeLoadBalancerAttributes,
    ),
    DescribeLoadBalancers: operation(DescribeLoadBalancers$, describeLoadBalancers),
    DescribeRules: operation(DescribeRules$, describeRules),
    DescribeSSLPolicies: operation(DescribeSSLPolicies$, describeSSLPolicies),
    DescribeTags: operation(DescribeTags$, describeTags),
    DescribeTargetGroupAttributes: operation(DescribeTargetGroupAttributes$, describeTargetGroupAttributes),
    DescribeTargetGroups: operation(DescribeTargetGroups$, describeTargetGroups),
    DescribeTargetHealth: operation(DescribeTargetHealth$, describeTargetHealth),
    DescribeTrustStores: operation(DescribeTrustStores$, describeTrustStores),
    ModifyCapacityReservation: operation(ModifyCapacityReservation$, modifyCapacityReservation),
    ModifyIpPools: operation(ModifyIpPools$, modifyIpPools),
    ModifyListener: operation(ModifyListener$, modifyListener),
    ModifyListenerAttributes: operation(ModifyListenerAttributes$, modifyListenerAttributes),
    ModifyLoadBalancerAttributes: operation(ModifyLoadBalancerAttributes$, modifyLoadBalancerAttributes),
    ModifyRule: operation(ModifyRule$, modifyRule),
    ModifyTargetGroup: operation(ModifyTargetGroup$, modifyTargetGroup),
    ModifyTargetGroupAttributes: operation(ModifyTargetGroupAttributes$, modifyTargetGroupAttributes),
    RegisterTargets: operation(RegisterTargets$, registerTargets),
    RemoveListenerCertificates: operation(RemoveListenerCertificates$, removeListenerCertificates),
    RemoveTags: operation(RemoveTags$, removeTagsOperation),
    SetIpAddressType: operation(SetIpAddressType$, setIpAddressType),
    SetRulePriorities: operation(SetRulePriorities$, setRulePriorities),
    SetSecurityGroups: operation(SetSecurityGroups$, setSecurityGroups),
    SetSubnets: operation(SetSubnets$, setSubnets),
  },
};
