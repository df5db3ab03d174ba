import {
  DescribeAvailabilityZonesCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  type Subnet,
} from '@aws-sdk/client-ec2';
import type { SubnetFact } from '../../core/domain/facts.ts';
import type { SubnetId } from '../../core/domain/ids.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { Cached } from '../cached.ts';
import { required } from '../wire/required.ts';
import { observedTags } from '../wire/tags.ts';

type Locale = SubnetFact['locale'];

/** All subnets of the VPC, by id; without `routesToInternet`. */
export async function subnets(
  { calls, vpcId }: AwsContext,
  { zones, signal }: Signalled & { readonly zones: Zones },
): Promise<readonly SubnetFact[]> {
  const found = await allPages(async (NextToken) => {
    const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
    const command = new DescribeSubnetsCommand({ Filters, NextToken });
    const { Subnets: items, NextToken: next } = await calls.ec2(command, { signal });
    return { items, next };
  });
  const facts = await Promise.all(
    found.map(async (subnet) => subnetFact(subnet, await localeOf(subnet, zones, signal))),
  );
  return facts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function subnetFact(subnet: Subnet, locale: Locale): SubnetFact {
  const ipv6 = (subnet.Ipv6CidrBlockAssociationSet ?? []).filter(
    ({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State === 'associated',
  );
  return {
    id: required(subnet.SubnetId, 'SubnetId') as SubnetId,
    availabilityZone: required(subnet.AvailabilityZone, 'AvailabilityZone'),
    locale,
    cidr: subnet.CidrBlock ?? '',
    ipv6Cidrs: ipv6.map(({ Ipv6CidrBlock = '' }) => Ipv6CidrBlock),
    availableIpCount: subnet.AvailableIpAddressCount ?? 0,
    tags: observedTags(subnet.Tags),
    routesToInternet: undefined,
  };
}

/** `us-west-2a`; local and Wavelength zones have longer names, such as `us-west-2-lax-1a`. */
const ordinaryZone = /^[a-z]{2,3}(-[a-z]+)+-\d+[a-z]$/;

async function localeOf(subnet: Subnet, zones: Zones, signal: AbortSignal): Promise<Locale> {
  if (subnet.OutpostArn !== undefined && subnet.OutpostArn !== '') return 'outpost';
  const zone = subnet.AvailabilityZone ?? '';
  return ordinaryZone.test(zone) ? 'availability-zone' : zones.localeOf(zone, { signal });
}

/** Types of zones that their names do not tell, which never change. */
export class Zones {
  readonly #zones: Cached<ReadonlyMap<string, Locale>>;

  constructor({ calls, clock }: AwsContext, { signal }: Signalled) {
    const load = async (): Promise<ReadonlyMap<string, Locale>> => {
      const { AvailabilityZones = [] } = await calls.ec2(new DescribeAvailabilityZonesCommand({}), {
        signal,
      });
      return new Map(AvailabilityZones.map(({ ZoneName = '', ZoneType }) => [ZoneName, ZoneType as Locale]));
    };
    this.#zones = new Cached({ clock, ttlMs: Number.POSITIVE_INFINITY, load });
  }

  async localeOf(zone: string, { signal }: Signalled): Promise<Locale> {
    return (await this.#zones.get({ signal })).get(zone) ?? 'availability-zone';
  }
}

const roleTags = ['kubernetes.io/role/elb', 'kubernetes.io/role/internal-elb'];

/** Whether some subnet is tagged for each kind of load balancer: then discovery never looks at routes (albc-behaviour §6.1). */
export const hasRoleTags = (found: readonly SubnetFact[]): boolean =>
  roleTags.every((role) => found.some(({ tags }) => tags[role] === '1' || tags[role] === ''));

/**
 * Answers whether a subnet's route table leads to an internet gateway: the table associated with it, else the VPC's main
 * one (albc-behaviour §6.1).
 */
export async function internetSubnets(
  { calls, vpcId }: AwsContext,
  { signal }: Signalled,
): Promise<(subnet: SubnetId) => boolean> {
  const tables = await allPages(async (NextToken) => {
    const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
    const command = new DescribeRouteTablesCommand({ Filters, NextToken });
    const { RouteTables: items, NextToken: next } = await calls.ec2(command, { signal });
    return { items, next };
  });
  const bySubnet = new Map<string, boolean>();
  let main = false;
  for (const { Routes = [], Associations = [] } of tables) {
    const isOpen = Routes.some(({ GatewayId }) => GatewayId?.startsWith('igw') === true);
    for (const { Main, SubnetId } of Associations) {
      if (SubnetId !== undefined) bySubnet.set(SubnetId, isOpen);
      if (Main === true) main = isOpen;
    }
  }
  return (subnet) => bySubnet.get(subnet) ?? main;
}
