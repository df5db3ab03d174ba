import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { zoneOf } from '../certificates/hosted-zones.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';

/** A CNAME that ACM asks for; names end in a dot. */
export type ValidationRecord = { readonly name: string; readonly value: string };

const ttlSeconds = 60;

/** One batch a zone. Records that are there already, whoever made them, stay as they are. Rejects when one says otherwise. */
export async function createRecords(
  context: AwsContext,
  records: readonly ValidationRecord[],
  { signal }: Signalled,
): Promise<void> {
  await inZones(context, records, { signal }, async (zone, own) => {
    await change(context, { zone, action: 'CREATE', records: own }, { signal }, async (record, error) => {
      if (!(await isThere(context, zone, record, { signal }))) throw error;
    });
  });
}

/** What is not exactly as we made it is somebody else's, and stays. */
export async function deleteRecords(
  context: AwsContext,
  records: readonly ValidationRecord[],
  { signal }: Signalled,
): Promise<void> {
  await inZones(context, records, { signal }, (zone, own) =>
    change(context, { zone, action: 'DELETE', records: own }, { signal }, async () => undefined),
  );
}

async function inZones(
  { hostedZones }: AwsContext,
  records: readonly ValidationRecord[],
  { signal }: Signalled,
  work: (zone: string, records: readonly ValidationRecord[]) => Promise<void>,
): Promise<void> {
  if (records.length === 0) return;
  const zones = await hostedZones({ signal });
  const byZone = Map.groupBy(records, ({ name }) => zoneOf(name, zones)?.id);
  for (const [zone, own] of byZone) if (zone !== undefined) await work(zone, own);
}

type Batch = {
  readonly zone: string;
  readonly action: NonNullable<Change['Action']>;
  readonly records: readonly ValidationRecord[];
};

/** A batch is refused whole for one record, so then each goes alone, and `onRefusal` judges those that are refused. */
async function change(
  context: AwsContext,
  batch: Batch,
  { signal }: Signalled,
  onRefusal: (record: ValidationRecord, error: unknown) => Promise<void>,
): Promise<void> {
  const { zone, action, records } = batch;
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: zone,
    ChangeBatch: { Changes: records.map((record) => wireChange(action, record)) },
  });
  try {
    await context.calls.route53(command, { signal });
  } catch (error) {
    if (!isKind(error, 'invalid')) throw error;
    const [only, ...others] = records;
    if (only !== undefined && others.length === 0) return onRefusal(only, error);
    for (const record of records)
      await change(context, { ...batch, records: [record] }, { signal }, onRefusal);
  }
}

const wireChange = (Action: Batch['action'], { name, value }: ValidationRecord): Change => ({
  Action,
  ResourceRecordSet: {
    Name: name,
    Type: 'CNAME',
    TTL: ttlSeconds,
    ResourceRecords: [{ Value: value }],
  },
});

async function isThere(
  { calls }: AwsContext,
  HostedZoneId: string,
  { name, value }: ValidationRecord,
  { signal }: Signalled,
): Promise<boolean> {
  const command = new ListResourceRecordSetsCommand({
    HostedZoneId,
    StartRecordName: name,
    StartRecordType: 'CNAME',
    MaxItems: 1,
  });
  const { ResourceRecordSets: [found] = [] } = await calls.route53(command, { signal });
  const isSame = found?.Name === name && found.Type === 'CNAME';
  return isSame && found.ResourceRecords?.some(({ Value }) => Value === value) === true;
}
