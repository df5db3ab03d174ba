import type { CoreConfig } from '../domain/config.ts';
import type { SubnetFact } from '../domain/facts.ts';
import type { SubnetsIntent } from './subnets.ts';
import { type Refusal, countOf, subnetLabel } from './subnets-problem.ts';

type Input = { readonly intent: SubnetsIntent; readonly config: CoreConfig };

/** An ALB needs this many free addresses in each subnet (Application Load Balancers guide, "Subnets for your load balancer"). */
const freeAddressesNeeded = 8;

/**
 * One subnet for each zone from candidates: those with the own cluster's tag first, then the lowest id. Sorted by id.
 * The refusal lists every candidate with its verdict, so that nobody has to guess which tag is missing (user ask 18).
 */
export function choosePerZone(
  candidates: readonly SubnetFact[],
  input: Input,
): readonly SubnetFact[] | Refusal {
  const verdicts = candidates.map((subnet) => ({ subnet, unfit: unfitness(subnet, input) }));
  const usable = verdicts.filter(({ unfit }) => unfit === undefined).map(({ subnet }) => subnet);
  const byPreference = usable.toSorted(preference(input.config.clusterName));
  const perZone = new Map(byPreference.toReversed().map((subnet) => [subnet.availabilityZone, subnet]));
  const chosen = [...perZone.values()].toSorted((a, b) => compare(a.id, b.id));
  const refusal = placementRefusal(chosen, input);
  if (refusal === undefined) return chosen;
  const lines = verdicts.map(({ subnet, unfit }) => {
    const verdict =
      unfit?.text ?? (chosen.includes(subnet) ? 'usable' : 'another subnet of its zone is taken');
    return `${subnetLabel(subnet)}: ${verdict}`;
  });
  const looked = `of ${countOf(candidates.length, 'candidate')}, ${countDropped(verdicts)}`;
  const details = lines.length === 0 ? '' : ` [${lines.toSorted().join('; ')}]`;
  return {
    refused: {
      text: `${refusal.refused.text}; ${looked}${details}`,
      albc: `couldn't auto-discover subnets: ${refusal.refused.albc ?? ''}${albcTail(verdicts, chosen)}`,
    },
  };
}

/**
 * The rules for any set of subnets: at least one, all of one kind of zone, and two where the zones are ordinary ones
 * (a Local Zone, a Wavelength Zone or an Outpost has one subnet).
 */
export function placementRefusal(
  chosen: readonly SubnetFact[],
  { intent, config }: Input,
): Refusal | undefined {
  const locales = [...new Set(chosen.map(({ locale }) => locale))];
  if (chosen.length === 0) {
    return { refused: { text: 'none is left', albc: 'unable to resolve at least one subnet' } };
  }
  if (locales.length > 1) {
    return {
      refused: {
        text: `they are in different kinds of zones (${locales.toSorted().join(', ')}), and all must be of one kind`,
        albc: `subnets in multiple locales: ${locales.join(', ')}`,
      },
    };
  }
  const isAlb = intent.type !== 'network';
  const needed = isAlb && locales[0] === 'availability-zone' && !config.featureGates.ALBSingleSubnet ? 2 : 1;
  if (chosen.length >= needed) return undefined;
  return {
    refused: {
      text: `an Application Load Balancer needs subnets in ${needed} zones and there is only ${chosen.map(subnetLabel).join(', ')}`,
      albc: `subnets count less than minimal required count: ${chosen.length} < ${needed}`,
    },
  };
}

type Unfit = { readonly kind: 'otherCluster' | 'addresses' | 'ipv6'; readonly text: string };
type Verdict = { readonly subnet: SubnetFact; readonly unfit: Unfit | undefined };

function unfitness(subnet: SubnetFact, { intent, config }: Input): Unfit | undefined {
  const other = config.featureGates.SubnetsClusterTagCheck
    ? otherCluster(subnet, config.clusterName)
    : undefined;
  if (other !== undefined) return { kind: 'otherCluster', text: `tagged for another cluster (${other})` };
  if (subnet.availableIpCount < freeAddressesNeeded) {
    const text = `${subnet.availableIpCount} free IP addresses where ${freeAddressesNeeded} are needed`;
    return { kind: 'addresses', text };
  }
  if (intent.ipAddressType !== 'ipv4' && subnet.ipv6Cidrs.length === 0) {
    return { kind: 'ipv6', text: `no IPv6 CIDR, which ${intent.ipAddressType} needs` };
  }
  return undefined;
}

const clusterTagPrefix = 'kubernetes.io/cluster/';

/** The tag of another cluster, when the subnet carries no tag of ours; a subnet without any cluster tag is free to use. */
function otherCluster({ tags }: SubnetFact, clusterName: string): string | undefined {
  const clusters = Object.keys(tags).filter((key) => key.startsWith(clusterTagPrefix));
  return clusters.includes(clusterTagPrefix + clusterName) ? undefined : clusters.toSorted()[0];
}

function preference(clusterName: string): (a: SubnetFact, b: SubnetFact) => number {
  const rank = ({ tags }: SubnetFact): number => (clusterTagPrefix + clusterName in tags ? 0 : 1);
  return (a, b) => rank(a) - rank(b) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const dropped = (verdicts: readonly Verdict[], kind: Unfit['kind']): number =>
  verdicts.filter(({ unfit }) => unfit?.kind === kind).length;

function countDropped(verdicts: readonly Verdict[]): string {
  return `${dropped(verdicts, 'otherCluster')} tagged for another cluster, ${dropped(verdicts, 'addresses')} with too few free IP addresses, ${dropped(verdicts, 'ipv6')} without IPv6`;
}

/** ALBC counts its candidates only where none is left. */
function albcTail(verdicts: readonly Verdict[], chosen: readonly SubnetFact[]): string {
  if (chosen.length > 0) return '';
  return `. Evaluated ${verdicts.length} subnets: ${dropped(verdicts, 'otherCluster')} are tagged for other clusters, and ${dropped(verdicts, 'addresses')} have insufficient available IP addresses`;
}
