import type {
  Change,
  ChangeResourceRecordSetsRequest,
  ChangeResourceRecordSetsResponse,
  GetChangeRequest,
  GetChangeResponse,
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
  ResourceRecordSet,
  RRType,
} from '@aws-sdk/client-route-53';
import { SimulatedError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { DnsRecord, HostedZone } from '../state.ts';
import { changeOf, newChange } from './changes.ts';
import { absolute, findZone } from './zones.ts';

/** A batch is done whole or not at all; every change that cannot be made is named. */
export function changeResourceRecordSets(
  input: ChangeResourceRecordSetsRequest,
  context: CallContext,
): ChangeResourceRecordSetsResponse {
  const zone = findZone(input.HostedZoneId, context);
  const records = new Map(zone.records);
  const changes = input.ChangeBatch?.Changes ?? [];
  if (changes.length === 0) throw new SimulatedError('InvalidInput', 'The batch contains no changes');
  const refused = changes.flatMap((change) => refusalOf(change, records, { zone, now: context.now }) ?? []);
  if (changes.length > 1000) refused.push(`Number of records limit of 1000 exceeded.`);
  if (refused.length > 0) throw new SimulatedError('InvalidChangeBatch', `[${refused.join(', ')}]`);
  zone.records.clear();
  for (const [key, record] of records) zone.records.set(key, record);
  return { ChangeInfo: newChange(context) };
}

type Place = { readonly zone: HostedZone; readonly now: number };

/** Makes a change in `records`, or says why it cannot be made. */
function refusalOf(
  { Action, ResourceRecordSet: set }: Change,
  records: Map<string, DnsRecord>,
  { zone, now }: Place,
): string | undefined {
  const record = recordOf(set, now);
  const { name } = record;
  if (name !== zone.name && !name.endsWith(`.${zone.name}`))
    return `RRSet with DNS name ${name} is not permitted in zone ${zone.name}`;
  const key = `${name} ${record.type}`;
  const present = records.get(key);
  if (Action === 'DELETE') {
    const why = undeletable(record, present);
    if (why === undefined) records.delete(key);
    return why;
  }
  if (Action === 'CREATE' && present !== undefined)
    return `Tried to create ${described(record)} but it already exists`;
  const conflict = conflictOf(record, records, zone);
  if (conflict === undefined) records.set(key, record);
  return conflict;
}

const described = ({ name, type }: DnsRecord): string =>
  `resource record set [name='${name}', type='${type}']`;

function undeletable(record: DnsRecord, present: DnsRecord | undefined): string | undefined {
  if (present === undefined) return `Tried to delete ${described(record)} but it was not found`;
  const isSame = present.ttl === record.ttl && present.values.join('\n') === record.values.join('\n');
  return isSame
    ? undefined
    : `Tried to delete ${described(record)} but the values provided do not match the current values`;
}

/** An alias has its name for itself, and no zone is one. */
function conflictOf(
  record: DnsRecord,
  records: ReadonlyMap<string, DnsRecord>,
  zone: HostedZone,
): string | undefined {
  const { name, type, values } = record;
  if (values.length === 0) return `Invalid request: expected resource records for ${described(record)}`;
  const others = [...records.values()].filter((other) => other.name === name && other.type !== type);
  const isAlias = type === 'CNAME';
  if (isAlias && name === zone.name)
    return `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`;
  if (!others.some((other) => isAlias || other.type === 'CNAME')) return undefined;
  return `RRSet of type ${type} with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`;
}

const recordOf = (set: ResourceRecordSet | undefined, now: number): DnsRecord => ({
  name: absolute(set?.Name ?? ''),
  type: set?.Type ?? '',
  ttl: set?.TTL,
  values: (set?.ResourceRecords ?? []).map(({ Value }) => Value ?? ''),
  changedAt: now,
});

/** By name from the one that is asked for on, and by type. */
export function listResourceRecordSets(
  input: ListResourceRecordSetsRequest,
  context: CallContext,
): ListResourceRecordSetsResponse {
  const key = ({ name, type }: Pick<DnsRecord, 'name' | 'type'>): string =>
    `${name.split('.').toReversed().join('.')} ${type}`;
  const { StartRecordName, StartRecordType = '' } = input;
  const from =
    StartRecordName === undefined ? '' : key({ name: absolute(StartRecordName), type: StartRecordType });
  const limit = input.MaxItems ?? 300;
  const found = [...findZone(input.HostedZoneId, context).records.values()]
    .filter((record) => key(record) >= from)
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return {
    ResourceRecordSets: found.slice(0, limit).map(({ name, type, ttl, values }) => ({
      Name: name,
      Type: type as RRType,
      TTL: ttl,
      ResourceRecords: values.map((Value) => ({ Value })),
    })),
    IsTruncated: found.length > limit,
    NextRecordName: found[limit]?.name,
    NextRecordType: found[limit]?.type as RRType | undefined,
    MaxItems: limit,
  };
}

export const getChange = (input: GetChangeRequest, context: CallContext): GetChangeResponse => ({
  ChangeInfo: changeOf(input.Id, context),
});

/** Since when everybody who asks for this alias gets this answer; undefined: nobody does. Private zones do not count. */
export function aliasSince(
  alias: { readonly name: string; readonly value: string },
  { state }: CallContext,
): number | undefined {
  const zones = [...state.hostedZones.values()]
    .filter(({ isPrivate, name }) => !isPrivate && alias.name.endsWith(`.${name}`))
    .toSorted((a, b) => b.name.length - a.name.length);
  // The most specific zone answers; the others are asked for names of it by nobody.
  const record = zones[0]?.records.get(`${alias.name} CNAME`);
  return record?.values.includes(alias.value) === true ? record.changedAt : undefined;
}
