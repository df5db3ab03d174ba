import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  Instance as SdkInstance,
  RunInstancesRequest,
  Reservation,
} from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { Instance, NetworkInterface } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { freeAddress } from './addresses.ts';
import { applyFilters, byIds } from './filters.ts';
import { renderInterface } from './network-interfaces.ts';
import { ec2Page } from './paging.ts';
import { newTags } from './tag-operations.ts';

/** Starts instances, each with one network interface; they run at once. */
export function runInstances(input: RunInstancesRequest, context: CallContext): Reservation {
  const count = input.MaxCount ?? 1;
  const instances = Array.from({ length: count }, () => runInstance(input, context));
  return {
    ReservationId: ec2Id(context.state.ids, 'r'),
    OwnerId: context.state.account,
    Instances: instances.map((item) => render(item, context)),
  };
}

function runInstance(input: RunInstancesRequest, context: CallContext): Instance {
  const { state } = context;
  const wanted = interfaceWanted(input);
  const subnet = state.subnets.get(wanted.subnetId ?? '');
  if (subnet === undefined)
    throw new SimulatedError('InvalidSubnetID.NotFound', `The subnet ID '${wanted.subnetId}' does not exist`);
  const address = wanted.address ?? freeAddress(subnet, state);
  if (address === undefined)
    throw new SimulatedError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.id}'`,
    );
  const vpc = state.vpcs.get(subnet.vpcId);
  const id = ec2Id(state.ids, 'i');
  const networkInterface: NetworkInterface = {
    id: ec2Id(state.ids, 'eni'),
    subnetId: subnet.id,
    description: '',
    interfaceType: 'interface',
    instanceId: id,
    loadBalancerArn: undefined,
    groupIds: wanted.groupIds ?? [vpc?.defaultSecurityGroupId ?? ''],
    privateIps: [address],
    ipv6Addresses: [],
    releaseAt: undefined,
  };
  const instance: Instance = {
    id,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    instanceType: input.InstanceType ?? 'm5.large',
    launchedAt: context.now,
    networkInterfaceIds: [networkInterface.id],
    state: 'running',
  };
  state.networkInterfaces.set(networkInterface.id, networkInterface);
  state.instances.set(id, instance);
  setTags(context, id, newTags('instance', input.TagSpecifications, context));
  return instance;
}

type InterfaceWanted = {
  readonly subnetId: string | undefined;
  readonly address: string | undefined;
  readonly groupIds: readonly string[] | undefined;
};

/** Subnet, address and groups are given in the request itself or for its first network interface. */
function interfaceWanted(input: RunInstancesRequest): InterfaceWanted {
  const first = input.NetworkInterfaces?.[0] ?? {};
  return {
    subnetId: input.SubnetId ?? first.SubnetId,
    address: input.PrivateIpAddress ?? first.PrivateIpAddress,
    groupIds: input.SecurityGroupIds ?? first.Groups,
  };
}

/** Changes the state of instances from outside: StopInstances, StartInstances, TerminateInstances. */
export const changeInstances =
  (to: Instance['state']) =>
  (input: { readonly InstanceIds?: readonly string[] | undefined }, { state }: CallContext): object => {
    const instances = byIds(state.instances, input.InstanceIds ?? [], 'InvalidInstanceID.NotFound');
    const changed = instances.map((instance) => ({
      InstanceId: instance.id,
      PreviousState: stateOf(instance),
    }));
    for (const instance of instances) {
      instance.state = to;
      if (to === 'terminated')
        for (const id of instance.networkInterfaceIds) state.networkInterfaces.delete(id);
    }
    const current = instances[0] === undefined ? undefined : stateOf(instances[0]);
    const rows = changed.map((row) => ({ ...row, CurrentState: current }));
    return to === 'running'
      ? { StartingInstances: rows }
      : to === 'stopped'
        ? { StoppingInstances: rows }
        : { TerminatingInstances: rows };
  };

export function describeInstances(
  input: DescribeInstancesRequest,
  context: CallContext,
): DescribeInstancesResult {
  const { state } = context;
  const interfaces = (item: Instance): readonly NetworkInterface[] =>
    item.networkInterfaceIds.flatMap((id) => state.networkInterfaces.get(id) ?? []);
  const found = applyFilters(
    byIds(state.instances, input.InstanceIds, 'InvalidInstanceID.NotFound'),
    input.Filters,
    {
      state,
      values: {
        'instance-id': ({ id }) => [id],
        'vpc-id': ({ vpcId }) => [vpcId],
        'subnet-id': ({ subnetId }) => [subnetId],
        'instance-state-name': (item) => [item.state],
        'private-ip-address': (item) => interfaces(item).flatMap(({ privateIps }) => privateIps.slice(0, 1)),
        'network-interface.addresses.private-ip-address': (item) =>
          interfaces(item).flatMap(({ privateIps }) => privateIps),
        'private-dns-name': (item) => [dnsName(interfaces(item)[0]?.privateIps[0], state.region)],
      },
    },
  );
  const { items, NextToken } = ec2Page(found, input, context);
  return {
    Reservations: items.map((item) => ({
      ReservationId: `r-${item.id.slice(2)}`,
      OwnerId: state.account,
      Instances: [render(item, context)],
    })),
    NextToken,
  };
}

const codes = { running: 16, stopped: 80, terminated: 48 } as const;
const stateOf = (instance: Instance): { Code: number; Name: Instance['state'] } => ({
  Code: codes[instance.state],
  Name: instance.state,
});
const dnsName = (address: string | undefined, region: string): string =>
  `ip-${(address ?? '').replaceAll('.', '-')}.${region}.compute.internal`;

function render(instance: Instance, context: CallContext): SdkInstance {
  const { state } = context;
  const interfaces = instance.networkInterfaceIds.flatMap((id) => state.networkInterfaces.get(id) ?? []);
  const primary = interfaces[0];
  return {
    InstanceId: instance.id,
    InstanceType: instance.instanceType as NonNullable<SdkInstance['InstanceType']>,
    State: stateOf(instance),
    VpcId: instance.vpcId,
    SubnetId: instance.subnetId,
    LaunchTime: new Date(instance.launchedAt),
    PrivateIpAddress: primary?.privateIps[0],
    PrivateDnsName: dnsName(primary?.privateIps[0], state.region),
    Placement: { AvailabilityZone: state.subnets.get(instance.subnetId)?.zone },
    SecurityGroups: (primary?.groupIds ?? []).map((GroupId) => ({
      GroupId,
      GroupName: state.securityGroups.get(GroupId)?.name,
    })),
    NetworkInterfaces: interfaces.map((item) => renderInterface(item, context)),
    Tags: visibleTags(context, instance.id),
  };
}
