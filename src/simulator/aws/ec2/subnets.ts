import type {
  AssociateSubnetCidrBlockRequest,
  AssociateSubnetCidrBlockResult,
  AvailabilityZone,
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DisassociateSubnetCidrBlockRequest,
  DisassociateSubnetCidrBlockResult,
  Subnet as SdkSubnet,
  SubnetIpv6CidrBlockAssociation,
} from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { arn, type Subnet } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { freeAddresses, isInCidr } from './addresses.ts';
import { applyFilters, byIds } from './filters.ts';
import { ec2Page } from './paging.ts';
import { newTags } from './tag-operations.ts';

const zoneLetters = ['a', 'b', 'c', 'd'];

/** `us-west-2` zone `a` → `usw2-az1`. */
const zoneId = (region: string, letter: string): string => {
  const [continent = '', direction = '', number = ''] = region.split('-');
  const short = /^(north|south|east|west)(east|west)?$/.exec(direction);
  const compass =
    short === null ? direction.charAt(0) : `${short[1]?.charAt(0) ?? ''}${short[2]?.charAt(0) ?? ''}`;
  return `${continent}${compass}${number}-az${letter.charCodeAt(0) - 96}`;
};

export function createSubnet(input: CreateSubnetRequest, context: CallContext): CreateSubnetResult {
  const { state } = context;
  const vpc = state.vpcs.get(input.VpcId ?? '');
  if (vpc === undefined)
    throw new SimulatedError('InvalidVpcID.NotFound', `The vpc ID '${input.VpcId}' does not exist`);
  const cidr = input.CidrBlock ?? '';
  const first = cidr.split('/')[0] ?? '';
  if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(cidr) || !isInCidr(first, vpc.cidr)) {
    throw new SimulatedError('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid`);
  }
  const clash = [...state.subnets.values()].some(
    (other) =>
      other.vpcId === vpc.id &&
      (isInCidr(first, other.cidr) || isInCidr(other.cidr.split('/')[0] ?? '', cidr)),
  );
  if (clash)
    throw new SimulatedError('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
  const zone = input.AvailabilityZone ?? `${state.region}a`;
  const subnet: Subnet = {
    id: ec2Id(state.ids, 'subnet'),
    vpcId: vpc.id,
    zone,
    zoneId: zoneId(state.region, zone.slice(-1)),
    cidr,
    ipv6Cidr: input.Ipv6CidrBlock,
    outpostArn: input.OutpostArn,
  };
  state.subnets.set(subnet.id, subnet);
  setTags(context, subnet.id, newTags('subnet', input.TagSpecifications, context));
  return { Subnet: render(subnet, context) };
}

export function deleteSubnet(input: DeleteSubnetRequest, context: CallContext): object {
  const { state } = context;
  const { id } = findSubnet(input.SubnetId, context);
  if ([...state.networkInterfaces.values()].some(({ subnetId }) => subnetId === id))
    throw new SimulatedError(
      'DependencyViolation',
      `The subnet '${id}' has dependencies and cannot be deleted.`,
    );
  for (const { associations } of state.routeTables.values())
    for (const [association, subnet] of associations) if (subnet === id) associations.delete(association);
  state.subnets.delete(id);
  return {};
}

export function associateSubnetCidrBlock(
  input: AssociateSubnetCidrBlockRequest,
  context: CallContext,
): AssociateSubnetCidrBlockResult {
  const subnet = findSubnet(input.SubnetId, context);
  const changed = { ...subnet, ipv6Cidr: input.Ipv6CidrBlock };
  context.state.subnets.set(subnet.id, changed);
  return { SubnetId: subnet.id, Ipv6CidrBlockAssociation: ipv6Association(changed) };
}

export function disassociateSubnetCidrBlock(
  input: DisassociateSubnetCidrBlockRequest,
  { state }: CallContext,
): DisassociateSubnetCidrBlockResult {
  const subnet = [...state.subnets.values()].find((each) => associationId(each) === input.AssociationId);
  if (subnet?.ipv6Cidr === undefined)
    throw new SimulatedError(
      'InvalidSubnetCidrBlockAssociationID.NotFound',
      `The subnet CIDR block association ID '${input.AssociationId}' does not exist`,
    );
  state.subnets.set(subnet.id, { ...subnet, ipv6Cidr: undefined });
  return { SubnetId: subnet.id };
}

function findSubnet(id: string | undefined, { state }: CallContext): Subnet {
  const found = state.subnets.get(id ?? '');
  if (found === undefined)
    throw new SimulatedError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  return found;
}

const associationId = ({ id }: Subnet): string => `subnet-cidr-assoc-${id.slice(7)}`;

const ipv6Association = (subnet: Subnet): SubnetIpv6CidrBlockAssociation => ({
  AssociationId: associationId(subnet),
  Ipv6CidrBlock: subnet.ipv6Cidr,
  Ipv6CidrBlockState: { State: 'associated' },
});

export function describeSubnets(input: DescribeSubnetsRequest, context: CallContext): DescribeSubnetsResult {
  const found = applyFilters(
    byIds(context.state.subnets, input.SubnetIds, 'InvalidSubnetID.NotFound'),
    input.Filters,
    {
      state: context.state,
      values: {
        'vpc-id': ({ vpcId }) => [vpcId],
        'subnet-id': ({ id }) => [id],
        'availability-zone': ({ zone }) => [zone],
        'availability-zone-id': (subnet) => [subnet.zoneId],
        'cidr-block': ({ cidr }) => [cidr],
        state: () => ['available'],
      },
    },
  );
  const { items, NextToken } = ec2Page(found, input, context);
  return { Subnets: items.map((subnet) => render(subnet, context)), NextToken };
}

function render(subnet: Subnet, context: CallContext): SdkSubnet {
  const { state } = context;
  return {
    SubnetId: subnet.id,
    SubnetArn: arn(state, 'ec2', `subnet/${subnet.id}`),
    VpcId: subnet.vpcId,
    State: 'available',
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: freeAddresses(subnet, state),
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: subnet.zoneId,
    DefaultForAz: false,
    MapPublicIpOnLaunch: false,
    OwnerId: state.account,
    OutpostArn: subnet.outpostArn,
    Ipv6CidrBlockAssociationSet: subnet.ipv6Cidr === undefined ? [] : [ipv6Association(subnet)],
    Tags: visibleTags(context, subnet.id),
  };
}

/** Four zones named after the region, and any that a subnet names besides. */
export function describeAvailabilityZones(
  input: DescribeAvailabilityZonesRequest,
  context: CallContext,
): DescribeAvailabilityZonesResult {
  const { state } = context;
  const names = new Set([
    ...zoneLetters.map((letter) => state.region + letter),
    ...[...state.subnets.values()].map(({ zone }) => zone),
  ]);
  const zones = [...names].map((id) => ({ id, zoneId: zoneId(state.region, id.slice(-1)) }));
  const { ZoneNames = [], ZoneIds = [] } = input;
  const missing = [
    ...ZoneNames.filter((name) => !names.has(name)),
    ...ZoneIds.filter((id) => !zones.some((zone) => zone.zoneId === id)),
  ];
  if (missing.length > 0)
    throw new SimulatedError('InvalidParameterValue', `Invalid availability zone: [${missing.join(', ')}]`);
  const wanted = zones.filter(
    (zone) =>
      (ZoneNames.length === 0 || ZoneNames.includes(zone.id)) &&
      (ZoneIds.length === 0 || ZoneIds.includes(zone.zoneId)),
  );
  const found = applyFilters(wanted, input.Filters, {
    state,
    values: {
      'zone-name': ({ id }) => [id],
      'zone-id': (zone) => [zone.zoneId],
      'zone-type': ({ id }) => [zoneType(id)],
      'region-name': () => [state.region],
      state: () => ['available'],
    },
  });
  return { AvailabilityZones: found.map((zone) => renderZone(zone.id, zone.zoneId, state.region)) };
}

/** By the form of the name: `us-west-2a`, `us-west-2-lax-1a`, `us-east-1-wl1-bos-wlz-1`. */
export function zoneType(zone: string): 'availability-zone' | 'local-zone' | 'wavelength-zone' {
  if (/-wl\d+-/.test(zone)) return 'wavelength-zone';
  return /-\d+-[a-z]+-\d+[a-z]$/.test(zone) ? 'local-zone' : 'availability-zone';
}

const renderZone = (ZoneName: string, ZoneId: string, region: string): AvailabilityZone => ({
  ZoneName,
  ZoneId,
  State: 'available',
  RegionName: region,
  ZoneType: zoneType(ZoneName),
  OptInStatus: 'opt-in-not-required',
  GroupName: region,
  NetworkBorderGroup: region,
});
