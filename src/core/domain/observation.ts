// What is asked of AWS about one group: which resources, and how much of each.

import type { CertificateArn, GroupKey, LoadBalancerArn, SecurityGroupId, TargetGroupArn } from './ids.ts';

/** What carries one group's tags. */
export type GroupResources = {
  readonly loadBalancerArns: readonly LoadBalancerArn[];
  readonly targetGroupArns: readonly TargetGroupArn[];
  readonly securityGroupIds: readonly SecurityGroupId[];
  readonly certificateArns: readonly CertificateArn[];
  /** All of them are another cluster's, which has the same name. */
  readonly others?: true;
  /** All of them carry the UID of this cluster, or of one whose place it took. */
  readonly claimed?: true;
};
export type Inventory = ReadonlyMap<GroupKey, GroupResources>;

/** What to read beyond the descriptions, each at the price of a call for each resource. */
export type ObservationDepth = {
  readonly loadBalancerAttributes: boolean;
  readonly capacityReservation: boolean;
  readonly webAcl: boolean;
  readonly classicWebAcl: boolean;
  readonly shieldProtection: boolean;
  readonly listenerAttributes: boolean;
  /** AWS names of the target groups whose attributes are read. */
  readonly targetGroupAttributes: ReadonlySet<string>;
  /** SNI lists of HTTPS listeners. */
  readonly listenerCertificates: boolean;
};

/** Load balancers, listeners, rules and target groups as they are described, and nothing else. */
export const onlyDescribed: ObservationDepth = {
  loadBalancerAttributes: false,
  capacityReservation: false,
  webAcl: false,
  classicWebAcl: false,
  shieldProtection: false,
  listenerAttributes: false,
  targetGroupAttributes: new Set(),
  listenerCertificates: false,
};
