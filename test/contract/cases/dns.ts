import assert from 'node:assert/strict';
import { ListHostedZonesCommand, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { type Account, refused } from '../account.ts';
import type { Case } from '../case.ts';

const namesIn = async (
  { route53 }: Account,
  HostedZoneId: string,
): Promise<readonly (string | undefined)[]> => {
  const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  return ResourceRecordSets.flatMap(({ Name, Type }) => (Type === 'CNAME' ? [Name] : []));
};

export const dnsCases: readonly Case[] = [
  {
    what: 'a new zone is listed with a dot after its name, and is public',
    run: async (account) => {
      const { id, name } = await account.hostedZone();
      const { HostedZones = [] } = await account.route53.send(new ListHostedZonesCommand({}));
      const found = HostedZones.find(({ Id }) => Id === `/hostedzone/${id}`);
      assert.deepEqual([found?.Name, found?.Config?.PrivateZone], [`${name}.`, false]);
    },
  },
  {
    what: 'a batch of which one change is refused changes nothing',
    run: async (account) => {
      const { id, name } = await account.hostedZone();
      await account.aliases('CREATE', id, `a.${name}`);
      await refused(account.aliases('CREATE', id, `b.${name}`, `a.${name}`), 'InvalidChangeBatch');
      assert.deepEqual(await namesIn(account, id), [`a.${name}.`]);
    },
  },
  {
    what: 'a record that is not there cannot be deleted',
    run: async (account) => {
      const { id, name } = await account.hostedZone();
      await refused(account.aliases('DELETE', id, `a.${name}`), 'InvalidChangeBatch');
    },
  },
  {
    what: 'a record outside its zone is refused',
    run: async (account) => {
      const { id } = await account.hostedZone();
      await refused(account.aliases('CREATE', id, 'a.example.net'), 'InvalidChangeBatch');
    },
  },
  {
    what: 'an unknown zone is NoSuchHostedZone',
    run: async (account) => {
      await refused(account.aliases('CREATE', 'Z0123456789ABCDEFGHIJ', 'a.example.com'), 'NoSuchHostedZone');
    },
  },
];
