import {
  DescribeCapacityReservationCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Tags } from '../../core/domain/desired-group.ts';
import type { LoadBalancerArn, SecurityGroupId, SubnetId } from '../../core/domain/ids.ts';
import type { ObservedListener, ObservedLoadBalancer } from '../../core/domain/observed-group.ts';
import { describeKnown } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { observedTags } from '../wire/tags.ts';
import { required } from '../wire/required.ts';
import type { Found } from '../handover.ts';

/** ARNs in one DescribeLoadBalancers (ELBv2 API). */
const batchSize = 20;

/** Descriptions of those that exist. */
export async function loadBalancersByArn(
  { calls, handover }: AwsContext,
  arns: readonly LoadBalancerArn[],
  { signal }: Signalled,
): Promise<readonly Found<LoadBalancer>[]> {
  const handed = handover.takeLoadBalancers(arns);
  if (handed !== undefined) return handed;
  const found = await describeKnown(arns, batchSize, async (batch) => {
    const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: [...batch] });
    const { LoadBalancers = [] } = await calls.elbv2(command, { signal });
    return LoadBalancers;
  });
  return found.map((item) => ({ item, tags: undefined }));
}

export async function loadBalancerAttributes(
  { calls }: AwsContext,
  arn: LoadBalancerArn,
  { signal }: Signalled,
): Promise<Tags> {
  const command = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn });
  const { Attributes } = await calls.elbv2(command, { signal });
  return observedTags(Attributes);
}

/** Reserved capacity in units; 0 where nothing is reserved. */
export async function reservedCapacity(
  { calls }: AwsContext,
  arn: LoadBalancerArn,
  { signal }: Signalled,
): Promise<number> {
  const command = new DescribeCapacityReservationCommand({ LoadBalancerArn: arn });
  const { MinimumLoadBalancerCapacity } = await calls.elbv2(command, { signal });
  return MinimumLoadBalancerCapacity?.CapacityUnits ?? 0;
}

export function observedLoadBalancer(
  item: LoadBalancer,
  found: {
    readonly attributes: Tags | undefined;
    readonly capacityUnits: number | undefined;
    readonly webAclArn: string | undefined;
    readonly classicWebAclId: string | undefined;
    readonly shieldProtection: ObservedLoadBalancer['shieldProtection'];
    readonly tags: Tags;
    readonly listeners: readonly ObservedListener[];
    readonly vpcId: string;
  },
): ObservedLoadBalancer {
  const allocationIds = (item.AvailabilityZones ?? [])
    .flatMap(({ LoadBalancerAddresses = [] }) => LoadBalancerAddresses)
    .flatMap(({ AllocationId }) => AllocationId ?? []);
  const placement = (item.AvailabilityZones ?? []).map(
    ({ SubnetId = '', ZoneName = '', LoadBalancerAddresses: [address] = [] }) => ({
      id: SubnetId as SubnetId,
      zone: ZoneName,
      allocationId: address?.AllocationId,
    }),
  );
  return {
    arn: required(item.LoadBalancerArn, 'LoadBalancerArn') as LoadBalancerArn,
    name: required(item.LoadBalancerName, 'LoadBalancerName'),
    dnsName: required(item.DNSName, 'DNSName'),
    type: item.Type ?? 'application',
    scheme: required(item.Scheme, 'Scheme'),
    ...(item.VpcId === found.vpcId ? {} : { vpcId: item.VpcId }),
    state: item.State?.Code ?? 'active',
    ipAddressType: item.IpAddressType ?? 'ipv4',
    ...(item.Type === 'network' ? { placement } : {}),
    subnets: (item.AvailabilityZones ?? []).map(({ SubnetId = '' }) => SubnetId as SubnetId).toSorted(),
    ...(allocationIds.length === 0 ? {} : { allocationIds: allocationIds.toSorted() }),
    securityGroups: (item.SecurityGroups ?? []).map((id) => id as SecurityGroupId),
    ipamPoolId: item.IpamPools?.Ipv4IpamPoolId,
    capacityUnits: found.capacityUnits,
    webAclArn: found.webAclArn,
    classicWebAclId: found.classicWebAclId,
    shieldProtection: found.shieldProtection,
    attributes: found.attributes,
    tags: found.tags,
    listeners: found.listeners.toSorted((a, b) => a.port - b.port),
  };
}
