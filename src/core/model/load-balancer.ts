// What a member says about the load balancer as a whole.

import type { Parsed } from '../annotations/parsed.ts';
import { entryOf } from '../annotations/table.ts';
import { parseMap } from '../annotations/string-map.ts';
import { parseBoolean, parseInteger, parseList, parseText } from '../annotations/values.ts';
import type { KeyValue } from '../domain/cluster.ts';
import type { CoreConfig, Scheme } from '../domain/config.ts';
import type { LoadBalancerIntent, SubnetSelection } from '../domain/group-model.ts';
import type { MemberContext } from './context.ts';
import { type AddOnsDraft, addOnsDraft } from './add-ons.ts';
import { annotationReader, oneOf } from './read-annotations.ts';
import { stage } from './stage.ts';

type StringMap = Readonly<Record<string, string>>;

/** `undefined`: this member does not say. */
export type LoadBalancerDraft = {
  readonly name: string | undefined;
  readonly scheme: Scheme | undefined;
  readonly ipAddressType: LoadBalancerIntent['ipAddressType'] | undefined;
  readonly subnets: SubnetSelection | undefined;
  readonly subnetsFromClass: boolean;
  readonly customerOwnedIpv4Pool: string | undefined;
  readonly ipamPoolId: string | undefined;
  readonly securityGroups: readonly string[] | undefined;
  readonly manageBackendRules: boolean | undefined;
  readonly attributes: StringMap;
  readonly capacityUnits: number | undefined;
  readonly sslRedirectPort: number | undefined;
} & AddOnsDraft;

const schemes = ['internal', 'internet-facing'] as const;
const addressTypes = ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'] as const;

/** Reads the settings of the whole load balancer; those of IngressClassParams go before annotations (albc-behaviour §1.3, §2.2). */
export function loadBalancerDraft(context: MemberContext): LoadBalancerDraft {
  const { params } = context;
  const at = (place: number, albcPrefix = false) => annotationReader(context, { stage: place, albcPrefix });
  return {
    sslRedirectPort: sslRedirectPort(context),
    scheme: known(schemes, params?.scheme) ?? scheme(context),
    ipAddressType: known(addressTypes, params?.ipAddressType) ?? addressType(context),
    ...subnets(context),
    customerOwnedIpv4Pool: customerOwnedPool(context),
    ipamPoolId: nonEmpty(at(stage.ipamPool).text('ipam-ipv4-pool-id')),
    securityGroups: nonEmptyList(at(stage.securityGroups).value('security-groups', parseList)),
    manageBackendRules: at(stage.securityGroups).value('manage-backend-security-group-rules', parseBoolean),
    attributes: at(stage.attributes).value('load-balancer-attributes', parseMap) ?? {},
    capacityUnits: capacityUnits(context),
    ...addOnsDraft(context),
    name: name(context),
  };
}

function known<T extends string>(allowed: readonly T[], text: string | undefined): T | undefined {
  return allowed.find((word) => word === text);
}

function scheme(context: MemberContext): Scheme | undefined {
  const reader = annotationReader(context, { stage: stage.scheme, albcPrefix: false });
  return oneOf(reader, 'scheme', schemes, (text) => `unknown scheme: ${text}`);
}

function addressType(context: MemberContext): LoadBalancerIntent['ipAddressType'] | undefined {
  const reader = annotationReader(context, { stage: stage.addressType, albcPrefix: false });
  return oneOf(reader, 'ip-address-type', addressTypes, (text) => `unknown IPAddressType: ${text}`);
}

function sslRedirectPort(context: MemberContext): number | undefined {
  const written = context.params?.sslRedirectPort;
  const reader = annotationReader(context, { stage: stage.sslRedirect, albcPrefix: true });
  if (written === undefined) return reader.value('ssl-redirect', parseInteger);
  const port = parseInteger(written);
  if (port.ok) return port.value;
  context.report(stage.ours, {
    code: 'ClassInvalid',
    severity: 'warning',
    path: 'spec.ingressClassName',
    message: `Ingress ${context.id}: sslRedirectPort "${written}" of IngressClassParams ${context.params?.meta.name ?? ''} is not a port number, so nothing is redirected`,
    hint: 'Write the number of an HTTPS port, such as "443"',
  });
  return undefined;
}

function subnets(context: MemberContext): Pick<LoadBalancerDraft, 'subnets' | 'subnetsFromClass'> {
  const { params } = context;
  if (params?.subnetIds !== undefined) {
    return { subnets: { kind: 'named', idsOrNames: params.subnetIds }, subnetsFromClass: true };
  }
  if (params?.subnetTags !== undefined) {
    return { subnets: { kind: 'tagged', tags: params.subnetTags }, subnetsFromClass: true };
  }
  const reader = annotationReader(context, { stage: stage.subnets, albcPrefix: false });
  const idsOrNames = reader.value('subnets', parseList);
  if (idsOrNames?.length === 0) {
    reader.refuse('subnets', 'which names no subnet', 'unable to resolve at least one subnet');
  }
  return {
    subnets: idsOrNames === undefined ? undefined : { kind: 'named', idsOrNames },
    subnetsFromClass: false,
  };
}

function customerOwnedPool(context: MemberContext): string | undefined {
  const reader = annotationReader(context, { stage: stage.customerOwnedPool, albcPrefix: false });
  const pool = reader.value('customer-owned-ipv4-pool', parseText);
  if (pool === '') {
    const albc = `cannot use empty value for customer-owned-ipv4-pool annotation, ingress: ${context.id}`;
    reader.refuse('customer-owned-ipv4-pool', 'which names no pool', albc);
  }
  return pool;
}

const capacityKey = 'CapacityUnits';

function capacityUnits(context: MemberContext): number | undefined {
  const reader = annotationReader(context, { stage: stage.capacity, albcPrefix: false });
  const key = 'minimum-load-balancer-capacity';
  const entries = reader.value(key, parseMap);
  if (entries === undefined) return undefined;
  const other = Object.keys(entries).find((candidate) => candidate !== capacityKey);
  if (other !== undefined) {
    const albc = `invalid key to set the capacity: ${other}, Expected key: ${capacityKey}`;
    reader.refuse(key, `where "${other}" is not ${capacityKey}`, albc);
    return undefined;
  }
  const text = entries[capacityKey];
  if (text === undefined) return undefined;
  const units: Parsed<number> = parseInteger(text);
  if (units.ok) return units.value;
  const albc = `invalid value to set the capacity: ${text}: ${'tail' in units.albc ? units.albc.tail : ''}`;
  reader.refuse(key, `where "${text}" is not a whole number`, albc);
  return undefined;
}

function name(context: MemberContext): string | undefined {
  const { params, config, id } = context;
  const fromClass = params?.loadBalancerName;
  const reader = annotationReader(context, { stage: stage.name, albcPrefix: false });
  const found = fromClass ?? reader.value('load-balancer-name', parseText);
  const fault = found === undefined ? undefined : nameFault(found, config);
  if (fault === undefined) return found;
  if (fromClass === undefined) reader.refuse('load-balancer-name', `which ${fault.why}`, fault.albc);
  else {
    context.report(stage.name, {
      code: 'ClassInvalid',
      path: 'spec.ingressClassName',
      message: `Ingress ${id}: loadBalancerName "${found}" of IngressClassParams ${params?.meta.name ?? ''} ${fault.why}; allowed: ${entryOf('load-balancer-name')?.allowed}`,
      ...(fault.albc === undefined ? {} : { albcMessage: fault.albc }),
    });
  }
  return undefined;
}

/** What AWS does not take as a name; all but the length ALBC leaves to it. */
function nameFault(
  found: string,
  { policy }: CoreConfig,
): { readonly why: string; readonly albc?: string } | undefined {
  if (found.length > 32)
    return {
      why: `has ${found.length} characters`,
      albc: 'load balancer name cannot be longer than 32 characters',
    };
  if (policy.compatibility === 'albc') return undefined;
  if (found === '') return { why: 'is empty' };
  if (found.startsWith('internal-')) return { why: 'begins with internal-' };
  return /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(found)
    ? undefined
    : { why: 'AWS does not take as a name' };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function nonEmptyList(list: readonly string[] | undefined): readonly string[] | undefined {
  return list?.length === 0 ? undefined : list;
}

/** Pairs of IngressClassParams as a map, later ones winning. */
export function mapOf(pairs: readonly KeyValue[]): StringMap {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
