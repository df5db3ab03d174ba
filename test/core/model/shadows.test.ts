import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingress, rule } from '../../support/builders.ts';
import { albc, albcClass, modelOf, problemLines } from './model-of.ts';

const to = 'front:80';
const inGroup = (id: string, order: number, ...rules: readonly ReturnType<typeof rule>[]) =>
  ingress(id, { annotations: { 'group.name': 'public', 'group.order': String(order) }, rules });

test('Ask 14.2: a rule behind one that takes all its requests is told, and which rule that is', () => {
  const model = modelOf('public', [
    inGroup('shop/early', -1, rule('*.example.com', { '/': to })),
    inGroup('shop/late', 1, rule('app.example.com', { '/api': to }), rule('app.example.org', { '/': to })),
  ]);
  assert.deepEqual(problemLines(model.problems), ['warning RuleShadowed shop/late']);
  assert.equal(
    model.problems[0]?.message,
    'Ingress shop/late: spec.rules[0].http.paths[0] can never answer, because spec.rules[0].http.paths[0] of Ingress shop/early comes first and takes all its requests',
  );
  assert.equal(model.problems[0]?.hint?.startsWith('Give Ingress shop/late a group.order below -1'), true);
});

test('Ask 14.2: where order follows the specification, and behind a redirect to HTTPS, nothing is told', () => {
  const bySpecification = modelOf('public', [
    inGroup('shop/a', 0, rule('', { '/': to }), rule('*.example.com', { '/': to })),
    inGroup('shop/b', 0, rule('app.example.com', { '/api': to, 'Exact /api': to })),
  ]);
  assert.deepEqual(problemLines(bySpecification.problems), []);
  const redirected = modelOf('public', [
    ingress('shop/a', {
      annotations: {
        'group.name': 'public',
        'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]',
        'certificate-arn': 'arn:aws:acm:us-west-2:1:certificate/a',
        'actions.to-https':
          '{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}',
      },
      rules: [rule('', { '/': 'to-https:use-annotation' }), rule('app.example.com', { '/': to })],
    }),
  ]);
  assert.deepEqual(problemLines(redirected.problems), []);
});

test('with ALBC’s policy nobody is told of a rule that cannot answer', () => {
  const model = modelOf(
    'public',
    [
      albcClass,
      inGroup('shop/early', -1, rule('', { '/': to })),
      inGroup('shop/late', 1, rule('app.example.com', { '/': to })),
    ],
    albc,
  );
  assert.deepEqual(problemLines(model.problems), []);
});

test('a regular expression that AWS does not take is a warning that names what it has', () => {
  const model = modelOf('shop/web', [
    ingress('shop/web', {
      annotations: {
        'conditions.front': JSON.stringify([
          { field: 'path-pattern', pathPatternConfig: { regexValues: ['^/(?!admin)'] } },
        ]),
        'transforms.front': JSON.stringify([
          { type: 'url-rewrite', urlRewriteConfig: { rewrites: [{ regex: '^(.)\\1', replace: '/' }] } },
        ]),
      },
      rules: [rule('app.example.com', { ImplementationSpecific: to })],
    }),
  ]);
  assert.deepEqual(problemLines(model.problems), [
    'warning PathInvalid shop/web',
    'warning AnnotationInvalid shop/web',
  ]);
  assert.match(
    model.problems[0]?.message ?? '',
    /regular expression "\^\/\(\?!admin\)", which has look-around; AWS takes none/,
  );
  assert.match(model.problems[1]?.message ?? '', /transform with .* which has a back-reference/);
});
