import assert from 'node:assert/strict';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, forward, notFound, path, refused } from '../account.ts';
import type { Case } from '../case.ts';

const prioritiesOf = async (account: Account, ListenerArn: string) => {
  const { Rules = [] } = await account.elbv2.send(new elb.DescribeRulesCommand({ ListenerArn }));
  return Rules.map(({ Priority }) => Priority);
};

const host = (...Values: string[]): elb.RuleCondition => ({
  Field: 'host-header',
  HostHeaderConfig: { Values },
});

const setPriorities = (account: Account, pairs: readonly (readonly [arn: string, priority: number])[]) =>
  account.elbv2.send(
    new elb.SetRulePrioritiesCommand({
      RulePriorities: pairs.map(([RuleArn, Priority]) => ({ RuleArn, Priority })),
    }),
  );

const refusedConditions: readonly (readonly [what: string, conditions: readonly elb.RuleCondition[]])[] = [
  ['no condition', []],
  ['six values', [path('/a', '/b', '/c', '/d', '/e', '/f')]],
  ['six wildcards', [path('/*a*b*c', '/*d*e*f')]],
  ['two host conditions', [host('a.example.com'), host('b.example.com')]],
  ['a path of 129 characters', [path(`/${'a'.repeat(128)}`)]],
  ['a path with a character that is not allowed', [path('/a%20b')]],
  ['a host with a character that is not allowed', [host('a_b.example.com')]],
  ['a source address that is no CIDR', [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }]],
  [
    'the Host header as a header condition',
    [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['a'] } }],
  ],
];

export const ruleCases: readonly Case[] = [
  {
    what: 'two rules cannot have the same priority',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      await account.rule(ListenerArn, 1);
      await refused(account.rule(ListenerArn, 1, { Conditions: [path('/other')] }), 'PriorityInUse');
    },
  },
  {
    what: 'rules come in the order of their priorities, the default one last',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      for (const priority of [30, 4, 200]) await account.rule(ListenerArn, priority);
      assert.deepEqual(await prioritiesOf(account, ListenerArn), ['4', '30', '200', 'default']);
    },
  },
  {
    what: 'priorities go from 1 to 50000',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      await refused(account.rule(ListenerArn, 50_001), 'ValidationError');
      await refused(account.rule(ListenerArn, 0), 'ValidationError');
      await account.rule(ListenerArn, 50_000);
    },
  },
  {
    what: 'SetRulePriorities swaps two rules in one call',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const [one, two] = [await account.rule(ListenerArn, 1), await account.rule(ListenerArn, 2)];
      await setPriorities(account, [
        [one.RuleArn, 2],
        [two.RuleArn, 1],
      ]);
      const { Rules = [] } = await account.elbv2.send(new elb.DescribeRulesCommand({ ListenerArn }));
      const found = new Map(Rules.map(({ RuleArn, Priority }) => [RuleArn, Priority]));
      assert.deepEqual([found.get(one.RuleArn), found.get(two.RuleArn)], ['2', '1']);
    },
  },
  {
    what: 'SetRulePriorities refuses a priority that a rule outside the call has, and changes nothing',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const [one] = [await account.rule(ListenerArn, 1), await account.rule(ListenerArn, 2)];
      await refused(setPriorities(account, [[one.RuleArn, 2]]), 'PriorityInUse');
      assert.deepEqual(new Set(await prioritiesOf(account, ListenerArn)), new Set(['1', '2', 'default']));
    },
  },
  ...refusedConditions.map(
    ([what, conditions]): Case => ({
      what: `a rule with ${what} is refused`,
      run: async (account) => {
        const { ListenerArn } = await account.listener();
        const Conditions = [...conditions];
        await refused(
          account.rule(ListenerArn, 1, { Conditions }),
          'ValidationError',
          'InvalidConfigurationRequest',
        );
      },
    }),
  ),
  {
    what: 'a rule needs a routing action',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      await refused(
        account.rule(ListenerArn, 1, { Actions: [] }),
        'ValidationError',
        'InvalidLoadBalancerAction',
      );
    },
  },
  {
    what: 'a forward has five target groups at most',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const arns: string[] = [];
      for (let index = 0; index < 6; index += 1) arns.push((await account.targetGroup()).TargetGroupArn);
      await refused(
        account.rule(ListenerArn, 1, { Actions: [forward(...arns)] }),
        'ValidationError',
        'TooManyTargetGroups',
        'InvalidLoadBalancerAction',
      );
    },
  },
  {
    what: 'a weight is 999 at most',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const { TargetGroupArn } = await account.targetGroup();
      const Actions: elb.Action[] = [
        { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 1000 }] } },
      ];
      await refused(
        account.rule(ListenerArn, 1, { Actions }),
        'ValidationError',
        'InvalidLoadBalancerAction',
      );
    },
  },
  {
    what: 'a forward to an unknown target group is TargetGroupNotFound',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const { TargetGroupArn } = await account.targetGroup();
      const Actions = [forward(account.unknown(TargetGroupArn))];
      await refused(account.rule(ListenerArn, 1, { Actions }), 'TargetGroupNotFound');
    },
  },
  {
    what: 'an OIDC sign-in on an HTTP listener is refused',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const AuthenticateOidcConfig = {
        Issuer: 'https://id.example.com',
        AuthorizationEndpoint: 'https://id.example.com/a',
        TokenEndpoint: 'https://id.example.com/t',
        UserInfoEndpoint: 'https://id.example.com/u',
        ClientId: 'id',
        ClientSecret: 'secret',
      };
      const Actions: elb.Action[] = [
        { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig },
        { ...notFound, Order: 2 },
      ];
      await refused(
        account.rule(ListenerArn, 1, { Actions }),
        'InvalidLoadBalancerAction',
        'ValidationError',
        'InvalidConfigurationRequest',
      );
    },
  },
  {
    what: 'a condition given as *Config comes back with Values too',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const { Conditions: [condition] = [] } = await account.rule(ListenerArn, 1, {
        Conditions: [path('/shop')],
      });
      assert.deepEqual([condition?.Values, condition?.PathPatternConfig?.Values], [['/shop'], ['/shop']]);
    },
  },
  {
    what: 'regular expressions are taken as condition values',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const Conditions: elb.RuleCondition[] = [
        { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/v[0-9]+/'] } },
      ];
      const made = await account.rule(ListenerArn, 1, { Conditions });
      assert.deepEqual(made.Conditions?.[0]?.PathPatternConfig?.RegexValues, ['^/v[0-9]+/']);
    },
  },
  {
    what: 'transforms are kept, and reset by ModifyRule with ResetTransforms',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const Transforms: elb.RuleTransform[] = [
        { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/a', Replace: '/b' }] } },
      ];
      const { RuleArn, ...made } = await account.rule(ListenerArn, 1, { Transforms });
      assert.equal(made.Transforms?.[0]?.Type, 'url-rewrite');
      const { Rules: [reset] = [] } = await account.elbv2.send(
        new elb.ModifyRuleCommand({ RuleArn, ResetTransforms: true }),
      );
      assert.deepEqual(reset?.Transforms ?? [], []);
    },
  },
  {
    what: 'the default rule cannot be deleted',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const { Rules: [rule] = [] } = await account.elbv2.send(new elb.DescribeRulesCommand({ ListenerArn }));
      await refused(
        account.elbv2.send(new elb.DeleteRuleCommand({ RuleArn: rule?.RuleArn })),
        'OperationNotPermitted',
      );
    },
  },
  {
    what: 'deleting an unknown rule is RuleNotFound',
    run: async (account) => {
      const { ListenerArn } = await account.listener();
      const { RuleArn } = await account.rule(ListenerArn, 1);
      await account.elbv2.send(new elb.DeleteRuleCommand({ RuleArn }));
      await refused(account.elbv2.send(new elb.DeleteRuleCommand({ RuleArn })), 'RuleNotFound');
    },
  },
];
