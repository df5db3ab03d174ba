import type {
  AssignPrivateIpAddressesRequest,
  AssignPrivateIpAddressesResult,
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  InstanceNetworkInterface,
  ModifyNetworkInterfaceAttributeRequest,
  NetworkInterface as SdkNetworkInterface,
} from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { NetworkInterface, Subnet } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { freeAddress, isInCidr } from './addresses.ts';
import { applyFilters, byIds } from './filters.ts';
import { ec2Page } from './paging.ts';
import { findSecurityGroup } from './security-groups.ts';
import { newTags } from './tag-operations.ts';

function findInterface(id: string | undefined, { state }: CallContext): NetworkInterface {
  const found = state.networkInterfaces.get(id ?? '');
  if (found === undefined)
    throw new SimulatedError(
      'InvalidNetworkInterfaceID.NotFound',
      `The networkInterface ID '${id}' does not exist`,
    );
  return found;
}

/** One without an instance, as Fargate pods have. Addresses that are not named are the next free ones. */
export function createNetworkInterface(
  input: CreateNetworkInterfaceRequest,
  context: CallContext,
): CreateNetworkInterfaceResult {
  const { state } = context;
  const subnet = state.subnets.get(input.SubnetId ?? '');
  if (subnet === undefined)
    throw new SimulatedError('InvalidSubnetID.NotFound', `The subnet ID '${input.SubnetId}' does not exist`);
  const groupIds = input.Groups ?? [state.vpcs.get(subnet.vpcId)?.defaultSecurityGroupId ?? ''];
  for (const id of groupIds) findSecurityGroup(id, context);
  const item: NetworkInterface = {
    id: ec2Id(state.ids, 'eni'),
    subnetId: subnet.id,
    description: input.Description ?? '',
    interfaceType: 'interface',
    instanceId: undefined,
    loadBalancerArn: undefined,
    groupIds,
    privateIps: namedAddresses(input, subnet, context),
    ipv6Addresses: [],
    releaseAt: undefined,
  };
  state.networkInterfaces.set(item.id, item);
  const secondary = input.SecondaryPrivateIpAddressCount ?? 0;
  for (let count = item.privateIps.length === 0 ? secondary + 1 : secondary; count > 0; count -= 1)
    assignPrivateIpAddresses({ NetworkInterfaceId: item.id, SecondaryPrivateIpAddressCount: 1 }, context);
  setTags(context, item.id, newTags('network-interface', input.TagSpecifications, context));
  return { NetworkInterface: renderFull(item, context) };
}

function namedAddresses(
  { PrivateIpAddress, PrivateIpAddresses = [] }: CreateNetworkInterfaceRequest,
  subnet: Subnet,
  { state }: CallContext,
): readonly string[] {
  const named = [PrivateIpAddress, ...PrivateIpAddresses.map((each) => each.PrivateIpAddress)];
  const addresses = [...new Set(named.filter((address) => address !== undefined))];
  const wrong = addresses.find((address) => !isInCidr(address, subnet.cidr));
  if (wrong !== undefined)
    throw new SimulatedError(
      'InvalidParameterValue',
      `Address ${wrong} does not fall within the subnet's address range`,
    );
  const all = new Set([...state.networkInterfaces.values()].flatMap(({ privateIps }) => privateIps));
  const taken = addresses.find((address) => all.has(address));
  if (taken !== undefined) throw new SimulatedError('InvalidIPAddress.InUse', `Address ${taken} is in use`);
  return addresses;
}

export function deleteNetworkInterface(input: DeleteNetworkInterfaceRequest, context: CallContext): object {
  const { id, instanceId, loadBalancerArn } = findInterface(input.NetworkInterfaceId, context);
  if (instanceId !== undefined || loadBalancerArn !== undefined)
    throw new SimulatedError('InvalidParameterValue', `Network interface '${id}' is currently in use.`);
  context.state.networkInterfaces.delete(id);
  return {};
}

export function assignPrivateIpAddresses(
  input: AssignPrivateIpAddressesRequest,
  context: CallContext,
): AssignPrivateIpAddressesResult {
  const { state } = context;
  const item = findInterface(input.NetworkInterfaceId, context);
  const subnet = state.subnets.get(item.subnetId);
  const added = [...(input.PrivateIpAddresses ?? [])];
  for (let count = input.SecondaryPrivateIpAddressCount ?? 0; count > 0 && subnet !== undefined; count -= 1) {
    const address = freeAddress(subnet, state);
    if (address === undefined)
      throw new SimulatedError('PrivateIpAddressLimitExceeded', 'No free address is left in the subnet');
    added.push(address);
    item.privateIps = [...item.privateIps, address];
  }
  item.privateIps = [...new Set([...item.privateIps, ...added])];
  return {
    NetworkInterfaceId: item.id,
    AssignedPrivateIpAddresses: added.map((PrivateIpAddress) => ({ PrivateIpAddress })),
  };
}

/** Changes the security groups of an interface; other attributes are not simulated. */
export function modifyNetworkInterfaceAttribute(
  input: ModifyNetworkInterfaceAttributeRequest,
  context: CallContext,
): object {
  const item = findInterface(input.NetworkInterfaceId, context);
  const groups = input.Groups ?? [];
  for (const id of groups) findSecurityGroup(id, context);
  const limit = context.knobs.quotas['security-groups-per-interface'];
  if (groups.length > limit)
    throw new SimulatedError(
      'SecurityGroupsPerInterfaceLimitExceeded',
      `An interface can have at most ${limit} security groups`,
    );
  if (groups.length > 0) item.groupIds = groups;
  return {};
}

export function describeNetworkInterfaces(
  input: DescribeNetworkInterfacesRequest,
  context: CallContext,
): DescribeNetworkInterfacesResult {
  const { state } = context;
  const found = applyFilters(
    byIds(state.networkInterfaces, input.NetworkInterfaceIds, 'InvalidNetworkInterfaceID.NotFound'),
    input.Filters,
    {
      state,
      values: {
        'network-interface-id': ({ id }) => [id],
        'subnet-id': ({ subnetId }) => [subnetId],
        'vpc-id': ({ subnetId }) => [state.subnets.get(subnetId)?.vpcId],
        'group-id': ({ groupIds }) => groupIds,
        description: ({ description }) => [description],
        status: () => ['in-use'],
        'interface-type': ({ interfaceType }) => [interfaceType],
        'private-ip-address': ({ privateIps }) => privateIps.slice(0, 1),
        'addresses.private-ip-address': ({ privateIps }) => privateIps,
        'ipv6-addresses.ipv6-address': ({ ipv6Addresses }) => ipv6Addresses,
        'attachment.instance-id': ({ instanceId }) => [instanceId],
        'attachment.instance-owner-id': ({ loadBalancerArn }) => [
          loadBalancerArn === undefined ? state.account : 'amazon-elb',
        ],
        'attachment.status': () => ['attached'],
        'requester-id': ({ loadBalancerArn }) => [loadBalancerArn === undefined ? undefined : 'amazon-elb'],
      },
    },
  );
  const { items, NextToken } = ec2Page(found, input, context);
  return { NetworkInterfaces: items.map((item) => renderFull(item, context)), NextToken };
}

/** The part that the answers about instances have in common with the answers about interfaces. */
export function renderInterface(item: NetworkInterface, { state }: CallContext): InstanceNetworkInterface {
  return {
    NetworkInterfaceId: item.id,
    SubnetId: item.subnetId,
    VpcId: state.subnets.get(item.subnetId)?.vpcId,
    Description: item.description,
    OwnerId: state.account,
    InterfaceType: item.interfaceType,
    Status: 'in-use',
    Groups: item.groupIds.map((GroupId) => ({ GroupId, GroupName: state.securityGroups.get(GroupId)?.name })),
    PrivateIpAddress: item.privateIps[0],
    PrivateIpAddresses: item.privateIps.map((PrivateIpAddress, index) => ({
      PrivateIpAddress,
      Primary: index === 0,
    })),
    Ipv6Addresses: item.ipv6Addresses.map((Ipv6Address) => ({ Ipv6Address })),
    Attachment: { AttachmentId: `eni-attach-${item.id.slice(4)}`, DeviceIndex: 0, Status: 'attached' },
  };
}

function renderFull(item: NetworkInterface, context: CallContext): SdkNetworkInterface {
  const { Attachment, InterfaceType: _type, ...common } = renderInterface(item, context);
  return {
    ...common,
    InterfaceType: item.interfaceType as NonNullable<SdkNetworkInterface['InterfaceType']>,
    AvailabilityZone: context.state.subnets.get(item.subnetId)?.zone,
    Attachment: { ...Attachment, ...(item.instanceId === undefined ? {} : { InstanceId: item.instanceId }) },
    ...(item.loadBalancerArn === undefined ? {} : { RequesterId: 'amazon-elb', RequesterManaged: true }),
    TagSet: visibleTags(context, item.id),
  };
}
