import type {
  CreateVpcRequest,
  CreateVpcResult,
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Vpc as SdkVpc,
} from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { ec2Id, hex } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { RouteTable, Vpc } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { applyFilters, byIds } from './filters.ts';
import { ec2Page } from './paging.ts';
import { newSecurityGroup } from './security-groups.ts';
import { newTags } from './tag-operations.ts';

/** Makes a VPC with its main route table and its default security group. */
export function createVpc(input: CreateVpcRequest, context: CallContext): CreateVpcResult {
  const { state } = context;
  const cidr = input.CidrBlock ?? '';
  if (!/^\d+\.\d+\.\d+\.\d+\/(1[6-9]|2[0-8])$/.test(cidr)) {
    throw new SimulatedError(
      'InvalidVpc.Range',
      `The CIDR '${cidr}' is invalid; its length must be between /16 and /28`,
    );
  }
  const id = ec2Id(state.ids, 'vpc');
  const table: RouteTable = {
    id: ec2Id(state.ids, 'rtb'),
    vpcId: id,
    routes: [{ destination: cidr, gatewayId: 'local' }],
    associations: new Map(),
  };
  state.routeTables.set(table.id, table);
  const group = newSecurityGroup(
    { name: 'default', description: 'default VPC security group', vpcId: id },
    context,
  );
  const digits = hex(state.ids, 6);
  const vpc: Vpc = {
    id,
    cidr,
    ipv6Cidr:
      input.AmazonProvidedIpv6CidrBlock === true
        ? `2600:1f${digits.slice(0, 2)}:${digits.slice(2)}:aa00::/56`
        : undefined,
    mainRouteTableId: table.id,
    defaultSecurityGroupId: group.id,
  };
  state.vpcs.set(id, vpc);
  setTags(context, id, newTags('vpc', input.TagSpecifications, context));
  return { Vpc: render(vpc, context) };
}

export function describeVpcs(input: DescribeVpcsRequest, context: CallContext): DescribeVpcsResult {
  const found = applyFilters(
    byIds(context.state.vpcs, input.VpcIds, 'InvalidVpcID.NotFound'),
    input.Filters,
    {
      state: context.state,
      values: {
        'vpc-id': ({ id }) => [id],
        cidr: ({ cidr }) => [cidr],
        state: () => ['available'],
        'is-default': () => ['false'],
      },
    },
  );
  const { items, NextToken } = ec2Page(found, input, context);
  return { Vpcs: items.map((vpc) => render(vpc, context)), NextToken };
}

/** DNS names and resolution are on, as load balancers and clusters need them; usage metrics are off, as by default. */
export function describeVpcAttribute(
  { VpcId, Attribute }: DescribeVpcAttributeRequest,
  { state }: CallContext,
): DescribeVpcAttributeResult {
  if (!state.vpcs.has(VpcId ?? ''))
    throw new SimulatedError('InvalidVpcID.NotFound', `The vpc ID '${VpcId}' does not exist`);
  const on = { Value: true };
  if (Attribute === 'enableDnsHostnames') return { VpcId, EnableDnsHostnames: on };
  return Attribute === 'enableDnsSupport'
    ? { VpcId, EnableDnsSupport: on }
    : { VpcId, EnableNetworkAddressUsageMetrics: { Value: false } };
}

function render(vpc: Vpc, context: CallContext): SdkVpc {
  const associated = { CidrBlockState: { State: 'associated' as const } };
  return {
    VpcId: vpc.id,
    CidrBlock: vpc.cidr,
    State: 'available',
    IsDefault: false,
    OwnerId: context.state.account,
    CidrBlockAssociationSet: [
      { AssociationId: `vpc-cidr-assoc-${vpc.id.slice(4)}`, CidrBlock: vpc.cidr, ...associated },
    ],
    Ipv6CidrBlockAssociationSet:
      vpc.ipv6Cidr === undefined
        ? []
        : [
            {
              AssociationId: `vpc-cidr-assoc-6${vpc.id.slice(5)}`,
              Ipv6CidrBlock: vpc.ipv6Cidr,
              Ipv6CidrBlockState: { State: 'associated' },
            },
          ],
    Tags: visibleTags(context, vpc.id),
  };
}
