import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../../src/simulator/kube/json.ts';
import { evaluateRule } from '../../../../src/simulator/kube/validate/cel.ts';

test('rules are evaluated by their operators and parentheses', () => {
  const self = { a: 1, type: 'ip', deep: { b: null } };
  const cases: readonly (readonly [string, boolean | undefined])[] = [
    ['has(self.a)', true],
    ['has(self.b)', false],
    ['has(self.deep.c)', false],
    ['has(self.a) != has(self.b)', true],
    ['!(has(self.a) && has(self.b))', true],
    ['!has(self.a) || has(self.b)', false],
    ["has(self.type) && self.type == 'ip'", true],
    ['self.type == "instance"', false],
    ['self.deep == self.deep', true],
  ];
  for (const [rule, expected] of cases)
    assert.equal(evaluateRule(rule, { self, oldSelf: undefined }), expected, rule);
});

test('a rule about the old value holds only where there was one', () => {
  const evaluate = (self: Json, oldSelf: Json | undefined): unknown =>
    evaluateRule('self == oldSelf', { self, oldSelf });
  assert.equal(evaluate('a', 'a'), true);
  assert.equal(evaluate('a', 'b'), false);
  assert.equal(evaluate('a', undefined), undefined);
});

test('what is not understood is not decided', () => {
  for (const rule of [
    'size(self.a) > 1',
    'self.a',
    'has(self.a) has(self.b)',
    '(has(self.a)',
    'other.a == 1',
  ]) {
    assert.equal(evaluateRule(rule, { self: { a: 1 }, oldSelf: undefined }), undefined, rule);
  }
});
