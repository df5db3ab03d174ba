import type { CoreConfig } from '../domain/config.ts';
import type { SubnetFact } from '../domain/facts.ts';
import { goSdkError } from '../domain/go-sdk-error.ts';
import type { SubnetsIntent } from './subnets.ts';
import { placementRefusal } from './subnets-per-zone.ts';
import { type Refusal, countOf, subnetLabel, subnetsAnnotation } from './subnets-problem.ts';

type Input = {
  readonly intent: SubnetsIntent;
  readonly subnets: readonly SubnetFact[];
  readonly config: CoreConfig;
};

/**
 * Subnets by id or by Name tag, in the user's order. A name that occurs n times takes the n lowest ids that carry it.
 * Free addresses and cluster tags are not looked at: who names a subnet means it (albc-behaviour §1.3).
 */
export function namedSubnets(idsOrNames: readonly string[], input: Input): readonly SubnetFact[] | Refusal {
  const found = lookedUp(idsOrNames, input.subnets);
  if ('refused' in found) return found;
  const refusal =
    sameZoneRefusal(found) ?? placementRefusal(found, input) ?? ipv6Refusal(found, input.intent);
  return refusal === undefined ? found : { refused: { ...refusal.refused, path: subnetsAnnotation } };
}

function lookedUp(
  idsOrNames: readonly string[],
  subnets: readonly SubnetFact[],
): readonly SubnetFact[] | Refusal {
  const byId = new Map(subnets.map((subnet) => [String(subnet.id), subnet]));
  const sorted = subnets.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const byName = Map.groupBy(sorted, (subnet) => subnet.tags['Name'] ?? '');
  const taken = new Map<string, number>();
  const found: SubnetFact[] = [];
  const missing: string[] = [];
  for (const idOrName of idsOrNames) {
    const isId = idOrName.startsWith('subnet-');
    const matches = isId ? undefined : byName.get(idOrName);
    const turn = taken.get(idOrName) ?? 0;
    const subnet = isId ? byId.get(idOrName) : matches?.[turn];
    taken.set(idOrName, turn + 1);
    if (subnet !== undefined) found.push(subnet);
    else if (matches !== undefined) return tooOften(idOrName, idsOrNames, matches.length);
    else missing.push(idOrName);
  }
  return missing.length > 0 ? notFound(missing) : found;
}

function tooOften(name: string, idsOrNames: readonly string[], matches: number): Refusal {
  const times = idsOrNames.filter((entry) => entry === name).length;
  return {
    refused: {
      text: `the Name "${name}" is listed ${times} times and only ${countOf(matches, 'subnet')} of the VPC has it`,
      albc: `failed to list subnets by names or IDs: subnet with Name tag "${name}" requested ${times} times but only ${matches} subnet(s) found with that name`,
      hint: 'List each subnet once',
      path: subnetsAnnotation,
    },
  };
}

function notFound(missing: readonly string[]): Refusal {
  const names = missing.filter((entry) => !entry.startsWith('subnet-'));
  const id = missing.find((entry) => entry.startsWith('subnet-'));
  const why =
    id === undefined ? `couldn't find all subnets, missing names: [${names.join(' ')}]` : unknownId(id);
  return {
    refused: {
      text: `the VPC has no subnet with the id or Name tag ${missing.map((entry) => `"${entry}"`).join(', ')}`,
      hint: 'Correct the entry; ids begin with subnet-, anything else is the value of a Name tag',
      path: subnetsAnnotation,
      albc: `failed to list subnets by names or IDs: ${why}`,
    },
  };
}

function unknownId(id: string): string {
  return goSdkError({
    action: 'ec2:DescribeSubnets',
    code: 'InvalidSubnetID.NotFound',
    message: `The subnet ID '${id}' does not exist`,
    requestId: undefined,
  });
}

function sameZoneRefusal(found: readonly SubnetFact[]): Refusal | undefined {
  const zones = Map.groupBy(found, ({ availabilityZone }) => availabilityZone);
  const crowded = [...zones].find(([, subnets]) => subnets.length > 1);
  if (crowded === undefined) return undefined;
  const [zone, subnets] = crowded;
  const ids = subnets.map(({ id }) => id);
  return {
    refused: {
      text: `${ids.join(' and ')} are both in zone ${zone}, and a load balancer takes one subnet per zone`,
      albc: `multiple subnets in same Availability Zone ${zone}: [${ids.join(' ')}]`,
      hint: `Keep one subnet of zone ${zone}`,
    },
  };
}

function ipv6Refusal(found: readonly SubnetFact[], intent: SubnetsIntent): Refusal | undefined {
  const lacking =
    intent.ipAddressType === 'ipv4' ? [] : found.filter(({ ipv6Cidrs }) => ipv6Cidrs.length === 0);
  if (lacking.length === 0) return undefined;
  return {
    refused: {
      text: `${lacking.map(subnetLabel).join(', ')} has no IPv6 CIDR, which ip-address-type ${intent.ipAddressType} needs`,
      albc: `subnets [${lacking.map(({ id }) => id).join(' ')}] do not have an associated IPv6 CIDR block, which is required for dualstack load balancers`,
      hint: 'Associate an IPv6 CIDR with these subnets, or use ip-address-type ipv4',
    },
  };
}
