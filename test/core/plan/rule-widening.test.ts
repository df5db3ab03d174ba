// Ask 1.5 and trap 9: a full listener takes more rules by joining, and no request notices.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittedListeners } from '../../../src/core/desired/fitted-rules.ts';
import type { DesiredListener, DesiredRule } from '../../../src/core/domain/desired-group.ts';
import type { RuleCondition } from '../../../src/core/domain/rule.ts';
import { conditionsKey } from '../../../src/core/domain/conditions-key.ts';
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import type { AlbRequest } from '../../../src/core/evaluate/request.ts';
import type { RuleStep, WantedRule } from '../../../src/core/plan/rule-step.ts';
import { ruleTransition } from '../../../src/core/plan/rule-transition.ts';
import { coreConfig } from '../../support/core-config.ts';
import { model, ref } from '../desired/models.ts';

type Rule = { readonly conditions: readonly RuleCondition[]; readonly backend: string };

const rule = (path: string, backend: string): Rule => ({
  conditions: [{ kind: 'path-pattern', values: [path], regexValues: [] }],
  backend,
});
const actionsOf = (backend: string) =>
  [{ kind: 'fixed-response', statusCode: '200', contentType: undefined, messageBody: backend }] as const;
const backendOf = ({ actions }: Pick<DesiredRule, 'actions'>): string =>
  actions[0]?.kind === 'fixed-response' ? (actions[0].messageBody ?? '') : '';

const live = (rules: readonly Rule[]) => ({
  listeners: [
    {
      port: 80,
      rules: rules.map(({ conditions, backend }) => ({
        conditions,
        actions: actionsOf(backend),
        transforms: [],
        tags: { 'ingress.k8s.aws/stack': 'web/site' },
      })),
    },
  ],
});

/** The rules as a load balancer with so many places gets them. */
function fitted(rules: readonly Rule[], existing: readonly Rule[], places: number): readonly Rule[] {
  const desired = rules.map(({ conditions, backend }) => ({
    conditions,
    actions: actionsOf(backend),
    transforms: [],
    member: ref('web/a'),
    path: '',
    tags: {},
  }));
  const listeners = [{ port: 80, rules: desired }] as unknown as readonly DesiredListener[];
  const quotas = [{ name: 'rules-per-application-load-balancer', limit: places, source: 'api' } as const];
  const words = { model: model({}), existing: live(existing) as never, quotas, config: coreConfig() };
  return (fittedListeners(listeners, words)[0]?.rules ?? []).map((one) => ({
    conditions: one.conditions,
    backend: backendOf(one),
  }));
}

const asWanted = ({ conditions, backend }: Rule): WantedRule => ({
  key: `${conditionsKey(conditions)}\n\n${backend}`,
  conditionsKey: conditionsKey(conditions),
  conditions,
});

const requests = ['/a', '/b', '/c', '/long'].map(
  (path) =>
    ({ host: 'h.example.com', path, method: 'GET', query: '', headers: {}, sourceIp: '10.0.0.1' }) as never,
) as readonly AlbRequest[];

const answers = (rules: ReadonlyMap<number, Rule>): readonly string[] => {
  const all = [...rules].map(([priority, { conditions, backend }]) => ({
    priority,
    conditions,
    actions: actionsOf(backend),
    transforms: [],
  }));
  return requests.map((request) => {
    const { rule: first } = evaluate({ rules: all, defaultActions: [] }, request);
    return first?.actions[0].messageBody ?? 'default';
  });
};

type State = {
  readonly rules: Map<number, Rule>;
  readonly at: Map<number, number>;
  readonly made: ReadonlyMap<number, number>;
};

function move(
  { priorities }: Extract<RuleStep, { kind: 'setPriorities' }>,
  { rules, at, made }: State,
): void {
  const moved = priorities.map((setting) => {
    const from = (setting.kind === 'existing' ? at.get(setting.existing) : made.get(setting.wanted)) ?? 0;
    const one = rules.get(from) as Rule;
    rules.delete(from);
    return { setting, one };
  });
  for (const { setting, one } of moved) {
    assert.ok(!rules.has(setting.priority));
    rules.set(setting.priority, one);
    if (setting.kind === 'existing') at.set(setting.existing, setting.priority);
  }
}

/** Takes the steps one by one as AWS would, looks at every request after each, and counts the calls. */
function walk(old: readonly Rule[], wanted: readonly Rule[], places: number): number {
  const rules = new Map(old.map((one, index) => [index + 1, one]));
  const at = new Map(old.map((_one, index) => [index, index + 1]));
  const made = new Map<number, number>();
  const [before, after] = [answers(rules), answers(new Map(wanted.map((one, index) => [index + 1, one])))];
  const { steps } = ruleTransition({
    wanted: wanted.map(asWanted),
    existing: old.map((one, index) => ({ ...asWanted(one), priority: index + 1, fixed: false })),
    priorities: 'stable',
    headroom: places - old.length,
  });
  const words = (): string => JSON.stringify({ old, wanted, places, steps });
  for (const step of steps) {
    if (step.kind === 'create') {
      assert.ok(!rules.has(step.priority), words());
      rules.set(step.priority, wanted[step.wanted] as Rule);
      made.set(step.wanted, step.priority);
    } else if (step.kind === 'modify') rules.set(at.get(step.existing) ?? 0, wanted[step.wanted] as Rule);
    else if (step.kind === 'delete') rules.delete(at.get(step.existing) ?? 0);
    else if (step.kind === 'setPriorities') move(step, { rules, at, made });
    assert.ok(rules.size <= places, `too many rules: ${words()}`);
    const now = answers(rules);
    for (const [index, answer] of now.entries())
      assert.ok(answer === before[index] || answer === after[index], `${step.kind} ${answer}: ${words()}`);
  }
  assert.deepEqual(answers(rules), after, words());
  assert.equal(rules.size, wanted.length, words());
  return steps.filter(({ kind }) => kind !== 'default').length;
}

const paths = ['/a', '/b', '/c', '/*'];
function* lists(length: number, start: readonly Rule[] = []): Generator<readonly Rule[]> {
  yield start;
  if (start.length === length) return;
  for (const path of paths)
    if (
      !start.some(({ conditions }) => conditionsKey(conditions) === conditionsKey(rule(path, '').conditions))
    )
      for (const backend of ['x', 'y']) yield* lists(length, [...start, rule(path, backend)]);
}
/** The list with one more rule, at every place. */
const withOneMore = (list: readonly Rule[]): readonly (readonly Rule[])[] =>
  [...lists(1)]
    .filter(
      (more) =>
        more.length === 1 &&
        !list.some((one) => asWanted(one).conditionsKey === asWanted(more[0] as Rule).conditionsKey),
    )
    .flatMap(([more]) =>
      Array.from({ length: list.length + 1 }, (_, place) => [
        ...list.slice(0, place),
        more as Rule,
        ...list.slice(place),
      ]),
    );

test('Ask 1.5, trap 9: on a full listener one more rule is joined in, and no request meets a third backend meanwhile', () => {
  let joined = 0;
  let most = 0;
  for (const old of lists(3)) {
    if (old.length < 2) continue;
    for (const more of withOneMore(old)) {
      const wanted = fitted(more, old, old.length);
      if (wanted.length > old.length) continue;
      joined += 1;
      most = Math.max(most, walk(old, wanted, old.length));
    }
  }
  assert.ok(joined > 500, String(joined));
  // Two rules become one, and the new one takes the free place, in front of others if need be.
  assert.equal(most, 4);
});

test('Ask 1.5: one more path of a host and backend is one call where rules are joined, two where there is room', () => {
  const old = [rule('/a', 'x'), rule('/*', 'y')];
  const one = [rule('/a', 'x'), rule('/b', 'x'), rule('/*', 'y')];
  const full = fitted(one, old, 2);
  assert.equal(walk(old, full, 2), 1);
  const more = fitted([rule('/c', 'x'), ...one], full, 2);
  assert.equal(walk(full, more, 2), 1);
  assert.ok(walk(full, fitted([rule('/c', 'x'), ...one], full, 9), 9) <= 2);
  // And back again: a path that goes.
  assert.ok(walk(more, fitted(old, more, 2), 2) <= 2);
});
