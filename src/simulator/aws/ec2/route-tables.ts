import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  CreateRouteRequest,
  CreateRouteResult,
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteRequest,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
  RouteTable as SdkRouteTable,
} from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { RouteTable } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { applyFilters, byIds } from './filters.ts';
import { ec2Page } from './paging.ts';
import { newTags } from './tag-operations.ts';

export function createInternetGateway(
  input: CreateInternetGatewayRequest,
  context: CallContext,
): CreateInternetGatewayResult {
  const id = ec2Id(context.state.ids, 'igw');
  context.state.internetGateways.set(id, { id, vpcId: undefined });
  setTags(context, id, newTags('internet-gateway', input.TagSpecifications, context));
  return { InternetGateway: { InternetGatewayId: id, OwnerId: context.state.account, Attachments: [] } };
}

export function attachInternetGateway(input: AttachInternetGatewayRequest, { state }: CallContext): object {
  const gateway = state.internetGateways.get(input.InternetGatewayId ?? '');
  if (gateway === undefined)
    throw new SimulatedError(
      'InvalidInternetGatewayID.NotFound',
      `'${input.InternetGatewayId}' does not exist`,
    );
  gateway.vpcId = input.VpcId;
  return {};
}

export function createRouteTable(
  input: CreateRouteTableRequest,
  context: CallContext,
): CreateRouteTableResult {
  const { state } = context;
  const vpc = state.vpcs.get(input.VpcId ?? '');
  if (vpc === undefined)
    throw new SimulatedError('InvalidVpcID.NotFound', `The vpc ID '${input.VpcId}' does not exist`);
  const table: RouteTable = {
    id: ec2Id(state.ids, 'rtb'),
    vpcId: vpc.id,
    routes: [{ destination: vpc.cidr, gatewayId: 'local' }],
    associations: new Map(),
  };
  state.routeTables.set(table.id, table);
  setTags(context, table.id, newTags('route-table', input.TagSpecifications, context));
  return { RouteTable: render(table, context) };
}

function findTable(id: string | undefined, { state }: CallContext): RouteTable {
  const table = state.routeTables.get(id ?? '');
  if (table === undefined)
    throw new SimulatedError('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`);
  return table;
}

export function createRoute(input: CreateRouteRequest, context: CallContext): CreateRouteResult {
  const destination = input.DestinationCidrBlock ?? input.DestinationIpv6CidrBlock ?? '';
  const gatewayId = input.GatewayId ?? input.NatGatewayId ?? input.TransitGatewayId ?? '';
  findTable(input.RouteTableId, context).routes.push({ destination, gatewayId });
  return { Return: true };
}

export function deleteRoute(input: DeleteRouteRequest, context: CallContext): object {
  const table = findTable(input.RouteTableId, context);
  const destination = input.DestinationCidrBlock ?? input.DestinationIpv6CidrBlock ?? '';
  const at = table.routes.findIndex((route) => route.destination === destination);
  if (at === -1)
    throw new SimulatedError(
      'InvalidRoute.NotFound',
      `no route with destination-cidr-block ${destination} in route table ${table.id}`,
    );
  table.routes.splice(at, 1);
  return {};
}

export function disassociateRouteTable(input: DisassociateRouteTableRequest, context: CallContext): object {
  takeAssociation(input.AssociationId, context);
  return {};
}

export function replaceRouteTableAssociation(
  input: ReplaceRouteTableAssociationRequest,
  context: CallContext,
): ReplaceRouteTableAssociationResult {
  const RouteTableId = findTable(input.RouteTableId, context).id;
  const SubnetId = takeAssociation(input.AssociationId, context);
  const { AssociationId, AssociationState } = associateRouteTable({ RouteTableId, SubnetId }, context);
  return { NewAssociationId: AssociationId, AssociationState };
}

/** Ends an association; returns its subnet. */
function takeAssociation(id: string | undefined, { state }: CallContext): string {
  for (const { associations } of state.routeTables.values()) {
    const subnet = associations.get(id ?? '');
    if (subnet === undefined) continue;
    associations.delete(id ?? '');
    return subnet;
  }
  throw new SimulatedError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

export function associateRouteTable(
  input: AssociateRouteTableRequest,
  context: CallContext,
): AssociateRouteTableResult {
  const table = findTable(input.RouteTableId, context);
  const id = ec2Id(context.state.ids, 'rtbassoc');
  table.associations.set(id, input.SubnetId ?? '');
  return { AssociationId: id, AssociationState: { State: 'associated' } };
}

export function describeRouteTables(
  input: DescribeRouteTablesRequest,
  context: CallContext,
): DescribeRouteTablesResult {
  const { state } = context;
  const found = applyFilters(
    byIds(state.routeTables, input.RouteTableIds, 'InvalidRouteTableID.NotFound'),
    input.Filters,
    {
      state,
      values: {
        'vpc-id': ({ vpcId }) => [vpcId],
        'route-table-id': ({ id }) => [id],
        'association.subnet-id': ({ associations }) => [...associations.values()],
        'association.main': (table) => [String(isMain(table, context))],
        'route.gateway-id': ({ routes }) => routes.map(({ gatewayId }) => gatewayId),
      },
    },
  );
  const { items, NextToken } = ec2Page(found, input, context);
  return { RouteTables: items.map((table) => render(table, context)), NextToken };
}

const isMain = (table: RouteTable, { state }: CallContext): boolean =>
  state.vpcs.get(table.vpcId)?.mainRouteTableId === table.id;

function render(table: RouteTable, context: CallContext): SdkRouteTable {
  const associated = { RouteTableId: table.id, AssociationState: { State: 'associated' as const } };
  const main = { RouteTableAssociationId: `rtbassoc-${table.id.slice(4)}`, Main: true, ...associated };
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: context.state.account,
    Routes: table.routes.map(({ destination, gatewayId }) => ({
      ...(destination.includes(':')
        ? { DestinationIpv6CidrBlock: destination }
        : { DestinationCidrBlock: destination }),
      ...(gatewayId.startsWith('nat-') ? { NatGatewayId: gatewayId } : { GatewayId: gatewayId }),
      State: 'active' as const,
      Origin: gatewayId === 'local' ? ('CreateRouteTable' as const) : ('CreateRoute' as const),
    })),
    Associations: [
      ...(isMain(table, context) ? [main] : []),
      ...[...table.associations].map(([RouteTableAssociationId, SubnetId]) => ({
        RouteTableAssociationId,
        SubnetId,
        Main: false,
        ...associated,
      })),
    ],
    Tags: visibleTags(context, table.id),
  };
}
