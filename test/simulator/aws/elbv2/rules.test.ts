import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import fc from 'fast-check';
import { recordingKnobs } from '../../../../src/simulator/aws/knobs.ts';
import {
  assertRefused,
  codeOf,
  type Front,
  frontOf,
  makeFront,
  makeTargetGroup,
  notFoundPage,
  onPath,
  type Refusal,
  ruleOf,
  withAws,
} from '../support.ts';

test('ModifyRule leaves what is empty as it is; only ResetTransforms takes transforms away', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const { create } = await frontOf(bench);
    const Transforms = [
      {
        Type: 'url-rewrite' as const,
        UrlRewriteConfig: { Rewrites: [{ Regex: '^/a/(.*)', Replace: '/$1' }] },
      },
    ];
    const RuleArn = await create({ Transforms });
    const before = await ruleOf(bench, RuleArn);
    assert.deepEqual(before?.Transforms, Transforms);
    await elb.modifyRule({ RuleArn, Conditions: [], Actions: [], Transforms: [] });
    assert.deepEqual(await ruleOf(bench, RuleArn), before);
    await elb.modifyRule({ RuleArn, Conditions: [onPath('/y')], ResetTransforms: true });
    const after = await ruleOf(bench, RuleArn);
    assert.deepEqual(
      [after?.Conditions?.[0]?.Values, after?.Transforms, after?.Actions],
      [['/y'], [], before?.Actions],
    );
    await assertRefused(bench, [
      ['both', 'ValidationError', () => elb.modifyRule({ RuleArn, Transforms, ResetTransforms: true })],
    ]);
  }));

test('rules come in order of priority with the default rule last, and two can swap their priorities', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const { create, listener } = await frontOf(bench);
    const b = await create({ Priority: 20 });
    const a = await create({ Priority: 10 });
    const order = async () =>
      (await elb.describeRules({ ListenerArn: listener })).Rules?.map(
        ({ RuleArn, Priority }) => (RuleArn === a ? 'a' : RuleArn === b ? 'b' : '') + Priority,
      );
    assert.deepEqual(await order(), ['a10', 'b20', 'default']);
    await elb.setRulePriorities({
      RulePriorities: [
        { RuleArn: a, Priority: 20 },
        { RuleArn: b, Priority: 10 },
      ],
    });
    assert.deepEqual(await order(), ['b10', 'a20', 'default']);
    await assertRefused(bench, [
      [
        'taken',
        'PriorityInUse',
        () => elb.setRulePriorities({ RulePriorities: [{ RuleArn: a, Priority: 10 }] }),
      ],
    ]);
    await elb.deleteRule({ RuleArn: b });
    assert.deepEqual(await order(), ['a20', 'default']);
  }));

test('what a condition or transform cannot be is refused', () =>
  withAws(async (bench) => {
    const { create } = await frontOf(bench);
    const host = (...Values: string[]): RuleCondition => ({
      Field: 'host-header',
      HostHeaderConfig: { Values },
    });
    const withConditions = (title: string, ...Conditions: RuleCondition[]): Refusal<Front['create']> => [
      title,
      'ValidationError',
      (make) => make({ Conditions }),
    ];
    const withTransform = (title: string, Regex: string, times = 1): Refusal<Front['create']> => [
      title,
      'ValidationError',
      (make) =>
        make({
          Transforms: Array.from({ length: times }, () => ({
            Type: 'url-rewrite',
            UrlRewriteConfig: { Rewrites: [{ Regex, Replace: '/' }] },
          })),
        }),
    ];
    await assertRefused(create, [
      withConditions('none'),
      withConditions('unknown field', { Field: 'colour', Values: ['red'] }),
      withConditions('six values', onPath('/1', '/2', '/3'), host('a.b', 'c.d', 'e.f')),
      withConditions('six wildcards', onPath('/*/*/*'), host('*.?.*.a')),
      withConditions('two paths', onPath('/a'), onPath('/b')),
      withConditions('empty value', onPath('')),
      withConditions('value too long', onPath(`/${'x'.repeat(128)}`)),
      withConditions('path with a space', onPath('/a b')),
      withConditions('host without a dot', host('localhost')),
      withConditions('host ending in digits', host('a.b1')),
      withConditions('values and expressions', {
        Field: 'path-pattern',
        PathPatternConfig: { Values: ['/a'], RegexValues: ['^/b'] },
      }),
      withConditions('two old-style values', { Field: 'path-pattern', Values: ['/a', '/b'] }),
      withConditions('look-ahead', {
        Field: 'path-pattern',
        PathPatternConfig: { RegexValues: ['^/(?=a)'] },
      }),
      withConditions('broken expression', {
        Field: 'path-pattern',
        PathPatternConfig: { RegexValues: ['('] },
      }),
      withConditions('Host as a header', {
        Field: 'http-header',
        HttpHeaderConfig: { HttpHeaderName: 'host', Values: ['a'] },
      }),
      withConditions('lower-case method', {
        Field: 'http-request-method',
        HttpRequestMethodConfig: { Values: ['get'] },
      }),
      withConditions('no CIDR', { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }),
      withTransform('two transforms of a type', '^/', 2),
      withTransform('back-reference', String.raw`^/(a)\1`),
      withTransform('expression too long', 'x'.repeat(1025)),
    ]);
    await create({ Conditions: [onPath('/*/?', '/2', '/3'), host('*.a', 'b.c')] });
  }));

test('what an action cannot be is refused', () =>
  withAws(async (bench) => {
    const { create, group } = await frontOf(bench);
    const grpc = await bench.elb.createTargetGroup({
      Name: 'grpc',
      TargetType: 'ip',
      Protocol: 'HTTP',
      ProtocolVersion: 'GRPC',
      Port: 1,
      VpcId: bench.id('vpc'),
    });
    assert.equal(grpc.TargetGroups?.[0]?.Matcher?.GrpcCode, '12');
    const groups = [group];
    for (let number = 0; number < 5; number += 1) groups.push(await makeTargetGroup(bench, `more-${number}`));
    const withAction = (title: string, code: string, ...Actions: Action[]): Refusal<Front['create']> => [
      title,
      code,
      (make) => make({ Actions }),
    ];
    const to = (...TargetGroups: object[]): Action => ({ Type: 'forward', ForwardConfig: { TargetGroups } });
    const redirect = (config: object): Action => ({
      Type: 'redirect',
      RedirectConfig: { StatusCode: 'HTTP_302', ...config },
    });
    const fixed = (config: object): Action => ({
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '200', ...config },
    });
    await assertRefused(create, [
      withAction('gRPC behind an HTTP listener', 'InvalidLoadBalancerAction', {
        Type: 'forward',
        TargetGroupArn: grpc.TargetGroups?.[0]?.TargetGroupArn,
      }),
      withAction('none', 'ValidationError'),
      withAction(
        'two routing actions',
        'InvalidLoadBalancerAction',
        { ...notFoundPage, Order: 1 },
        { ...notFoundPage, Order: 2 },
      ),
      withAction('orders missing', 'ValidationError', notFoundPage, notFoundPage),
      withAction(
        'login on HTTP',
        'InvalidLoadBalancerAction',
        { Type: 'jwt-validation', Order: 1 },
        { ...notFoundPage, Order: 2 },
      ),
      withAction(
        'six groups',
        'TooManyTargetGroups',
        to(...groups.map((TargetGroupArn) => ({ TargetGroupArn }))),
      ),
      withAction('weight 1000', 'ValidationError', to({ TargetGroupArn: group, Weight: 1000 })),
      withAction(
        'the same group twice',
        'ValidationError',
        to({ TargetGroupArn: group }, { TargetGroupArn: group }),
      ),
      withAction('unknown group', 'TargetGroupNotFound', to({ TargetGroupArn: 'x' })),
      withAction('two different groups', 'ValidationError', {
        ...to({ TargetGroupArn: group }),
        TargetGroupArn: 'x',
      }),
      withAction('stickiness without a duration', 'ValidationError', {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: group }],
          TargetGroupStickinessConfig: { Enabled: true },
        },
      }),
      withAction('redirect to itself', 'InvalidLoadBalancerAction', redirect({ Query: 'a=b' })),
      withAction('redirect code', 'ValidationError', redirect({ Path: '/', StatusCode: 'HTTP_307' })),
      withAction('redirect path', 'ValidationError', redirect({ Path: 'x' })),
      withAction('redirect port', 'ValidationError', redirect({ Port: '70000' })),
      withAction('response code', 'ValidationError', fixed({ StatusCode: '302' })),
      withAction('response type', 'ValidationError', fixed({ ContentType: 'image/png' })),
      withAction('response body', 'ValidationError', fixed({ MessageBody: 'x'.repeat(1025) })),
    ]);
  }));

test('priorities, the default rule and unknown rules are guarded', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const { create, listener } = await frontOf(bench);
    await create({ Priority: 5 });
    const rules = await elb.describeRules({ ListenerArn: listener });
    const RuleArn = rules.Rules?.at(-1)?.RuleArn ?? '';
    await assertRefused(create, [
      ['taken', 'PriorityInUse', (make) => make({ Priority: 5 })],
      ['zero', 'ValidationError', (make) => make({ Priority: 0 })],
      ['too large', 'ValidationError', (make) => make({ Priority: 50_001 })],
      ['unknown listener', 'ListenerNotFound', (make) => make({ ListenerArn: 'x' })],
      ['delete the default rule', 'OperationNotPermitted', () => elb.deleteRule({ RuleArn })],
      [
        'modify the default rule',
        'OperationNotPermitted',
        () => elb.modifyRule({ RuleArn, Actions: [notFoundPage] }),
      ],
      [
        'move the default rule',
        'OperationNotPermitted',
        () => elb.setRulePriorities({ RulePriorities: [{ RuleArn, Priority: 1 }] }),
      ],
      ['unknown rule', 'RuleNotFound', () => elb.deleteRule({ RuleArn: 'x' })],
      ['no selector', 'ValidationError', () => elb.describeRules({})],
    ]);
  }));

test('rules of all listeners count together, and target groups and targets of a load balancer are limited', () =>
  withAws(
    async (bench) => {
      const { elb } = bench;
      const { create, loadBalancer, group } = await frontOf(bench);
      const second = await elb.createListener({
        LoadBalancerArn: loadBalancer,
        Port: 81,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
      });
      const ListenerArn = second.Listeners?.[0]?.ListenerArn ?? '';
      const [more, big] = [await makeTargetGroup(bench, 'more'), await makeTargetGroup(bench, 'big')];
      await create({});
      await create({ ListenerArn, Actions: [{ Type: 'forward', TargetGroupArn: group }] });
      await elb.registerTargets({
        TargetGroupArn: big,
        Targets: ['10.0.96.20', '10.0.96.21', '10.0.96.22'].map((Id) => ({ Id })),
      });
      await assertRefused(create, [
        ['third rule', 'TooManyRules', (make) => make({ Priority: 2 })],
        [
          'too many targets',
          'TooManyTargets',
          () =>
            elb.modifyListener({ ListenerArn, DefaultActions: [{ Type: 'forward', TargetGroupArn: big }] }),
        ],
      ]);
      await elb.modifyListener({ ListenerArn, DefaultActions: [{ Type: 'forward', TargetGroupArn: more }] });
      const third = await makeTargetGroup(bench, 'third');
      const rule = (await elb.describeRules({ ListenerArn })).Rules?.[0]?.RuleArn;
      const both: Action = {
        Type: 'forward',
        ForwardConfig: { TargetGroups: [{ TargetGroupArn: third }, { TargetGroupArn: group }] },
      };
      await assertRefused(bench, [
        [
          'third target group',
          'TooManyUniqueTargetGroupsPerLoadBalancer',
          () => elb.modifyRule({ RuleArn: rule, Actions: [both] }),
        ],
      ]);
    },
    {
      quotas: {
        'rules-per-application-load-balancer': 2,
        'target-groups-per-application-load-balancer': 2,
        'targets-per-application-load-balancer': 2,
      },
    },
  ));

test('whatever is created, deleted and reordered, priorities stay unique and the quota of rules holds', async () => {
  const priority = fc.integer({ min: 1, max: 6 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('create' as const), priority }),
    fc.record({ kind: fc.constant('delete' as const), at: fc.nat(5) }),
    fc.record({
      kind: fc.constant('order' as const),
      changes: fc.array(fc.tuple(fc.nat(5), priority), { minLength: 1, maxLength: 4 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await withAws(
        async (bench) => {
          const { aws } = bench;
          const { listener } = await makeFront(bench);
          const rules = () => [...aws.state.rules.values()].filter((rule) => rule.priority !== 'default');
          const arnAt = (index: number) => rules()[index]?.arn ?? 'none';
          for (const action of steps) {
            const before = rules().map(({ arn, priority: value }) => [arn, value]);
            const call =
              action.kind === 'create'
                ? aws.call('elbv2', 'CreateRule', {
                    ListenerArn: listener,
                    Priority: action.priority,
                    Conditions: [onPath('/x')],
                    Actions: [notFoundPage],
                  })
                : action.kind === 'delete'
                  ? aws.call('elbv2', 'DeleteRule', { RuleArn: arnAt(action.at) })
                  : aws.call('elbv2', 'SetRulePriorities', {
                      RulePriorities: action.changes.map(([at, Priority]) => ({
                        RuleArn: arnAt(at),
                        Priority,
                      })),
                    });
            const refused = (await codeOf(call)) !== 'accepted';
            const after = rules().map(({ arn, priority: value }) => [arn, value]);
            if (refused) assert.deepEqual(after, before);
            assert.equal(new Set(after.map(([, value]) => value)).size, after.length);
            assert.ok(after.length <= 4);
          }
        },
        { quotas: { 'rules-per-application-load-balancer': 4 } },
      );
    }),
    { numRuns: 40 },
  );
});

test('a world as forgiving as an emulator accepts what AWS refuses by its documentation', () =>
  withAws(
    async (bench) => {
      const { create } = await frontOf(bench);
      await create({ Conditions: [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: [''] } }] });
      const RedirectConfig = { Query: 'a=b', StatusCode: 'HTTP_302' as const };
      await create({ Priority: 2, Actions: [{ Type: 'redirect', RedirectConfig }] });
      await create({ Priority: 3, Tags: [{ Key: 'list', Value: 'a,b' }] });
      await bench.elb.createLoadBalancer({ Name: 'one-zone', Subnets: [bench.id('subnet/public-a')] });
      await assertRefused(create, [
        [
          'a redirect that changes nothing',
          'InvalidLoadBalancerAction',
          (make) =>
            make({
              Priority: 4,
              Actions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_302' } }],
            }),
        ],
      ]);
    },
    { accepts: { ...recordingKnobs.accepts } },
  ));
