import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { GroupKey } from '../domain/ids.ts';
import { replacementConsent } from './consent.ts';
import { mergedFrontendNlb } from './frontend-nlb-group.ts';
import { baseOf } from './identity.ts';
import type { MemberDraft } from './member-draft.ts';
import { mergedLoadBalancer } from './merge.ts';

/** The load balancers of a group, or of one shard of it: a given name and given addresses are those of the first one. */
export function loadBalancersOf(
  drafts: readonly MemberDraft[],
  key: GroupKey,
  config: CoreConfig,
): Pick<GroupModel, 'loadBalancer' | 'frontendNlb'> {
  const isFirst = baseOf(key) === key;
  const merged = mergedLoadBalancer(drafts, config);
  const loadBalancer = isFirst ? merged : { ...merged, name: undefined };
  const front = mergedFrontendNlb(drafts, loadBalancer.tags, config);
  const own = isFirst ? front : front && { ...front, allocationIds: [] };
  return { loadBalancer, frontendNlb: own && { ...own, ...replacementConsent(drafts, 'frontendNlb') } };
}
