// What the members of a group must agree on for the load balancer as a whole.

import { fullKey } from '../annotations/table.ts';
import { type Claim, goList, goSet } from './claim.ts';
import type { LoadBalancerDraft } from './load-balancer.ts';
import { afterOwn, stage } from './stage.ts';

type Words = { readonly place: number; readonly albc: Claim['albc']; readonly print?: string };

/**
 * The claims of one member. `ignored` are attribute keys, and whether the pool or the capacity, that the class of the first member
 * decides for the whole group (albc-behaviour §0).
 */
export function loadBalancerClaims(
  draft: LoadBalancerDraft,
  ignored: {
    readonly attributes: ReadonlySet<string>;
    readonly ipamPool: boolean;
    readonly capacity: boolean;
    /** Some member names a web ACL. */
    readonly webAclArns: boolean;
  },
): readonly Claim[] {
  const { securityGroups, manageBackendRules, ipamPoolId, capacityUnits } = draft;
  return [
    ...claim('ssl-redirect', draft.sslRedirectPort, {
      place: stage.sslRedirect,
      albc: (other) =>
        `conflicting sslRedirect port: ${goList([Number(draft.sslRedirectPort), Number(other.value)].toSorted((a, b) => a - b))}`,
    }),
    ...claim('scheme', draft.scheme, {
      place: stage.scheme,
      albc: (other) => `conflicting scheme: ${goSet(String(draft.scheme), other.value)}`,
    }),
    ...claim('ip-address-type', draft.ipAddressType, {
      place: stage.addressType,
      albc: (other) => `conflicting IPAddressType: ${goSet(String(draft.ipAddressType), other.value)}`,
    }),
    ...subnetClaims(draft),
    ...claim('customer-owned-ipv4-pool', draft.customerOwnedIpv4Pool, {
      place: stage.customerOwnedPool,
      albc: (other) =>
        `conflicting CustomerOwnedIPv4Pool: ${goSet(String(draft.customerOwnedIpv4Pool), other.value)}`,
    }),
    ...claim('ipam-ipv4-pool-id', ignored.ipamPool ? undefined : ipamPoolId, {
      place: stage.ipamPool,
      albc: (other) => `conflicting ipv4 ipam pools ${ipamPoolId}: ${other.value}`,
    }),
    ...claim('security-groups', securityGroups?.join(), {
      place: stage.securityGroups,
      print: goList(securityGroups ?? []),
      albc: (other) => `conflicting securityGroups: ${goList(securityGroups ?? [])} | ${other.print}`,
    }),
    ...claim('manage-backend-security-group-rules', manageBackendRules, {
      place: stage.securityGroups,
      albc: () => 'conflicting manage backend security group rules settings',
    }),
    ...attributeClaims(draft, ignored.attributes),
    ...claim('minimum-load-balancer-capacity', ignored.capacity ? undefined : capacityUnits, {
      place: stage.capacity,
      albc: (other) => `conflicting capacity reservation CapacityUnits: ${capacityUnits} | ${other.value}`,
    }),
    ...addOnClaims(draft, ignored.webAclArns),
    ...claim('load-balancer-name', draft.name, {
      place: stage.name,
      albc: (other) => `conflicting load balancer name: ${goSet(String(draft.name), other.value)}`,
    }),
  ];
}

function addOnClaims(draft: LoadBalancerDraft, ignoresArns: boolean): readonly Claim[] {
  const both = (one: string, other: string): string => goList([one, other].toSorted());
  return [
    ...claim('wafv2-acl-arn', ignoresArns ? undefined : draft.webAclArn, {
      place: stage.addOns,
      albc: (other) => `conflicting WAFv2 WebACL ARNs: ${both(String(draft.webAclArn), other.value)}`,
    }),
    ...claim('wafv2-acl-name', draft.webAclName, {
      place: stage.addOns,
      albc: (other) => `conflicting WAFv2 WebACL names: ${both(String(draft.webAclName), other.value)}`,
    }),
    ...claim('waf-acl-id', draft.classicWebAclId, {
      place: stage.addOns,
      albc: (other) =>
        `conflicting WAFClassic WebACL IDs: ${both(String(draft.classicWebAclId), other.value)}`,
    }),
    ...claim('shield-advanced-protection', draft.shieldProtection, {
      place: stage.addOns,
      albc: () => 'conflicting enable shield advanced protection',
    }),
  ];
}

function claim(key: string, value: string | number | boolean | undefined, words: Words): readonly Claim[] {
  if (value === undefined) return [];
  const text = String(value);
  return [
    {
      slot: key,
      value: text,
      shown: text,
      print: words.print ?? text,
      subject: key,
      path: `metadata.annotations[${fullKey(key)}]`,
      stage: words.place + afterOwn,
      albc: words.albc,
    },
  ];
}

function subnetClaims(draft: LoadBalancerDraft): readonly Claim[] {
  const { subnets, subnetsFromClass } = draft;
  if (subnets === undefined || subnets.kind === 'discover') return [];
  const source = subnetsFromClass ? 'IngressClassParams' : 'annotation';
  const names = subnets.kind === 'named' ? subnets.idsOrNames.toSorted() : undefined;
  const shown = names?.join(', ') ?? `tags ${JSON.stringify(subnets.kind === 'tagged' ? subnets.tags : {})}`;
  return claim('subnets', `${source}: ${shown}`, {
    place: stage.subnets,
    print: goList(names ?? []),
    albc: (other) => {
      if (!other.value.startsWith(`${source}: `)) {
        return 'conflicting subnet specifications: IngressClassParams versus annotation';
      }
      return subnetsFromClass
        ? 'conflicting IngressClassParams subnet specifications'
        : `conflicting subnets: ${goList(names ?? [])} | ${other.print}`;
    },
  });
}

function attributeClaims(draft: LoadBalancerDraft, ignored: ReadonlySet<string>): readonly Claim[] {
  return Object.entries(draft.attributes)
    .filter(([key]) => !ignored.has(key))
    .map(([key, value]) => ({
      slot: `attribute ${key}`,
      value,
      shown: value,
      print: value,
      subject: `load balancer attribute ${key}`,
      path: `metadata.annotations[${fullKey('load-balancer-attributes')}]`,
      stage: stage.attributes + afterOwn,
      albc: (other) => `conflicting load balancer attributes ${key}: ${value} | ${other.value}`,
    }));
}

/** Tags of the group's load balancer, which all members share. */
export function tagClaims(tags: Readonly<Record<string, string>>): readonly Claim[] {
  return Object.entries(tags).map(([key, value]) => ({
    slot: `tag ${key}`,
    value,
    shown: value,
    print: value,
    subject: `tag ${key}`,
    path: `metadata.annotations[${fullKey('tags')}]`,
    stage: stage.tags + afterOwn,
    albc: (other) => `conflicting tag ${key}: ${value} | ${other.value}`,
  }));
}
