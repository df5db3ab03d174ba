// A cluster of the same name has the same names and tags in AWS; only the UID tells whose something is.

import { clusterUidTag, otherClusterOf } from '../domain/cluster-uid.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { Tags } from '../domain/desired-group.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { PlanProblem } from './group-problem.ts';

/** The observation without what another cluster has under the same key; the same object where there is nothing. */
export function ownOf(observed: ObservedGroup, config: CoreConfig): ObservedGroup {
  const isOwn = ({ tags }: { readonly tags: Tags }): boolean => otherClusterOf(tags, config) === undefined;
  const { loadBalancers, targetGroups, securityGroups, certificates } = observed;
  if ([loadBalancers, targetGroups, securityGroups, certificates].every((all) => all.every(isOwn)))
    return observed;
  return {
    ...observed,
    loadBalancers: loadBalancers.filter(isOwn),
    targetGroups: targetGroups.filter(isOwn),
    securityGroups: securityGroups.filter(isOwn),
    certificates: certificates.filter(isOwn),
  };
}

/** Why nothing of the group may be written while it has something of another cluster; undefined: it has nothing. */
export function clashOf(observed: ObservedGroup, config: CoreConfig): PlanProblem | undefined {
  const { loadBalancers, targetGroups, securityGroups, certificates } = observed;
  const all = [
    ...loadBalancers.map(({ name, tags }) => ({ what: `load balancer ${name}`, tags })),
    ...targetGroups.map(({ name, tags }) => ({ what: `target group ${name}`, tags })),
    ...securityGroups.map(({ name, tags }) => ({ what: `security group ${name}`, tags })),
    ...certificates.map(({ arn, tags }) => ({ what: `certificate ${arn}`, tags })),
  ];
  const others = all.filter(({ tags }) => otherClusterOf(tags, config) !== undefined);
  const [first] = others;
  if (first === undefined) return undefined;
  const more = others.length > 1 ? ` and ${others.length - 1} more` : '';
  const uid = first.tags[clusterUidTag];
  return {
    code: 'ClusterClash',
    message: `${first.what}${more} is of another cluster with the name ${config.clusterName} (tag ${clusterUidTag} is ${uid}, and this cluster is ${config.clusterUid}), so nothing of group ${observed.key} is written`,
    hint: `Give one of the clusters another --cluster-name; if that one is gone and this one has its place, start with --former-cluster-uids=${uid}`,
  };
}
