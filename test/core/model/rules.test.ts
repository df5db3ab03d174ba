import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingress, rule } from '../../support/builders.ts';
import { albc, albcClass, modelOf, problemLines, ruleLines } from './model-of.ts';

const to = 'front:80';
const tg = 'shop/web-front:80';

function lines(words: Parameters<typeof ingress>[1], port?: number): readonly string[] {
  return ruleLines(modelOf('shop/web', [ingress('shop/web', words)]), port);
}

test('path types become patterns: Exact as it is, Prefix with and without what follows, the rest as written', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['Exact /foo', '/foo'],
    ['Exact /foo/', '/foo/'],
    ['/', '/*'],
    ['/foo', '/foo,/foo/*'],
    ['/foo/', '/foo,/foo/*'],
    ['ImplementationSpecific /foo*', '/foo*'],
    ['ImplementationSpecific', ''],
  ];
  for (const [path, patterns] of cases) {
    const [line] = lines({ rules: [rule('a.example.com', { [path]: to })] });
    assert.equal(line, `a.example.com${patterns === '' ? '' : ` ${patterns}`} → ${tg}`, path);
  }
});

test('a rule without host and path matches every path', () => {
  assert.deepEqual(lines({ rules: [rule('', { ImplementationSpecific: to })] }), [`/* → ${tg}`]);
});

test('wildcards in Exact and Prefix paths, and paths that do not begin with a slash, are refused', () => {
  for (const path of ['Exact /a*', 'Exact /a?', '/a/*', 'ImplementationSpecific a']) {
    const model = modelOf('shop/web', [ingress('shop/web', { rules: [rule('', { [path]: to })] })]);
    assert.deepEqual(problemLines(model.problems), ['error PathInvalid shop/web'], path);
  }
});

test('a wildcard host matches one label by the specification, and as ALBC writes it with its policy', () => {
  const wild = { rules: [rule('*.foo.com', { '/': to })] };
  assert.deepEqual(lines(wild), [`~^[^.]+\\.foo\\.com$ /* → ${tg}`]);
  assert.deepEqual(ruleLines(modelOf('shop/web', [albcClass, ingress('shop/web', wild)], albc)), [
    `*.foo.com /* → ${tg}`,
  ]);
});

test('a host that an ALB does not take as plain text becomes a regular expression', () => {
  assert.deepEqual(lines({ rules: [rule('intranet', { '/': to })] }), [`~^intranet$ /* → ${tg}`]);
});

test('Ask 14.1: by the specification the most specific host and path go first, among members of equal order', () => {
  const found = lines({
    rules: [
      rule('', { '/': to }),
      rule('*.example.com', { '/': to }),
      rule('*.b.example.com', { '/': to }),
      rule('a.example.com', {
        '/': to,
        '/api': to,
        'Exact /api': to,
        'ImplementationSpecific /api/v1/*': to,
      }),
    ],
  });
  assert.deepEqual(
    found.map((line) => line.split(' → ')[0]),
    [
      'a.example.com /api',
      'a.example.com /api/v1/*',
      'a.example.com /api,/api/*',
      'a.example.com /*',
      '~^[^.]+\\.b\\.example\\.com$ /*',
      '~^[^.]+\\.example\\.com$ /*',
      '/*',
    ],
  );
});

test('group.order goes before specificity', () => {
  const model = modelOf('g', [
    ingress('shop/a', {
      annotations: { 'group.name': 'g', 'group.order': '1' },
      rules: [rule('a.example.com', { '/': to })],
    }),
    ingress('shop/b', { annotations: { 'group.name': 'g' }, rules: [rule('', { '/b': to })] }),
  ]);
  assert.deepEqual(ruleLines(model), ['/b,/b/* → shop/b-front:80', 'a.example.com /* → shop/a-front:80']);
});

test('as written, only the paths of one rule are sorted', () => {
  const words = {
    rules: [
      rule('*.example.com', {
        'ImplementationSpecific /x*': to,
        '/': to,
        '/longer': to,
        'Exact /b': to,
        'Exact /a': to,
      }),
      rule('a.example.com', { '/': to }),
    ],
  };
  const found = ruleLines(modelOf('shop/web', [albcClass, ingress('shop/web', words)], albc));
  assert.deepEqual(
    found.map((line) => line.split(' → ')[0]),
    [
      '*.example.com /b',
      '*.example.com /a',
      '*.example.com /longer,/longer/*',
      '*.example.com /*',
      '*.example.com /x*',
      'a.example.com /*',
    ],
  );
});

const toHttps =
  '{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}';

test('a redirect of everything to HTTPS stays in front, and takes what stands behind it with it', () => {
  const words = {
    annotations: {
      'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]',
      'certificate-arn': 'arn:1',
      'actions.secure': toHttps,
    },
    rules: [
      rule('', { 'ImplementationSpecific /*': 'secure:use-annotation' }),
      rule('a.example.com', { '/': to }),
    ],
  };
  assert.deepEqual(lines(words, 80), ['/* → redirect']);
  assert.deepEqual(lines(words, 443), [`a.example.com /* → ${tg}`]);
});

test('a redirect shadows rules whose hosts and paths it contains, by plain comparison', () => {
  const away =
    '{"type": "redirect", "redirectConfig": {"host": "www.example.net", "statusCode": "HTTP_301"}}';
  const words = {
    annotations: { 'actions.away': away },
    rules: [
      rule('a.example.com', { 'Exact /old': 'away:use-annotation' }),
      rule('a.example.com', { 'ImplementationSpecific /old': to, 'Exact /new': to }),
    ],
  };
  assert.deepEqual(lines(words), ['a.example.com /old → redirect', `a.example.com /new → ${tg}`]);
});

test('conditions of annotations join host and path of the rule, the others stand before them', () => {
  const found = lines({
    annotations: {
      'conditions.front': JSON.stringify([
        { field: 'host-header', hostHeaderConfig: { values: ['b.example.com'] } },
        { field: 'http-header', httpHeaderConfig: { httpHeaderName: 'X-Beta', values: ['1'] } },
        { field: 'query-string', queryStringConfig: { values: [{ key: 'v', value: '2' }] } },
      ]),
    },
    rules: [rule('a.example.com', { 'Exact /x': to })],
  });
  assert.deepEqual(found, [`http-header:1 query-string:v=2 a.example.com,b.example.com /x → ${tg}`]);
});

test('plain hosts beside regular expressions become regular expressions, or are refused with ALBC’s policy', () => {
  const words = {
    annotations: {
      'conditions.front': '[{"field": "host-header", "hostHeaderConfig": {"regexValues": ["^x"]}}]',
    },
    rules: [rule('a.example.com', { 'Exact /x': to })],
  };
  assert.deepEqual(lines(words), [`~^a\\.example\\.com$,~^x /x → ${tg}`]);
  const model = modelOf('shop/web', [albcClass, ingress('shop/web', words)], albc);
  assert.equal(
    model.problems[0]?.albcMessage,
    'ingress: shop/web: host condition must specify exactly one of Values and RegexValues, got both Values [a.example.com] and RegexValues [^x]',
  );
});

test('use-regex-path-match concerns ImplementationSpecific paths alone', () => {
  const found = lines({
    annotations: { 'use-regex-path-match': 'true' },
    rules: [rule('', { 'Exact /a': to, 'ImplementationSpecific /^/b/.*': to })],
  });
  assert.deepEqual(found, [`/a → ${tg}`, `~^/b/.* → ${tg}`]);
});

test('more conditions than an ALB rule has values are an error of the member, and left to AWS with ALBC’s policy', () => {
  const of = (count: number) => ({
    annotations: {
      'conditions.front': JSON.stringify(
        Array.from({ length: count }, (_, index) => ({
          field: 'http-header',
          httpHeaderConfig: { httpHeaderName: `x-${index}`, values: ['1', '2', '3'] },
        })),
      ),
    },
    rules: [rule('a.example.com', { '/x': to })],
  });
  // With host and path three headers are the most; their values become several rules.
  assert.deepEqual(problemLines(modelOf('shop/web', [ingress('shop/web', of(3))]).problems), []);
  const many = ingress('shop/web', of(4));
  assert.deepEqual(problemLines(modelOf('shop/web', [many]).problems), ['error ConditionLimit shop/web']);
  assert.deepEqual(modelOf('shop/web', [albcClass, many], albc).problems, []);
});

test('hosts and paths that AWS does not take are named before they are sent', () => {
  const bad: readonly (readonly [string, string, string])[] = [
    [`${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`, '/', 'HostInvalid'],
    ['a.example.com', 'Exact /a%20b', 'PathInvalid'],
    ['a.example.com', `Exact /${'x'.repeat(128)}`, 'PathInvalid'],
  ];
  for (const [host, path, code] of bad) {
    const model = modelOf('shop/web', [ingress('shop/web', { rules: [rule(host, { [path]: to })] })]);
    assert.deepEqual(problemLines(model.problems), [`error ${code} shop/web`], host + path);
  }
});

test('an empty regular expression is refused before AWS refuses it', () => {
  const words = {
    annotations: { 'use-regex-path-match': 'true' },
    rules: [rule('', { 'ImplementationSpecific /': to })],
  };
  const { problems } = modelOf('shop/web', [ingress('shop/web', words)]);
  assert.deepEqual(problemLines(problems), ['error PathInvalid shop/web']);
});

test('two rules for the same host and path: the first answers, the owner of the second is told whose it is', () => {
  const model = modelOf('g', [
    ingress('shop/a', { annotations: { 'group.name': 'g' } }),
    ingress('shop/b', { annotations: { 'group.name': 'g' } }),
  ]);
  assert.deepEqual(ruleLines(model), ['app.example.com /* → shop/a-front:80']);
  assert.deepEqual(problemLines(model.problems), ['warning RuleDuplicate shop/b']);
  assert.match(model.problems[0]?.message ?? '', /Ingress shop\/a/);
  assert.deepEqual(
    model.targetGroups.map(({ id }) => id),
    ['shop/a-front:80'],
  );
});

test('the default backend answers what no rule does', () => {
  const model = modelOf('shop/web', [ingress('shop/web', { defaultBackend: 'front:80' })]);
  assert.deepEqual(ruleLines(model), []);
  assert.deepEqual(model.listeners[0]?.defaultActions, [
    {
      kind: 'forward',
      targetGroups: [{ targetGroup: { kind: 'managed', id: tg }, weight: 1 }],
      stickinessSeconds: undefined,
    },
  ]);
});
