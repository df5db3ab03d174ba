// What the network loop knows of AWS: the shared backend security group, and the groups on nodes and pods.

import type { SecurityGroupFact } from './facts.ts';
import type { SecurityGroupId } from './ids.ts';
import type { ObservedSecurityGroup } from './observed-group.ts';

export type ObservedNetwork = {
  /** Undefined: there is none yet. */
  readonly backendSecurityGroup: ObservedSecurityGroup | undefined;
  /**
   * By instance id (its primary interface) or pod address (the interface that carries it): the groups on that interface.
   * An endpoint that is missing could not be resolved.
   */
  readonly endpointGroups: ReadonlyMap<string, readonly SecurityGroupFact[]>;
  /** Groups whose ingress rules we may have written, with all their ingress rules. */
  readonly securityGroups: ReadonlyMap<SecurityGroupId, ObservedSecurityGroup>;
  /** Ids of groups that others of the account rely on: what leads from them to targets stays open. Absent: none. */
  readonly others?: ReadonlySet<string>;
};

/** What `observeNetwork` must look up. */
export type NetworkQuery = {
  readonly instanceIds: readonly string[];
  readonly podAddresses: readonly string[];
  /** Of nodes whose interfaces may have prefixes that pod addresses are in; absent: none. */
  readonly nodeAddresses?: readonly string[];
};

/** Description by which rules of ours on node and pod groups are recognised (albc-behaviour §6.3). */
export const sharedRuleDescription = 'elbv2.k8s.aws/targetGroupBinding=shared';
