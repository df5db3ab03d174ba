import type {
  CreateHostedZoneRequest,
  CreateHostedZoneResponse,
  DeleteHostedZoneRequest,
  DeleteHostedZoneResponse,
  HostedZone as WireZone,
  ListHostedZonesByNameRequest,
  ListHostedZonesByNameResponse,
  ListHostedZonesRequest,
  ListHostedZonesResponse,
} from '@aws-sdk/client-route-53';
import { SimulatedError } from '../errors.ts';
import { hex } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { page } from '../paging.ts';
import type { HostedZone } from '../state.ts';
import { newChange } from './changes.ts';

/** Names of Route 53 are in lower case and end in a dot. */
export const absolute = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`;

export function findZone(id: string | undefined, { state }: CallContext): HostedZone {
  const zone = state.hostedZones.get((id ?? '').replace(/^\/?hostedzone\//, ''));
  if (zone === undefined)
    throw new SimulatedError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
  return zone;
}

export function createHostedZone(
  input: CreateHostedZoneRequest,
  context: CallContext,
): CreateHostedZoneResponse {
  const { state } = context;
  const callerReference = input.CallerReference ?? '';
  if ([...state.hostedZones.values()].some((zone) => zone.callerReference === callerReference))
    throw new SimulatedError(
      'HostedZoneAlreadyExists',
      `A hosted zone has already been created with the specified caller reference: ${callerReference}`,
      409,
    );
  const zone: HostedZone = {
    id: `Z${hex(state.ids, 20).toUpperCase()}`,
    name: absolute(input.Name ?? ''),
    callerReference,
    isPrivate: input.VPC !== undefined || input.HostedZoneConfig?.PrivateZone === true,
    records: new Map(),
  };
  const servers = ['ns-1.awsdns-1.com.', 'ns-2.awsdns-2.net.'];
  for (const [type, values] of [['NS', servers] as const, ['SOA', ['ns-1.awsdns-1.com. admin. 1']] as const])
    zone.records.set(`${zone.name} ${type}`, {
      name: zone.name,
      type,
      ttl: 172_800,
      values,
      changedAt: context.now,
    });
  state.hostedZones.set(zone.id, zone);
  return {
    HostedZone: wireZone(zone),
    ChangeInfo: newChange(context),
    DelegationSet: { NameServers: servers },
    Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
  };
}

export function deleteHostedZone(
  input: DeleteHostedZoneRequest,
  context: CallContext,
): DeleteHostedZoneResponse {
  const zone = findZone(input.Id, context);
  if (zone.records.size > 2)
    throw new SimulatedError(
      'HostedZoneNotEmpty',
      'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    );
  context.state.hostedZones.delete(zone.id);
  return { ChangeInfo: newChange(context) };
}

/** Route 53 lists at most 100 zones at a time, in no order that anybody may rely on. */
export function listHostedZones(
  input: ListHostedZonesRequest,
  context: CallContext,
): ListHostedZonesResponse {
  const { items, nextMarker } = page([...context.state.hostedZones.values()], {
    marker: input.Marker || undefined,
    size: input.MaxItems,
    defaultSize: 100,
    max: 100,
  });
  return {
    HostedZones: items.map(wireZone),
    Marker: input.Marker,
    IsTruncated: nextMarker !== undefined,
    NextMarker: nextMarker,
    MaxItems: input.MaxItems ?? 100,
  };
}

/** In the order of the reversed labels, from the name that is asked for on. */
export function listHostedZonesByName(
  input: ListHostedZonesByNameRequest,
  context: CallContext,
): ListHostedZonesByNameResponse {
  const reversed = (name: string): string => absolute(name).split('.').toReversed().join('.');
  const from = input.DNSName === undefined ? '' : reversed(input.DNSName);
  const limit = input.MaxItems ?? 100;
  const zones = [...context.state.hostedZones.values()]
    .filter(({ name }) => reversed(name) >= from)
    .toSorted((a, b) => (reversed(a.name) < reversed(b.name) ? -1 : 1));
  return {
    HostedZones: zones.slice(0, limit).map(wireZone),
    DNSName: input.DNSName,
    IsTruncated: zones.length > limit,
    NextDNSName: zones[limit]?.name,
    NextHostedZoneId: zones[limit]?.id,
    MaxItems: limit,
  };
}

const wireZone = ({ id, name, callerReference, isPrivate, records }: HostedZone): WireZone => ({
  Id: `/hostedzone/${id}`,
  Name: name,
  CallerReference: callerReference,
  Config: { PrivateZone: isPrivate },
  ResourceRecordSetCount: records.size,
});
