import { type CoreConfig, policies } from '../../src/core/domain/config.ts';
import { repairAll } from '../../src/core/domain/drift.ts';

/** ALBC's defaults (albc-behaviour §9.1) for the recordings' world, with what a test wants otherwise. */
export function coreConfig(overrides: Partial<CoreConfig> = {}): CoreConfig {
  return {
    clusterName: 'demo-cluster',
    clusterUid: undefined,
    formerClusterUids: [],
    region: 'us-west-2',
    vpcId: 'vpc-0123456789abcdef0',
    ingressClass: 'alb',
    watchNamespace: undefined,
    defaultTargetType: 'instance',
    defaultLoadBalancerScheme: 'internal',
    defaultSslPolicy: 'ELBSecurityPolicy-2016-08',
    defaultTags: {},
    externalManagedTags: [],
    tolerateNonExistentBackendService: true,
    tolerateNonExistentBackendAction: true,
    enableBackendSecurityGroup: true,
    backendSecurityGroup: undefined,
    enableManageBackendSecurityGroupRules: false,
    disableRestrictedSgRules: false,
    enableWaf: true,
    enableWafv2: true,
    enableShield: true,
    serviceTargetEniSecurityGroupTags: {},
    allowedCertificateAuthorityArns: [],
    defaultPcaArn: undefined,
    requiredSecretsLabel: undefined,
    maxTargetsPerTargetGroup: 0,
    targetFloorPercent: 50,
    reservedRulePriorities: [],
    maxGroupDeletions: 20,
    drift: repairAll,
    featureGates: {
      ListenerRulesTagging: true,
      WeightedTargetGroups: true,
      EndpointsFailOpen: true,
      EnableIPTargetType: true,
      EnableRGTAPI: false,
      SubnetsClusterTagCheck: true,
      SubnetDiscoveryByReachability: true,
      ALBSingleSubnet: false,
      LBCapacityReservation: true,
      EnhancedDefaultBehavior: false,
      EnableDefaultTagsLowPriority: false,
      EnableCertificateManagement: false,
      IngressPlanAnnotation: false,
    },
    policy: policies.none,
    ...overrides,
  };
}

export const gatesWith = (gates: Partial<CoreConfig['featureGates']>): Partial<CoreConfig> => ({
  featureGates: { ...coreConfig().featureGates, ...gates },
});
