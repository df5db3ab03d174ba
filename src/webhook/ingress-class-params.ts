// IngressClassParams at admission (albc-behaviour §2.2): what the schema of the kind cannot say.

import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isCidr } from '../core/annotations/cidr.ts';
import { goQuote } from '../core/annotations/go-quote.ts';
import { allowed, type Verdict } from './admission.ts';

const texts = z.array(z.string()).nullish();
const shape = z.object({
  spec: z
    .object({
      inboundCIDRs: texts,
      subnets: z.object({ ids: texts, tags: z.record(z.string(), z.array(z.string())).nullish() }).nullish(),
    })
    .nullish(),
});
type Spec = NonNullable<z.infer<typeof shape>['spec']>;

/** Judges new or changed IngressClassParams; an object of another shape is the schema's to refuse. */
export function judgeIngressClassParams(object: unknown): Verdict {
  const parsed = shape.safeParse(object);
  const spec = parsed.success ? (parsed.data.spec ?? {}) : {};
  const wrongCidrs = (spec.inboundCIDRs ?? []).flatMap(cidrFault);
  const faults = [...new Set([...wrongCidrs, ...subnetFaults(spec.subnets ?? undefined)])];
  const [first] = faults;
  if (first === undefined) return allowed;
  return {
    allowed: false,
    words: faults.length === 1 ? first : `[${faults.join(', ')}]`,
    hint: '',
    check: wrongCidrs.length > 0 ? 'checkInboundCIDRs' : 'checkSubnetSelectors',
  };
}

function cidrFault(cidr: string, at: number): readonly string[] {
  const fault = (detail: string) => [
    `spec.inboundCIDRs[${at}]: Invalid value: ${goQuote(cidr, '"')}: ${detail}`,
  ];
  if (!isCidr(cidr)) return fault(`Could not be parsed as a CIDR${hostMeant(cidr)}`);
  const [, length = ''] = cidr.split('/');
  const network = networkOf(cidr);
  const [address = ''] = cidr.split('/');
  if (ipaddr.parse(address).toNormalizedString() === network.toNormalizedString()) return [];
  return fault(`Network contains bits outside prefix (did you mean "${network.toString()}/${length}")`);
}

/** An address alone; ALBC takes a whole /64 for what is meant by one of IPv6. */
function hostMeant(text: string): string {
  if (isCidr(`${text}/32`) && !text.includes(':')) return ` (did you mean "${text}/32")`;
  return isCidr(`${text}/128`) ? ` (did you mean "${text}/64")` : '';
}

function networkOf(cidr: string): ipaddr.IPv4 | ipaddr.IPv6 {
  return cidr.includes(':')
    ? ipaddr.IPv6.networkAddressFromCIDR(cidr)
    : ipaddr.IPv4.networkAddressFromCIDR(cidr);
}

function subnetFaults(subnets: Spec['subnets']): readonly string[] {
  if (subnets === undefined || subnets === null) return [];
  const ids = subnets.ids ?? undefined;
  const tags = subnets.tags ?? undefined;
  if (ids === undefined && tags === undefined)
    return ['spec.subnets: Required value: must have either `ids` or `tags`'];
  if (ids !== undefined && tags !== undefined)
    return ['spec.subnets.tags: Forbidden: may not have both `ids` and `tags` set'];
  if (ids !== undefined) return repeats(ids, 'spec.subnets.ids');
  const entries = Object.entries(tags ?? {});
  if (entries.length === 0) return ['spec.subnets.tags: Required value: must have at least one tag key'];
  return entries.flatMap(([key, values]) => repeats(values, `spec.subnets.tags[${key}]`));
}

function repeats(values: readonly string[], path: string): readonly string[] {
  return values.flatMap((value, at) =>
    values.indexOf(value) < at ? [`${path}[${at}]: Duplicate value: ${goQuote(value, '"')}`] : [],
  );
}
