// Who was there first: whom the group's load balancer serves, and which of their settings it has. Read from AWS and from the
// status of Ingresses, so that a restart changes nothing.

import type { Ingress } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { NamedSetting } from '../domain/group-model.ts';
import type { GroupKey, NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import { owners } from '../domain/owned-by.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Claim } from './claim.ts';
import { baseOf, finalizerKeys } from './identity.ts';
import type { MemberDraft } from './member-draft.ts';
import { isNamedHere } from './moves.ts';
import { presentSettings, settingOf } from './present-settings.ts';
import type { Presence } from './slice.ts';

export type Standing = {
  readonly isServed: (id: NamespacedName) => boolean;
  /** Whether the load balancer has what is claimed; undefined: that cannot be told. */
  readonly has: (claim: Claim) => boolean | undefined;
};

type World = {
  readonly key: GroupKey;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
  /** Undefined: AWS was not read. */
  readonly observed: ObservedGroup | undefined;
};

/**
 * Served are members that have rules or target groups in use here, and those whose users are sent here. Of members of other
 * shards, and while AWS was not read, only their status tells.
 */
export function standing(
  members: readonly { readonly id: NamespacedName; readonly presence?: Presence }[],
  { key, snapshot, config, observed }: World,
): Standing {
  const isTold = (id: NamespacedName): boolean => isToldIn(snapshot.ingresses.get(id), key, config);
  if (observed === undefined) return { isServed: isTold, has: () => undefined };
  const ids = members.map(({ id }) => id);
  const inUse = observed.targetGroups.filter(({ loadBalancerArns }) => loadBalancerArns.length > 0);
  const owning = owners(ids, { ...observed, targetGroups: inUse });
  const elsewhere = new Set(members.flatMap(({ id, presence }) => (presence === 'elsewhere' ? [id] : [])));
  const present = presentSettings(observed, ids);
  return {
    isServed: (id) =>
      elsewhere.has(id) ? isTold(id) : owning.has(id) || isNamedHere(id, { observed, snapshot }),
    has: (claim) => {
      const wanted = settingOf(claim);
      const found = present.get(claim.slot);
      return wanted === undefined || found === undefined ? undefined : wanted === found;
    },
  };
}

/** Its users were sent to a load balancer of this group, and of no other one. */
function isToldIn(ingress: Ingress | undefined, key: GroupKey, config: CoreConfig): boolean {
  if (ingress === undefined || ingress.status.length === 0) return false;
  const keys = finalizerKeys(ingress, config);
  return keys.length > 0 && keys.every((held) => baseOf(held) === baseOf(key));
}

/** What has to be read of the load balancer to tell who was there first with a setting. */
export function namedSettings(
  drafts: readonly MemberDraft[],
  { enableWaf, enableWafv2, enableShield, featureGates }: CoreConfig,
): ReadonlySet<NamedSetting> {
  const isSaid = (value: object): boolean => Object.keys(value).length > 0;
  const names: Readonly<Record<NamedSetting, (draft: MemberDraft) => boolean>> = {
    attributes: ({ loadBalancer }) => isSaid(loadBalancer.attributes),
    listenerAttributes: ({ listenerAttributes }) => [...listenerAttributes.values()].some(isSaid),
    capacityUnits: ({ loadBalancer }) =>
      featureGates.LBCapacityReservation && loadBalancer.capacityUnits !== undefined,
    webAcl: ({ loadBalancer: { webAclArn, webAclName } }) =>
      enableWafv2 && (webAclArn ?? webAclName) !== undefined,
    classicWebAclId: ({ loadBalancer }) => enableWaf && loadBalancer.classicWebAclId !== undefined,
    shieldProtection: ({ loadBalancer }) => enableShield && loadBalancer.shieldProtection !== undefined,
  };
  const all = Object.entries(names) as [NamedSetting, (draft: MemberDraft) => boolean][];
  return new Set(all.flatMap(([setting, isNamed]) => (drafts.some(isNamed) ? [setting] : [])));
}
