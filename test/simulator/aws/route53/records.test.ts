import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '@aws-sdk/client-route-53';
import { assertRefused, type Bench, codeOf, withAws } from '../support.ts';

const zoneNamed = async ({ route53 }: Bench, Name: string): Promise<string> =>
  (await route53.createHostedZone({ Name, CallerReference: Name })).HostedZone?.Id ?? '';

const alias = (
  Action: Change['Action'],
  Name: string,
  { value = 'x.test.', TTL = 60, Type = 'CNAME' as const } = {},
): Change => ({
  Action,
  ResourceRecordSet: { Name, Type, TTL, ResourceRecords: [{ Value: value }] },
});

const write = ({ route53 }: Bench, HostedZoneId: string, ...Changes: Change[]) =>
  route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } });

test('a batch of records is written whole or not at all', () =>
  withAws(async (bench) => {
    const zone = await zoneNamed(bench, 'example.com');
    const names = async () =>
      (await bench.route53.listResourceRecordSets({ HostedZoneId: zone })).ResourceRecordSets?.flatMap(
        ({ Name, Type }) => (Type === 'CNAME' ? [Name] : []),
      );
    await write(bench, zone, alias('CREATE', '_a.example.com'));
    const again = write(bench, zone, alias('CREATE', '_b.example.com'), alias('CREATE', '_a.example.com.'));
    assert.equal(await codeOf(again), 'InvalidChangeBatch');
    assert.deepEqual(await names(), ['_a.example.com.']);
    await write(bench, zone, alias('UPSERT', '_a.example.com', { value: 'y.test.' }));
    await assertRefused(bench, [
      ['other value', 'InvalidChangeBatch', () => write(bench, zone, alias('DELETE', '_a.example.com'))],
      [
        'other TTL',
        'InvalidChangeBatch',
        () => write(bench, zone, alias('DELETE', '_a.example.com', { value: 'y.test.', TTL: 300 })),
      ],
      ['absent', 'InvalidChangeBatch', () => write(bench, zone, alias('DELETE', '_z.example.com'))],
      ['other zone', 'InvalidChangeBatch', () => write(bench, zone, alias('CREATE', 'a.example.org'))],
      ['apex', 'InvalidChangeBatch', () => write(bench, zone, alias('CREATE', 'example.com'))],
      ['no zone', 'NoSuchHostedZone', () => write(bench, 'Z1', alias('CREATE', 'a.example.com'))],
      ['twice', 'HostedZoneAlreadyExists', () => zoneNamed(bench, 'example.com')],
    ]);
    await write(bench, zone, alias('DELETE', '_a.example.com', { value: 'y.test.' }));
    assert.deepEqual(await names(), []);
  }));

test('zones come in pages and by name, and a change is in sync after a while', () =>
  withAws(async (bench) => {
    const { route53, clock } = bench;
    const zones = [];
    for (const name of ['b.test', 'a.test', 'x.b.test']) zones.push(await zoneNamed(bench, name));
    const first = await route53.listHostedZones({ MaxItems: 2 });
    assert.equal(first.IsTruncated, true);
    const second = await route53.listHostedZones({ Marker: first.NextMarker, MaxItems: 2 });
    assert.deepEqual(
      [...(first.HostedZones ?? []), ...(second.HostedZones ?? [])].map(({ Id }) => Id),
      zones,
    );
    const { HostedZones } = await route53.listHostedZonesByName({ DNSName: 'b.test' });
    assert.deepEqual(
      HostedZones?.map(({ Name }) => Name),
      ['b.test.', 'x.b.test.'],
    );
    const { ChangeInfo } = await write(bench, zones[0] ?? '', alias('CREATE', 'a.b.test'));
    const status = async () => (await route53.getChange({ Id: ChangeInfo?.Id })).ChangeInfo?.Status;
    assert.equal(await status(), 'PENDING');
    await clock.advance(30_000);
    assert.equal(await status(), 'INSYNC');
  }));
