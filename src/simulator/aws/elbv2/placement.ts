import { zoneType } from '../ec2/subnets.ts';
import type { CreateLoadBalancerInput, SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import { freeAddresses } from '../ec2/addresses.ts';
import type { CallContext } from '../operation.ts';
import type { LoadBalancer, Subnet } from '../state.ts';

/** Where a load balancer stands. */
export type Placement = {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Of elastic addresses, in the order of the subnets, or none. */
  readonly allocationIds: readonly string[];
};

/** `arn`, `subnetIds`, `allocationIds`: of a load balancer that stands already. */
type Kind = Pick<LoadBalancer, 'type' | 'scheme'> &
  Partial<Pick<LoadBalancer, 'arn' | 'subnetIds' | 'allocationIds'>>;

type SubnetChoice = Pick<CreateLoadBalancerInput, 'Subnets' | 'SubnetMappings'>;

/** Checks a choice of subnets: two zones or more (one for `network`), one subnet a zone, one VPC, a free address in each. */
export function chooseSubnets(input: SubnetChoice, kind: Kind, context: CallContext): Placement {
  const mappings = input.SubnetMappings ?? [];
  const given = input.Subnets ?? [];
  if (mappings.length > 0 && given.length > 0)
    throw validationError('Only one of Subnets and SubnetMappings can be specified');
  const allocationIds = chooseAddresses(mappings, kind, context);
  const ids = given.length > 0 ? given : mappings.map(({ SubnetId = '' }) => SubnetId);
  if (ids.length === 0)
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  const subnets = [...new Set(ids)].map((id) => findSubnet(id, context));
  checkZones(subnets, kind, context);
  for (const subnet of subnets) {
    if (freeAddresses(subnet, context.state) < 1) {
      throw new SimulatedError('InvalidSubnet', `Not enough IP space available in ${subnet.id}`);
    }
  }
  return { vpcId: subnets[0]?.vpcId ?? '', subnetIds: subnets.map(({ id }) => id), allocationIds };
}

function chooseAddresses(
  mappings: readonly SubnetMapping[],
  kind: Kind,
  { state }: CallContext,
): readonly string[] {
  const { type, scheme, arn } = kind;
  const isGiven = mappings.some(
    ({ AllocationId, PrivateIPv4Address }) => (AllocationId ?? PrivateIPv4Address) !== undefined,
  );
  if (type === 'application' && isGiven) {
    throw validationError(
      'Elastic IP and private addresses cannot be specified for an application load balancer',
    );
  }
  const ids = mappings.flatMap(({ AllocationId }) => (AllocationId === undefined ? [] : [AllocationId]));
  if (ids.length > 0 && scheme === 'internal')
    throw validationError('Elastic IP addresses cannot be specified for an internal load balancer');
  if (ids.length > 0 && ids.length < mappings.length)
    throw validationError('An Elastic IP address must be specified for each subnet or for none');
  for (const id of ids) {
    if (!state.addresses.has(id))
      throw new SimulatedError('AllocationIdNotFound', `The allocation ID '${id}' does not exist`);
    const other = [...state.loadBalancers.values()].find((one) => one.allocationIds.includes(id));
    if (other !== undefined && other.arn !== arn)
      throw new SimulatedError('ResourceInUse', `The allocation ID '${id}' is in use by '${other.arn}'`);
  }
  checkUnchanged(mappings, kind);
  return ids;
}

/**
 * A subnet keeps its address as long as it is enabled:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html
 */
function checkUnchanged(
  mappings: readonly SubnetMapping[],
  { subnetIds = [], allocationIds = [] }: Kind,
): void {
  const moved = mappings.find(({ SubnetId = '', AllocationId }) => {
    const at = subnetIds.indexOf(SubnetId);
    return at !== -1 && allocationIds[at] !== AllocationId;
  });
  if (moved === undefined) return;
  const message = `The address of the enabled subnet '${moved.SubnetId}' cannot be changed`;
  throw new SimulatedError('InvalidConfigurationRequest', message);
}

function findSubnet(id: string, { state }: CallContext): Subnet {
  const subnet = state.subnets.get(id);
  if (subnet === undefined)
    throw new SimulatedError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
  return subnet;
}

function checkZones(
  subnets: readonly Subnet[],
  { type, subnetIds = [] }: Kind,
  { knobs, state }: CallContext,
): void {
  if (new Set(subnets.map(({ vpcId }) => vpcId)).size > 1) {
    throw new SimulatedError('InvalidSubnet', 'All subnets must belong to the same VPC');
  }
  const zones = new Set(subnets.map(({ zone }) => zone));
  if (zones.size < subnets.length) {
    throw new SimulatedError(
      'InvalidConfigurationRequest',
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html
  const present = subnetIds.flatMap((id) => state.subnets.get(id) ?? []);
  const swapped = subnets.find(({ id, zone }) => present.some((one) => one.zone === zone && one.id !== id));
  if (type === 'network' && swapped !== undefined) {
    throw new SimulatedError(
      'InvalidConfigurationRequest',
      `The subnet of zone '${swapped.zone}' must be removed before '${swapped.id}' is added`,
    );
  }
  // An Outpost takes exactly one subnet, a Local Zone one or more; elsewhere two zones are the least (SDK, Subnets).
  const isElsewhere = subnets.some(
    ({ zone, outpostArn }) => outpostArn !== undefined || zoneType(zone) !== 'availability-zone',
  );
  const least = type === 'network' || knobs.accepts.oneZone || isElsewhere ? 1 : 2;
  if (zones.size < least) {
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  }
}

/** Checks the security groups of a load balancer; none given means the VPC's default group, and none at all for `network`. */
export function chooseSecurityGroups(
  ids: readonly string[] | undefined,
  { vpcId, type }: Pick<LoadBalancer, 'vpcId' | 'type'>,
  context: CallContext,
): readonly string[] {
  const { state, knobs } = context;
  if (ids === undefined || ids.length === 0) {
    if (type === 'network') return [];
    const fallback = state.vpcs.get(vpcId)?.defaultSecurityGroupId;
    return fallback === undefined ? [] : [fallback];
  }
  for (const id of ids) {
    const group = state.securityGroups.get(id);
    if (group === undefined)
      throw new SimulatedError('InvalidSecurityGroup', `One or more security groups are invalid: ${id}`);
    if (group.vpcId !== vpcId)
      throw new SimulatedError('InvalidSecurityGroup', `Security group ${id} does not belong to ${vpcId}`);
  }
  const limit = knobs.quotas['security-groups-per-interface'];
  const unique = [...new Set(ids)];
  if (unique.length > limit) {
    throw new SimulatedError(
      'InvalidConfigurationRequest',
      `A load balancer can have at most ${limit} security groups; got ${unique.length}`,
    );
  }
  return unique;
}
