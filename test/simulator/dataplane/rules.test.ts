import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward, page, path, type Send, withStage } from './stage.ts';

test('the rule with the lowest priority number that matches answers, else the default action', () =>
  withStage(async ({ listener, rule, send, control }) => {
    const arn = await listener();
    await rule(arn, 20, { Conditions: [path('/x*')], Actions: [page('202')] });
    const first = await rule(arn, 10, { Conditions: [path('/x')], Actions: [page('201', 'first')] });
    assert.equal((await send('/x')).status, 201);
    assert.equal((await send('/xy')).status, 202);
    assert.equal((await send('/y')).status, 404);
    // Changes count from the next request on.
    await control.call('elbv2', 'SetRulePriorities', { RulePriorities: [{ RuleArn: first, Priority: 30 }] });
    assert.equal((await send('/x')).status, 202);
    await control.call('elbv2', 'ModifyListener', { ListenerArn: arn, DefaultActions: [page('204')] });
    assert.equal((await send('/y')).status, 204);
  }));

const conditions: readonly (readonly [
  what: string,
  condition: object,
  met: readonly [string, Send],
  missed: readonly [string, Send],
])[] = [
  [
    'a host, in any case and with a port',
    { Field: 'host-header', HostHeaderConfig: { Values: ['*.Example.com'] } },
    ['/', { headers: { host: 'SHOP.example.COM:8080' } }],
    ['/', { headers: { host: 'example.com' } }],
  ],
  [
    'a host by regular expression',
    { Field: 'host-header', HostHeaderConfig: { RegexValues: ['^[^.]+\\.example\\.com$'] } },
    ['/', { headers: { host: 'a.example.com' } }],
    ['/', { headers: { host: 'a.b.example.com' } }],
  ],
  ['a path, by case', path('/Img/*'), ['/Img/a?b=c', {}], ['/img/a', {}]],
  [
    'a header, in any case',
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Beta', Values: ['on*'] } },
    ['/', { headers: { 'x-BETA': 'ONE' } }],
    ['/', { headers: { 'x-beta': 'off' } }],
  ],
  [
    'a method',
    { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['POST', 'PUT'] } },
    ['/', { method: 'PUT' }],
    ['/', { method: 'GET' }],
  ],
  [
    'a pair of the query string',
    { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'version', Value: 'v?' }] } },
    ['/?a=b&version=v2', {}],
    ['/?version=v10', {}],
  ],
  [
    'a value of the query string under any key',
    { Field: 'query-string', QueryStringConfig: { Values: [{ Value: '*debug*' }] } },
    ['/?any=nodebugs', {}],
    ['/?debug=no', {}],
  ],
];

for (const [what, condition, met, missed] of conditions) {
  test(`a rule matches by ${what}`, () =>
    withStage(async ({ listener, rule, send }) => {
      await rule(await listener(), 1, { Conditions: [condition], Actions: [page('200')] });
      assert.equal((await send(...met)).status, 200);
      assert.equal((await send(...missed)).status, 404);
    }));
}

test('a rule matches by the address of the client', () =>
  withStage(async ({ listener, rule, send }) => {
    const arn = await listener();
    const from = (...Values: string[]): object => ({ Field: 'source-ip', SourceIpConfig: { Values } });
    await rule(arn, 1, { Conditions: [from('10.0.0.0/8')], Actions: [page('201')] });
    await rule(arn, 2, { Conditions: [from('192.0.2.0/24', '127.0.0.0/8')], Actions: [page('202')] });
    assert.equal((await send('/')).status, 202);
  }));

test('all conditions of a rule must hold', () =>
  withStage(async ({ listener, rule, send }) => {
    const method = { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } };
    await rule(await listener(), 1, { Conditions: [path('/a'), method], Actions: [page('200')] });
    assert.equal((await send('/a')).status, 200);
    assert.equal((await send('/a', { method: 'DELETE' })).status, 404);
    assert.equal((await send('/b')).status, 404);
  }));

test('a fixed response has its status, type and body, and says that the load balancer wrote it', () =>
  withStage(async ({ listener, send }) => {
    await listener({ DefaultActions: [page('503', 'Back soon')] });
    const { status, body, headers } = await send('/');
    assert.deepEqual(
      [status, body, headers['content-type'], headers['content-length'], headers['server']],
      [503, 'Back soon', 'text/plain', '9', 'awselb/2.0'],
    );
  }));

test('a redirect keeps what it does not name, and fills placeholders', () =>
  withStage(async ({ listener, rule, send }) => {
    const arn = await listener({ Port: 8081 });
    const redirect = (config: object): object => ({
      Type: 'redirect',
      RedirectConfig: { StatusCode: 'HTTP_301', ...config },
    });
    await rule(arn, 1, {
      Conditions: [path('/secure/*')],
      Actions: [redirect({ Protocol: 'HTTPS', Port: '443' })],
    });
    await rule(arn, 2, {
      Conditions: [path('/moved/*')],
      Actions: [
        redirect({
          StatusCode: 'HTTP_302',
          Host: 'new.#{host}',
          Path: '/was/#{path}',
          Query: 'from=#{port}&#{query}',
        }),
      ],
    });
    const secure = await send('/secure/x?a=1', { port: 8081 });
    assert.deepEqual(
      [secure.status, secure.headers.location],
      [301, 'https://a.example.com:443/secure/x?a=1'],
    );
    const moved = await send('/moved/x?a=1', { port: 8081 });
    assert.deepEqual(
      [moved.status, moved.headers.location],
      [302, 'http://new.a.example.com:8081/was/moved/x?from=8081&a=1'],
    );
  }));

test('transforms change what the target sees, not which rule answers; where they do not match nothing changes', () =>
  withStage(async ({ listener, rule, send, group }) => {
    const arn = await listener();
    const target = await group('pods', '192.168.0.1');
    await rule(arn, 1, {
      Conditions: [path('/api/*')],
      Actions: [forward(target)],
      Transforms: [
        {
          Type: 'url-rewrite',
          UrlRewriteConfig: { Rewrites: [{ Regex: '^/api/v(\\d)/([a-z]+)', Replace: '/$2/$1' }] },
        },
        {
          Type: 'host-header-rewrite',
          HostHeaderRewriteConfig: {
            Rewrites: [{ Regex: '^(.*)\\.example\\.com$', Replace: '$1.internal' }],
          },
        },
      ],
    });
    await rule(arn, 2, { Conditions: [path('/users/*')], Actions: [page('418')] });
    const { echo, status } = await send('/api/v2/users?x=1');
    assert.deepEqual([status, echo.path, echo.query, echo.host], [200, '/users/2', 'x=1', 'a.internal']);
    const plain = await send('/api/other', { headers: { host: 'elsewhere.test' } });
    assert.deepEqual([plain.echo.path, plain.echo.host], ['/api/other', 'elsewhere.test']);
  }));

test('requests that must sign in are sent to do so, denied, or let through', () =>
  withStage(async ({ listener, send, group, id }) => {
    const target = await group('pods', '192.168.0.1');
    const signIn = (OnUnauthenticatedRequest: string): object[] => [
      {
        Type: 'authenticate-cognito',
        Order: 1,
        AuthenticateCognitoConfig: {
          UserPoolArn: 'arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abc',
          UserPoolClientId: 'client',
          UserPoolDomain: 'login.example.com',
          OnUnauthenticatedRequest,
        },
      },
      { ...forward(target), Order: 2 },
    ];
    const Certificates = [{ CertificateArn: id('cert/a.example.com') }];
    for (const [index, word] of ['authenticate', 'deny', 'allow'].entries())
      await listener({ Port: 443 + index, Protocol: 'HTTPS', Certificates, DefaultActions: signIn(word) });
    const sent = await send('/', { port: 443 });
    assert.equal(sent.status, 302);
    assert.match(sent.headers.location ?? '', /^https:\/\/login\.example\.com\//);
    assert.equal((await send('/', { port: 444 })).status, 401);
    assert.equal((await send('/', { port: 445 })).status, 200);
    const known = { cookie: 'AWSELBAuthSessionCookie-0=x' };
    assert.equal((await send('/', { port: 443, headers: known })).status, 200);
  }));
