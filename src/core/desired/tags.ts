// Ownership tags (albc-behaviour §5.3) over the users' tags. They are how a restarted controller, or ALBC, finds its own.

import { clientSecretTag } from '../domain/client-secret.ts';
import { clusterUidTag } from '../domain/cluster-uid.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { Tags } from '../domain/desired-group.ts';
import type { GroupKey } from '../domain/ids.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { Action } from '../domain/rule.ts';

const clusterTag = 'elbv2.k8s.aws/cluster';
export const resourceTag = 'ingress.k8s.aws/resource';
export const stackTag = 'ingress.k8s.aws/stack';

/** Which member a rule came from; ALBC has no such tag. It is what quarantine and quota admission read. */
export const memberTag = 'albatross.dev/ingress';

/** Resource tags of the things that a group has once (albc-behaviour §5.2). */
export const loadBalancerResource = 'LoadBalancer';
export const frontendNlbResource = 'FrontendNlb';
export const managedSecurityGroupResource = 'ManagedLBSecurityGroup';

/** Tags of a group's resource: the users' ones, on which the tracking tags win without a word, as in ALBC. */
export function groupTags(input: {
  readonly config: CoreConfig;
  readonly key: GroupKey;
  readonly resource: string;
  readonly user: Tags;
}): Tags {
  return {
    ...input.user,
    [clusterTag]: input.config.clusterName,
    [stackTag]: input.key,
    [resourceTag]: input.resource,
    ...uidTag(input.config),
  };
}

/** Not on listeners and rules: they are whose their load balancer is. */
function uidTag({ clusterUid, policy }: CoreConfig): Tags {
  return clusterUid === undefined || policy.clusterUidTag === 'leave' ? {} : { [clusterUidTag]: clusterUid };
}

function secretTag(actions: readonly Action<unknown>[], { policy }: CoreConfig): Tags {
  const hash = actions.find((action) => action.kind === 'authenticate-oidc')?.clientSecretHash;
  return hash === undefined || policy.compatibility === 'albc' ? {} : { [clientSecretTag]: hash };
}

/** Tags of a listener: none where the gate ListenerRulesTagging is off (some partitions cannot tag them). */
export function listenerTags(input: {
  readonly config: CoreConfig;
  readonly key: GroupKey;
  readonly port: number;
  readonly user: Tags;
  readonly actions: readonly Action<unknown>[];
}): Tags {
  const { config, actions, user } = input;
  if (!config.featureGates.ListenerRulesTagging) return {};
  return {
    ...user,
    ...secretTag(actions, config),
    [clusterTag]: config.clusterName,
    [stackTag]: input.key,
    [resourceTag]: String(input.port),
  };
}

/** Tags of a rule, without the resource tag: it holds the priority, which only the plan knows. */
export function ruleTags(input: {
  readonly config: CoreConfig;
  readonly key: GroupKey;
  readonly member: ObjectRef;
  readonly user: Tags;
  readonly actions: readonly Action<unknown>[];
}): Tags {
  const { config, key, member, user, actions } = input;
  if (!config.featureGates.ListenerRulesTagging) return {};
  const own =
    config.policy.compatibility === 'none' ? { [memberTag]: `${member.namespace}/${member.name}` } : {};
  const secret = secretTag(actions, config);
  return { ...user, ...own, ...secret, [clusterTag]: config.clusterName, [stackTag]: key };
}

/** Tags of the shared backend security group: it belongs to no group, so only the default tags of the flag join them. */
export function backendSecurityGroupTags(config: CoreConfig): Tags {
  return {
    ...config.defaultTags,
    [clusterTag]: config.clusterName,
    'elbv2.k8s.aws/resource': 'backend-sg',
    ...uidTag(config),
  };
}
