import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RuleCondition } from '../../../src/core/domain/rule.ts';
import { covers } from '../../../src/core/evaluate/covers.ts';
import { trace } from '../../../src/core/evaluate/evaluate.ts';
import { dialectFault } from '../../../src/core/evaluate/patterns.ts';

const path = (...values: readonly string[]): RuleCondition => ({
  kind: 'path-pattern',
  values,
  regexValues: [],
});
const host = (...values: readonly string[]): RuleCondition => ({
  kind: 'host-header',
  values,
  regexValues: [],
});
const hostRegex = (regex: string): RuleCondition => ({
  kind: 'host-header',
  values: [],
  regexValues: [regex],
});
const header = (name: string, value: string): RuleCondition => ({
  kind: 'http-header',
  name,
  values: [value],
  regexValues: [],
});

test('a rule covers another one where each of its conditions does', () => {
  const covered: readonly (readonly [wide: RuleCondition[], narrow: RuleCondition[]])[] = [
    [[path('/*')], [host('a.example.com')]],
    [[path('/api/*')], [path('/api/v1', '/api/v1/*')]],
    [[host('*.example.com')], [host('A.B.example.com'), path('/x')]],
    [[hostRegex('^[^.]+\\.example\\.com$')], [host('a.example.com')]],
    [[header('x-canary', 'yes')], [header('X-Canary', 'YES'), path('/')]],
  ];
  const open: readonly (readonly [wide: RuleCondition[], narrow: RuleCondition[]])[] = [
    [[path('/api/*')], [path('/api', '/api/*')]],
    [[path('/a?')], [path('/a*')]],
    [[path('/A')], [path('/a')]],
    [[host('a.example.com')], [path('/*')]],
    [[hostRegex('^[^.]+\\.example\\.com$')], [host('*.example.com')]],
    [[header('x-canary', 'yes')], [path('/')]],
  ];
  for (const [wide, narrow] of covered) assert.ok(covers(wide, narrow), JSON.stringify([wide, narrow]));
  for (const [wide, narrow] of open) assert.ok(!covers(wide, narrow), JSON.stringify([wide, narrow]));
});

const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 });
const rule = fc.tuple(
  fc.array(pattern, { minLength: 1, maxLength: 2 }),
  fc.option(fc.constantFrom('GET', 'PUT'), { nil: undefined }),
);
const conditions = ([values, method]: readonly [
  readonly string[],
  string | undefined,
]): readonly RuleCondition[] => [
  path(...values.map((value) => `/${value}`)),
  ...(method === undefined ? [] : [{ kind: 'http-request-method' as const, values: [method] }]),
];

test('property: what meets the covered rule meets the covering one', () => {
  let covered = 0;
  fc.assert(
    fc.property(rule, rule, fc.array(letters, { minLength: 8, maxLength: 8 }), (wide, narrow, texts) => {
      if (!covers(conditions(wide), conditions(narrow))) return;
      covered += 1;
      for (const text of texts) {
        const request = { host: 'h', path: `/${text}`, query: '', method: 'GET', headers: {}, sourceIp: '' };
        const rules = [wide, narrow].map((one, priority) => ({
          priority,
          conditions: conditions(one),
          actions: [],
          transforms: [],
        }));
        const [byWide, byNarrow] = trace(rules, request);
        assert.ok(byWide?.matches === true || byNarrow?.matches === false, text);
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(covered > 200, String(covered));
});

test('what ALB has of regular expressions is taken, and what it lacks is named', () => {
  for (const taken of [
    '^/api/(?<v>v[0-9]+)$',
    '(?P<v>a)',
    '(?i)abc',
    '(?i:abc)d',
    '[+]?a',
    'a\\+?',
    'a{2,3}?',
  ])
    assert.equal(dialectFault(taken), undefined, taken);
  for (const [refused, fault] of [
    ['(?=a)', 'has look-around'],
    ['(?<!b)a', 'has look-around'],
    ['(a)\\1', 'has a back-reference'],
    ['(?>a)', 'has an atomic group'],
    ['(?(1)a|b)', 'has an inline condition or recursion'],
    ['(?R)', 'has an inline condition or recursion'],
    ['a++', 'has a possessive quantifier'],
    ['\\p{L}', 'has a class of Unicode characters'],
    ['(', 'is not a regular expression'],
  ] as const)
    assert.equal(dialectFault(refused), fault, refused);
});
