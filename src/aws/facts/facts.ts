// Looks up what plans need to know of the account beyond the group's own resources. Answers are shared by all groups and
// kept for a while; `FactsQuery` says which are needed at all.

import type { Facts, FactsQuery } from '../../core/domain/facts.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { Cached } from '../cached.ts';
import { Certificates } from './certificates.ts';
import { targetGroupsByName, trustStoresByName } from './names.ts';
import { type LimitsOptions, limitsInForce } from './quotas.ts';
import { securityGroups } from './security-groups.ts';
import { hasRoleTags, internetSubnets, subnets, Zones } from './subnets.ts';
import { vpc } from './vpc.ts';
import { webAclsByName } from './web-acls.ts';

const minute = 60_000;

export type FactsReader = (query: FactsQuery, options: Signalled) => Promise<Facts>;

/**
 * Makes the reader of facts with its caches. What a query does not ask for comes back empty. A lookup that AWS refuses
 * throws the AwsError.
 *
 * `signal` ends loads that are shared, at the end of the process.
 */
export function createFacts(context: AwsContext, options: LimitsOptions): FactsReader {
  const { clock } = context;
  const { signal } = options;
  const cached = <T>(ttlMs: number, load: () => Promise<T>): Cached<T> => new Cached({ clock, ttlMs, load });
  const zones = new Zones(context, { signal });
  const certificates = new Certificates(context, { signal });
  // Short where users wait for what they have just made, long where AWS or an operator seldom changes it.
  const caches = {
    vpc: cached(10 * minute, () => vpc(context, { signal })),
    subnets: cached(minute, () => subnets(context, { zones, signal })),
    routes: cached(minute, () => internetSubnets(context, { signal })),
    securityGroups: cached(minute, () => securityGroups(context, { signal })),
    certificates: cached(minute, () => certificates.list()),
  };
  const limits = limitsInForce(context, options);
  const targetGroupNames = targetGroupsByName(context);
  const trustStoreNames = trustStoresByName(context);
  const webAclNames = webAclsByName(context);

  const subnetFacts = async (
    wanted: FactsQuery['subnets'],
    signalled: Signalled,
  ): Promise<Facts['subnets']> => {
    if (wanted === 'none') return [];
    const found = await caches.subnets.get(signalled);
    if (wanted === 'all' || hasRoleTags(found)) return found;
    const open = await caches.routes.get(signalled);
    return found.map((subnet) => ({ ...subnet, routesToInternet: open(subnet.id) }));
  };

  return async (query, signalled) => {
    const ask = <T>(isWanted: boolean, cache: Cached<readonly T[]>): Promise<readonly T[]> =>
      isWanted ? cache.get(signalled) : Promise.resolve([]);
    const [vpcFact, subnetList, groups, certificateList, quotas, targetGroupArns, trustStoreArns] =
      await Promise.all([
        query.vpc ? caches.vpc.get(signalled) : undefined,
        subnetFacts(query.subnets, signalled),
        ask(query.securityGroups, caches.securityGroups),
        ask(query.certificates, caches.certificates),
        query.quotas ? limits({ ...signalled, serviceQuotas: query.serviceQuotas }) : [],
        targetGroupNames(query.targetGroupNames, signalled),
        trustStoreNames(query.trustStoreNames, signalled),
      ]);
    const [webAcls, shieldActive] = await Promise.all([
      webAclNames(query.webAclNames, signalled),
      query.shield && context.shieldSubscription(signalled),
    ]);
    return {
      vpc: vpcFact,
      subnets: subnetList,
      securityGroups: groups,
      certificates: certificateList,
      quotas,
      regionUse: context.regionCount.use,
      targetGroupsByName: targetGroupArns,
      trustStoresByName: trustStoreArns,
      webAclsByName: webAcls,
      shieldActive,
    };
  };
}
