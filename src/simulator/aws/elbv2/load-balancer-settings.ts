import type {
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
  ModifyCapacityReservationInput,
  ModifyIpPoolsInput,
  ModifyIpPoolsOutput,
  SetIpAddressTypeInput,
  SetIpAddressTypeOutput,
  SetSecurityGroupsInput,
  SetSecurityGroupsOutput,
  SetSubnetsInput,
  SetSubnetsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { LoadBalancer } from '../state.ts';
import { attachInterfaces } from './interfaces.ts';
import { checkAddressType } from './load-balancers.ts';
import { findLoadBalancer } from './lookup.ts';
import { chooseSecurityGroups, chooseSubnets } from './placement.ts';

type AddressType = NonNullable<SetSubnetsOutput['IpAddressType']>;

/** Replaces the subnets. */
export function setSubnets(input: SetSubnetsInput, context: CallContext): SetSubnetsOutput {
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  const placement = chooseSubnets(input, loadBalancer, context);
  if (placement.vpcId !== loadBalancer.vpcId) {
    throw new SimulatedError(
      'InvalidSubnet',
      `The subnets must belong to the load balancer's VPC '${loadBalancer.vpcId}'`,
    );
  }
  const ipAddressType = checkAddressType(input.IpAddressType ?? loadBalancer.ipAddressType);
  Object.assign(loadBalancer, {
    subnetIds: placement.subnetIds,
    allocationIds: placement.allocationIds,
    ipAddressType,
  });
  attachInterfaces(loadBalancer, context);
  return {
    AvailabilityZones: placement.subnetIds.map((SubnetId) => ({
      ZoneName: context.state.subnets.get(SubnetId)?.zone,
      SubnetId,
    })),
    IpAddressType: ipAddressType as AddressType,
  };
}

/** Replaces the security groups. */
export function setSecurityGroups(
  input: SetSecurityGroupsInput,
  context: CallContext,
): SetSecurityGroupsOutput {
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  if (loadBalancer.type === 'network' && loadBalancer.securityGroupIds.length === 0) {
    throw new SimulatedError(
      'InvalidConfigurationRequest',
      'You cannot set security groups on a network load balancer that was created without any',
    );
  }
  if ((input.SecurityGroups ?? []).length === 0)
    throw validationError('At least one security group must be specified');
  loadBalancer.securityGroupIds = chooseSecurityGroups(input.SecurityGroups, loadBalancer, context);
  attachInterfaces(loadBalancer, context);
  return { SecurityGroupIds: [...loadBalancer.securityGroupIds] };
}

export function setIpAddressType(input: SetIpAddressTypeInput, context: CallContext): SetIpAddressTypeOutput {
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  loadBalancer.ipAddressType = checkAddressType(input.IpAddressType ?? '');
  return { IpAddressType: loadBalancer.ipAddressType as AddressType };
}

export function modifyIpPools(input: ModifyIpPoolsInput, context: CallContext): ModifyIpPoolsOutput {
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  if ((input.RemoveIpamPools ?? []).includes('ipv4')) loadBalancer.ipv4IpamPoolId = undefined;
  const pool = input.IpamPools?.Ipv4IpamPoolId;
  if (pool !== undefined && !/^ipam-pool-[a-zA-Z0-9]+$/.test(pool))
    throw validationError(`'${pool}' is not the id of an IPAM pool`);
  loadBalancer.ipv4IpamPoolId = pool ?? loadBalancer.ipv4IpamPoolId;
  return {
    IpamPools:
      loadBalancer.ipv4IpamPoolId === undefined ? undefined : { Ipv4IpamPoolId: loadBalancer.ipv4IpamPoolId },
  };
}

/** Reserves capacity or gives it back. AWS's quota for a Region is 0 until it is raised. */
export function modifyCapacityReservation(
  input: ModifyCapacityReservationInput,
  context: CallContext,
): DescribeCapacityReservationOutput {
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  const wanted = input.MinimumLoadBalancerCapacity?.CapacityUnits;
  const reset = input.ResetCapacityReservation === true;
  if (reset === (wanted !== undefined))
    throw validationError('Specify either MinimumLoadBalancerCapacity or ResetCapacityReservation');
  if (wanted !== undefined) checkCapacity(loadBalancer, wanted, context);
  Object.assign(loadBalancer, { capacityUnits: wanted, capacityChangedAt: context.now });
  return capacity(loadBalancer, context);
}

function checkCapacity(loadBalancer: LoadBalancer, wanted: number, { state, knobs }: CallContext): void {
  if (wanted < 100) throw validationError(`The minimum capacity is 100 units; got ${wanted}`);
  const limit = knobs.quotas['reserved-capacity-units-per-region'];
  const others = [...state.loadBalancers.values()].filter((other) => other !== loadBalancer);
  const used = others.reduce((sum, other) => sum + (other.capacityUnits ?? 0), 0);
  if (used + wanted > limit)
    throw new SimulatedError(
      'CapacityUnitsLimitExceeded',
      `The Region has ${limit} capacity units; ${used} are reserved`,
    );
}

export const describeCapacityReservation = (
  input: DescribeCapacityReservationInput,
  context: CallContext,
): DescribeCapacityReservationOutput => capacity(findLoadBalancer(context, input.LoadBalancerArn), context);

function capacity(loadBalancer: LoadBalancer, { state }: CallContext): DescribeCapacityReservationOutput {
  const { capacityUnits, capacityChangedAt, subnetIds } = loadBalancer;
  return {
    LastModifiedTime: new Date(capacityChangedAt),
    DecreaseRequestsRemaining: 2,
    MinimumLoadBalancerCapacity: capacityUnits === undefined ? undefined : { CapacityUnits: capacityUnits },
    CapacityReservationState: subnetIds.map((id) => ({
      State: { Code: 'provisioned' },
      AvailabilityZone: state.subnets.get(id)?.zone,
      EffectiveCapacityUnits: (capacityUnits ?? 0) / subnetIds.length,
    })),
  };
}
