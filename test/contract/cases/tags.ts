import assert from 'node:assert/strict';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, refused } from '../account.ts';
import type { Case } from '../case.ts';

async function tagsOf(account: Account, arn: string): Promise<Readonly<Record<string, string>>> {
  const { TagDescriptions: [found] = [] } = await account.elbv2.send(
    new elb.DescribeTagsCommand({ ResourceArns: [arn] }),
  );
  return Object.fromEntries((found?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

export const tagCases: readonly Case[] = [
  {
    what: 'tags are given at the creation of every kind, and described',
    run: async (account) => {
      const Tags = [{ Key: 'team', Value: 'a' }];
      const { LoadBalancerArn } = await account.loadBalancer({ Tags });
      const { TargetGroupArn } = await account.targetGroup({ Tags });
      const { ListenerArn } = await account.listener({ LoadBalancerArn, Tags });
      const { RuleArn } = await account.rule(ListenerArn, 1, { Tags });
      for (const arn of [LoadBalancerArn, TargetGroupArn, ListenerArn, RuleArn])
        assert.deepEqual(await tagsOf(account, arn), { team: 'a' }, arn);
    },
  },
  {
    what: 'AddTags overwrites values and RemoveTags removes keys',
    run: async (account) => {
      const Tags = [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '1' },
      ];
      const { TargetGroupArn } = await account.targetGroup({ Tags });
      const ResourceArns = [TargetGroupArn];
      await account.elbv2.send(
        new elb.AddTagsCommand({ ResourceArns, Tags: [{ Key: 'a', Value: '2' }, { Key: 'c' }] }),
      );
      await account.elbv2.send(new elb.RemoveTagsCommand({ ResourceArns, TagKeys: ['b', 'never'] }));
      assert.deepEqual(await tagsOf(account, TargetGroupArn), { a: '2', c: '' });
    },
  },
  {
    what: 'a resource has room for 50 tags',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const add = (from: number, count: number) =>
        account.elbv2.send(
          new elb.AddTagsCommand({
            ResourceArns: [TargetGroupArn],
            Tags: Array.from({ length: count }, (_, index) => ({ Key: `k${from + index}`, Value: 'v' })),
          }),
        );
      await add(0, 25);
      await add(25, 25);
      await refused(add(50, 1), 'TooManyTags');
    },
  },
  {
    what: 'the same key twice is DuplicateTagKeys',
    run: (account) =>
      refused(
        account.targetGroup({
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'a', Value: '2' },
          ],
        }),
        'DuplicateTagKeys',
      ),
  },
  {
    what: 'DescribeTags takes 20 resources at most',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const ResourceArns = Array.from({ length: 21 }, () => TargetGroupArn);
      await refused(account.elbv2.send(new elb.DescribeTagsCommand({ ResourceArns })), 'ValidationError');
    },
  },
  {
    what: 'tags of an unknown target group are TargetGroupNotFound',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const ResourceArns = [account.unknown(TargetGroupArn)];
      await refused(account.elbv2.send(new elb.DescribeTagsCommand({ ResourceArns })), 'TargetGroupNotFound');
    },
  },
];
