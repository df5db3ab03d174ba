import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { frontOf, makeTargetGroup, onPath, ruleOf, withAws } from '../support.ts';

test('a single forward comes back with order, both forms of the target group, weight 1 and stickiness off', () =>
  withAws(async (bench) => {
    const { create, group } = await frontOf(bench);
    const expected = [
      {
        Type: 'forward',
        Order: 1,
        TargetGroupArn: group,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ];
    const forms: Action[] = [
      { Type: 'forward', TargetGroupArn: group },
      { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: group, Weight: 100 }] } },
    ];
    for (const [index, action] of forms.entries()) {
      const arn = await create({ Priority: index + 1, Actions: [action] });
      assert.deepEqual((await ruleOf(bench, arn))?.Actions, expected);
    }
  }));

test('several target groups keep their weights and have no short form', () =>
  withAws(async (bench) => {
    const { create, group } = await frontOf(bench);
    const second = await makeTargetGroup(bench, 'more');
    const ForwardConfig = {
      TargetGroups: [
        { TargetGroupArn: group, Weight: 0 },
        { TargetGroupArn: second, Weight: 9 },
      ],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    };
    const arn = await create({ Actions: [{ Type: 'forward', ForwardConfig }] });
    assert.deepEqual((await ruleOf(bench, arn))?.Actions, [{ Type: 'forward', Order: 1, ForwardConfig }]);
  }));

test('a redirect comes back with every component, those left out as placeholders', () =>
  withAws(async (bench) => {
    const { create } = await frontOf(bench);
    const arn = await create({
      Actions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }],
    });
    assert.deepEqual((await ruleOf(bench, arn))?.Actions?.[0]?.RedirectConfig, {
      Protocol: 'HTTPS',
      Port: '#{port}',
      Host: '#{host}',
      Path: '/#{path}',
      Query: '#{query}',
      StatusCode: 'HTTP_301',
    });
  }));

test('host and path conditions come back with their values at the top level as well; others do not', () =>
  withAws(async (bench) => {
    const { create } = await frontOf(bench);
    const Conditions: RuleCondition[] = [
      { Field: 'host-header', HostHeaderConfig: { Values: ['*.example.com'] } },
      { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/api/v[0-9]+'] } },
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Team', Values: ['a*'] } },
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }] } },
    ];
    const arn = await create({ Conditions });
    const [host, path, ...rest] = (await ruleOf(bench, arn))?.Conditions ?? [];
    assert.deepEqual(host, { ...Conditions[0], Values: ['*.example.com'] });
    assert.deepEqual(path, { ...Conditions[1], RegexValues: ['^/api/v[0-9]+'] });
    assert.deepEqual(rest, Conditions.slice(2));
    const old = await create({ Priority: 2, Conditions: [{ Field: 'path-pattern', Values: ['/old'] }] });
    assert.deepEqual((await ruleOf(bench, old))?.Conditions, [{ ...onPath('/old'), Values: ['/old'] }]);
  }));

test('a login action is completed with defaults and never tells its secret', () =>
  withAws(async (bench) => {
    const { elb, id } = bench;
    const { loadBalancer, group } = await frontOf(bench);
    const endpoints = {
      Issuer: 'https://i',
      AuthorizationEndpoint: 'https://a',
      TokenEndpoint: 'https://t',
      UserInfoEndpoint: 'https://u',
    };
    const login: Action = {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: { ...endpoints, ClientId: 'me', ClientSecret: 'hush' },
    };
    const made = await elb.createListener({
      LoadBalancerArn: loadBalancer,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: id('cert/a.example.com') }],
      DefaultActions: [{ Type: 'forward', Order: 2, TargetGroupArn: group }, login],
    });
    const [first, last] = made.Listeners?.[0]?.DefaultActions ?? [];
    assert.deepEqual(first, {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: {
        ...endpoints,
        ClientId: 'me',
        SessionCookieName: 'AWSELBAuthSessionCookie',
        Scope: 'openid',
        SessionTimeout: 604_800,
        OnUnauthenticatedRequest: 'authenticate',
      },
    });
    assert.deepEqual([last?.Type, last?.Order], ['forward', 2]);
    assert.equal(JSON.stringify([...bench.aws.state.rules.values()]).includes('hush'), false);
  }));
