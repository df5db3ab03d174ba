import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Action, RuleCondition } from '../../../src/core/domain/rule.ts';
import { evaluate, trace } from '../../../src/core/evaluate/evaluate.ts';
import { matchesWildcard } from '../../../src/core/evaluate/patterns.ts';
import { pickTargetGroup } from '../../../src/core/evaluate/pick-target-group.ts';
import { redirectLocation } from '../../../src/core/evaluate/redirect-location.ts';
import type { AlbRequest } from '../../../src/core/evaluate/request.ts';
import { applyTransforms } from '../../../src/core/evaluate/transforms.ts';
import { redirectPlaceholders } from '../../../src/core/domain/rule.ts';

const request = (overrides: Partial<AlbRequest> = {}): AlbRequest => ({
  host: 'app.example.com',
  path: '/',
  query: '',
  method: 'GET',
  headers: {},
  sourceIp: '203.0.113.7',
  ...overrides,
});

const fixed = (statusCode: string): Action<string> => ({
  kind: 'fixed-response',
  statusCode,
  contentType: undefined,
  messageBody: undefined,
});
const rule = (priority: number, ...conditions: readonly RuleCondition[]) => ({
  priority,
  conditions,
  actions: [fixed(String(200 + priority))],
  transforms: [],
});
const holds = (condition: RuleCondition, overrides: Partial<AlbRequest>): boolean =>
  evaluate({ rules: [rule(1, condition)], defaultActions: [] }, request(overrides)).rule !== undefined;

const host = (...values: readonly string[]): RuleCondition => ({
  kind: 'host-header',
  values,
  regexValues: [],
});
const path = (...values: readonly string[]): RuleCondition => ({
  kind: 'path-pattern',
  values,
  regexValues: [],
});

test('the lowest priority whose conditions all hold answers, else the default action', () => {
  const rules = [
    rule(3, path('/*')),
    rule(1, host('other.example.com')),
    rule(2, host('app.example.com'), path('/a')),
  ];
  const listener = { rules, defaultActions: [fixed('404')] };
  assert.equal(evaluate(listener, request({ path: '/a' })).rule?.priority, 2);
  assert.equal(evaluate(listener, request({ path: '/b' })).rule?.priority, 3);
  const none = evaluate({ ...listener, rules: rules.slice(1) }, request({ path: '/b' }));
  assert.deepEqual([none.rule, none.actions], [undefined, [fixed('404')]]);
  const got = { host: 'app.example.com', path: '/b' };
  assert.deepEqual(
    trace(rules, request({ path: '/b' })).map(({ rule, matches, conditions }) => [
      rule.priority,
      matches,
      conditions,
    ]),
    [
      [1, false, [{ holds: false, field: 'host', wanted: ['other.example.com'], got: got.host }]],
      [
        2,
        false,
        [
          { holds: true, field: 'host', wanted: ['app.example.com'], got: got.host },
          { holds: false, field: 'path', wanted: ['/a'], got: got.path },
        ],
      ],
      [3, true, [{ holds: true, field: 'path', wanted: ['/*'], got: got.path }]],
    ],
  );
});

test('hosts match without regard to case and port, and a plain wildcard spans dots', () => {
  assert.ok(holds(host('App.Example.com'), { host: 'aPP.example.COM:8080' }));
  assert.ok(holds(host('*.example.com'), { host: 'a.b.example.com' }));
  assert.ok(!holds(host('*.example.com'), { host: 'example.com' }));
  assert.ok(holds(host('a?.example.com'), { host: 'ab.example.com' }));
  assert.ok(!holds(host('a?.example.com'), { host: 'a.example.com' }));
  assert.ok(!holds(host('appXexample.com'), { host: 'app.example.com' }));
});

test('a host expression can keep a wildcard to one label', () => {
  const oneLabel: RuleCondition = { kind: 'host-header', values: [], regexValues: ['^[^.]+\\.foo\\.com$'] };
  assert.ok(holds(oneLabel, { host: 'BAR.foo.com' }));
  assert.ok(!holds(oneLabel, { host: 'baz.bar.foo.com' }));
  assert.ok(!holds(oneLabel, { host: 'foo.com' }));
});

test('paths match with regard to case, any of the values is enough', () => {
  assert.ok(holds(path('/foo', '/foo/*'), { path: '/foo' }));
  assert.ok(holds(path('/foo', '/foo/*'), { path: '/foo/bar/baz' }));
  assert.ok(!holds(path('/foo', '/foo/*'), { path: '/foobar' }));
  assert.ok(!holds(path('/foo'), { path: '/Foo' }));
  const regex: RuleCondition = { kind: 'path-pattern', values: [], regexValues: ['^/api/(.+)$'] };
  assert.ok(
    holds(regex, { path: '/api/v1' }) &&
      !holds(regex, { path: '/API/v1' }) &&
      !holds(regex, { path: '/api/' }),
  );
});

test('an expression that ALB does not take never matches', () => {
  const refused = [
    '(?=a)',
    '(?!x)',
    '(?<=/)a',
    '(?<!b)a',
    '(a)\\1',
    '(?>a)',
    'a++',
    '\\p{L}',
    '(',
    '(?<n>a)\\k<n>',
  ];
  for (const regexValues of refused) {
    assert.ok(
      !holds({ kind: 'path-pattern', values: [], regexValues: [regexValues] }, { path: '/aa' }),
      regexValues,
    );
  }
  for (const taken of ['(?:a)+', '[+]?a', 'a\\+?', '(?<n>a)']) {
    assert.ok(holds({ kind: 'path-pattern', values: [], regexValues: [taken] }, { path: '/aa' }), taken);
  }
});

test('headers, methods and addresses', () => {
  const header: RuleCondition = { kind: 'http-header', name: 'X-Team', values: ['Web*'], regexValues: [] };
  assert.ok(holds(header, { headers: { 'x-team': 'WEBSITE' } }));
  assert.ok(!holds(header, { headers: { 'x-other': 'web' } }));
  assert.ok(holds({ kind: 'http-request-method', values: ['GET', 'PUT'] }, { method: 'PUT' }));
  assert.ok(!holds({ kind: 'http-request-method', values: ['GET'] }, { method: 'get' }));
  const source: RuleCondition = { kind: 'source-ip', values: ['10.0.0.0/8', '2001:db8::/32'] };
  assert.ok(holds(source, { sourceIp: '10.9.8.7' }) && holds(source, { sourceIp: '2001:db8::1' }));
  assert.ok(holds(source, { sourceIp: '::ffff:10.0.0.1' }));
  assert.ok(!holds(source, { sourceIp: '11.0.0.1' }) && !holds(source, { sourceIp: 'unknown' }));
});

test('query strings match by pair or by value alone, with escaped wildcards', () => {
  const query = (value: string, key?: string): RuleCondition => ({
    kind: 'query-string',
    values: [{ key, value }],
  });
  assert.ok(holds(query('blue', 'version'), { query: 'a=1&VERSION=Blue' }));
  assert.ok(!holds(query('blue', 'version'), { query: 'other=blue' }));
  assert.ok(holds(query('blue'), { query: 'other=blue' }));
  assert.ok(holds(query('b*'), { query: 'x=b%20c' }));
  assert.ok(holds(query('a\\*b'), { query: 'x=a*b' }) && !holds(query('a\\*b'), { query: 'x=aXb' }));
  assert.ok(!holds(query('a'), { query: '' }));
});

test('wildcards agree with a slow matcher on any text', () => {
  const slow = (pattern: string, text: string): boolean => {
    const [first, rest] = [pattern[0], pattern.slice(1)];
    if (first === undefined) return text === '';
    if (first === '*') return slow(rest, text) || (text !== '' && slow(pattern, text.slice(1)));
    return text !== '' && (first === '?' || first === text[0]) && slow(rest, text.slice(1));
  };
  const word = fc.string({ unit: fc.constantFrom('a', '.', '*', '?', '\\', '[', '/'), maxLength: 7 });
  fc.assert(
    fc.property(word, word, (pattern, text) => {
      assert.equal(matchesWildcard(pattern, text, { ignoreCase: false }), slow(pattern, text));
    }),
  );
});

test('a redirect keeps what its placeholders name, and always writes the port', () => {
  const redirect = { kind: 'redirect', ...redirectPlaceholders, statusCode: 'HTTP_301' } as const;
  const from = {
    ...request({ host: 'App.example.com:80', path: '/a/b', query: 'x=1' }),
    protocol: 'HTTP',
    port: 80,
  };
  assert.equal(
    redirectLocation({ ...redirect, protocol: 'HTTPS', port: '443' }, from),
    'https://app.example.com:443/a/b?x=1',
  );
  const moved = { ...redirect, host: 'new.#{host}', path: '/v2/#{path}', query: 'was=#{port}&#{query}' };
  assert.equal(redirectLocation(moved, from), 'http://new.app.example.com:80/v2/a/b?was=80&x=1');
  assert.equal(redirectLocation({ ...redirect, path: '/x', query: '' }, from), 'http://app.example.com:80/x');
});

test('weights share the draws, and without any weight nobody is picked', () => {
  const forward = (...weights: readonly number[]) =>
    ({
      kind: 'forward',
      targetGroups: weights.map((weight, index) => ({ targetGroup: `tg-${index}`, weight })),
      stickinessSeconds: undefined,
    }) as const;
  const draws = Array.from({ length: 100 }, (_, index) => pickTargetGroup(forward(90, 0, 10), index / 100));
  const count = (name: string) => draws.filter((draw) => draw === name).length;
  assert.deepEqual(['tg-0', 'tg-1', 'tg-2'].map(count), [90, 0, 10]);
  assert.equal(pickTargetGroup(forward(0, 0), 0.5), undefined);
});

test('transforms rewrite host and URL where they match, and nothing else', () => {
  const rewrite = (kind: 'host-header-rewrite' | 'url-rewrite', regex: string, replace: string) =>
    ({ kind, rewrites: [{ regex, replace }] }) as const;
  const original = { host: 'app.example.com', path: '/api/users', query: 'id=7' };
  const strip = rewrite('url-rewrite', '^/api/(.+)$', '/$1');
  assert.deepEqual(applyTransforms([strip], original), { ...original, path: '/users' });
  const intoQuery = rewrite('url-rewrite', '^/api/users\\?id=(.+)$', '/user/$1?from=api');
  assert.deepEqual(applyTransforms([intoQuery], original), {
    ...original,
    path: '/user/7',
    query: 'from=api',
  });
  const org = rewrite('host-header-rewrite', '^(.+)\\.example\\.com$', '$1.example.org');
  assert.deepEqual(applyTransforms([org], original), { ...original, host: 'app.example.org' });
  assert.deepEqual(applyTransforms([rewrite('url-rewrite', '^/other', '/')], original), original);
  assert.equal(applyTransforms([rewrite('url-rewrite', '^/.*$', 'no-slash')], original), undefined);
});
