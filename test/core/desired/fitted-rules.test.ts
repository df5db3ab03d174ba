import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fittedListeners } from '../../../src/core/desired/fitted-rules.ts';
import { desiredGroup } from '../../../src/core/desired/group.ts';
import type { DesiredListener, DesiredRule } from '../../../src/core/domain/desired-group.ts';
import { conditionsKey } from '../../../src/core/domain/conditions-key.ts';
import { policies } from '../../../src/core/domain/config.ts';
import { resourceId } from '../../../src/core/domain/ids.ts';
import type { ObservedLoadBalancer } from '../../../src/core/domain/observed-group.ts';
import type { RuleCondition } from '../../../src/core/domain/rule.ts';
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import type { AlbRequest } from '../../../src/core/evaluate/request.ts';
import { coreConfig } from '../../support/core-config.ts';
import { facts, listener, member, model, nothingObserved, ref, rule } from './models.ts';

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

/** `to`: the backend. */
const desired = (to: string, ...conditions: readonly RuleCondition[]): DesiredRule => ({
  conditions,
  actions: [{ kind: 'fixed-response', statusCode: '200', contentType: undefined, messageBody: to }],
  transforms: [],
  member: ref('web/a'),
  path: conditions.map(({ values }) => values.join()).join(' '),
  tags: {},
});

const on = (rules: readonly DesiredRule[], port = 80): DesiredListener =>
  ({ id: resourceId('listener', String(port)), port, protocol: 'HTTP', rules }) as unknown as DesiredListener;

/** The rules in AWS as they were fitted before. */
const live = (rules: readonly DesiredRule[]): ObservedLoadBalancer =>
  ({
    listeners: [
      {
        port: 80,
        rules: rules.map(({ conditions, actions, transforms }, index) => ({
          conditions,
          actions,
          transforms,
          priority: index + 1,
          tags: { 'albatross.dev/ingress': 'web/a', 'ingress.k8s.aws/stack': 'web/site' },
        })),
      },
    ],
  }) as unknown as ObservedLoadBalancer;

function fit(
  rules: readonly DesiredRule[],
  { places = 100, existing = [] as readonly DesiredRule[], preset = 'none' as 'none' | 'albc' } = {},
): readonly DesiredRule[] {
  const quotas = [{ name: 'rules-per-application-load-balancer', limit: places, source: 'api' } as const];
  const words = {
    model: model({}),
    existing: live(existing),
    quotas,
    config: coreConfig({ policy: policies[preset] }),
  };
  return fittedListeners([on(rules)], words)[0]?.rules ?? [];
}

const texts = (rules: readonly DesiredRule[]): readonly string[] =>
  rules.map(({ conditions }) => conditions.map(({ values }) => values.join('|')).join(' & '));

const hosts = ['a.b', 'c.d'];
const paths = ['/x', '/x/y', '/z', '/'];
const requests: readonly AlbRequest[] = hosts.flatMap(
  (name) =>
    [...paths, '/x/q', '/w', '/p1', '/p2', '/p3', '/p4', '/p5', '/p6'].map((at) => ({
      protocol: 'HTTP',
      port: 80,
      method: 'GET',
      host: name,
      path: at,
      query: '',
      headers: {},
      sourceIp: '10.0.0.1',
    })) as never,
);

function answers(rules: readonly DesiredRule[]): readonly string[] {
  const ordered = rules.map((one, index) => ({ ...one, priority: index + 1 }));
  return requests.map((request) => {
    const { actions } = evaluate({ rules: ordered, defaultActions: [] }, request);
    const [action] = actions;
    return action?.kind === 'fixed-response' ? (action.messageBody ?? '') : 'default';
  });
}

describe('split', () => {
  test('Ask 1.5: values beyond five become several rules, one behind the other; the one with the fewest rules is taken', () => {
    const seven = desired('x', host('a.b'), path('/1', '/2', '/3', '/4', '/5', '/6', '/7'));
    assert.deepEqual(texts(fit([seven])), ['a.b & /1|/2|/3|/4', 'a.b & /5|/6|/7']);
    const six = (text: string): readonly string[] => Array.from({ length: 6 }, (_, n) => `${text}${n}`);
    assert.equal(fit([desired('x', host(...six('h.')), path(...six('/')))]).length, 6);
    assert.deepEqual(fit([seven], { preset: 'albc' }), [seven]);
  });

  test('Ask 1.5: a path condition that every path meets gives its values away, but only where they are needed', () => {
    const five = host('a.b', 'c.d', 'e.f', 'g.h', 'i.j');
    assert.deepEqual(texts(fit([desired('x', five, path('/*'))])), ['a.b|c.d|e.f|g.h|i.j']);
    assert.deepEqual(texts(fit([desired('x', host('a.b'), path('/*'))])), ['a.b & /*']);
    const onlyPaths = path('/1', '/2', '/3', '/4', '/5', '/*');
    assert.deepEqual(texts(fit([desired('x', onlyPaths)])), ['/*']);
  });

  test('Ask 1.5: split rules take exactly the requests of the one', () => {
    const values = fc.uniqueArray(
      fc.constantFrom('/p1', '/p2', '/p3', '/p4', '/p5', '/p6', '/x', '/x/*', '/*'),
    );
    const anyRule = fc.record({ of: fc.subarray(hosts), at: values, to: fc.constantFrom('x', 'y') });
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 4 }), (all) => {
        const rules = all
          .filter(({ of, at }) => of.length + at.length > 0)
          .map(({ of, at, to }) =>
            desired(to, ...(of.length > 0 ? [host(...of)] : []), ...(at.length > 0 ? [path(...at)] : [])),
          );
        const fitted = fit(rules);
        assert.deepEqual(answers(fitted), answers(rules));
        for (const { conditions } of fitted)
          assert.ok(conditions.flatMap(({ values: its }) => its as readonly unknown[]).length <= 5);
      }),
      { numRuns: 500 },
    );
  });
});

describe('join', () => {
  const two = [desired('x', host('a.b'), path('/1')), desired('x', host('a.b'), path('/2'))];

  test('Ask 1.5, trap 27: rules with the same host and backend are joined where there would be too many, and only then', () => {
    assert.deepEqual(fit(two, { places: 2 }), two);
    assert.deepEqual(texts(fit(two, { places: 1 })), ['a.b & /1|/2']);
    assert.deepEqual(fit(two, { places: 1 })[0]?.also, ['a.b /2']);
    assert.deepEqual(fit(two, { places: 1, preset: 'albc' }), two);
    const others = [
      desired('y', host('a.b'), path('/2')),
      desired('x', host('c.d'), path('/2')),
      { ...desired('x', host('a.b'), path('/2')), member: ref('web/other') },
    ];
    for (const other of others) assert.equal(fit([two[0] as DesiredRule, other], { places: 1 }).length, 2);
  });

  test('Ask 1.5: a rule of somebody else that takes some of the requests keeps them', () => {
    const stranger = (at: string) => ({ ...desired('z', path(at)), tags: {} });
    const listeners = [on(two)];
    const quotas = [{ name: 'rules-per-application-load-balancer', limit: 2, source: 'api' } as const];
    const among = (at: string): number | undefined => {
      const existing = {
        listeners: [{ port: 80, rules: [stranger(at)] }],
      } as unknown as ObservedLoadBalancer;
      const words = { model: model({}), existing, quotas, config: coreConfig() };
      return fittedListeners(listeners, words)[0]?.rules.length;
    };
    assert.deepEqual([among('/9'), among('/2')], [1, 2]);
  });

  test('Ask 1.5: what nobody has made yet is joined before live rules, and one more path is one more value', () => {
    const [first, second] = two as [DesiredRule, DesiredRule];
    const third = desired('x', host('a.b'), path('/3'));
    const fourth = desired('x', host('a.b'), path('/4'));
    assert.deepEqual(texts(fit([first, second, third, fourth], { places: 3, existing: two })), [
      'a.b & /1',
      'a.b & /2',
      'a.b & /3|/4',
    ]);
    const joined = fit([first, second, third], { places: 2, existing: two });
    assert.deepEqual(texts(joined), ['a.b & /1|/3', 'a.b & /2']);
    const more = fit([first, second, third, fourth], { places: 2, existing: joined });
    assert.deepEqual(texts(more), ['a.b & /1|/3|/4', 'a.b & /2']);
  });

  test('Ask 1.5: what AWS has joined stays joined, whatever room there is, and what it has apart stays apart', () => {
    const joined = fit(two, { places: 1 });
    assert.deepEqual(fit(two, { existing: joined }), joined);
    assert.deepEqual(fit(two, { existing: two }), two);
    // ALBC's own: a Prefix path beside the same Exact one.
    const nested = [desired('x', path('/1')), desired('x', path('/1', '/1/*'))];
    assert.deepEqual(fit(nested, { existing: nested }), nested);
    // One of three goes, and one leads somewhere else.
    const three = [...two, desired('x', host('a.b'), path('/3'))];
    const all = fit(three, { places: 1 });
    assert.deepEqual(texts(fit(two, { existing: all })), ['a.b & /1|/2']);
    const moved = [...two, desired('y', host('a.b'), path('/3'))];
    assert.deepEqual(texts(fit(moved, { existing: all })), ['a.b & /1|/2', 'a.b & /3']);
  });

  const patterns = ['/x', '/x/*', '/z', '/*'];
  const rules = hosts
    .slice(0, 1)
    .flatMap((name) => patterns.flatMap((at) => ['x', 'y'].map((to) => desired(to, host(name), path(at)))));
  /** Every list of up to four rules with patterns of their own. */
  function* lists(length: number, start: readonly DesiredRule[] = []): Generator<readonly DesiredRule[]> {
    yield start;
    if (start.length === length) return;
    for (const one of rules)
      if (!start.some((other) => other.path === one.path)) yield* lists(length, [...start, one]);
  }

  test('Ask 1.5: joined rules answer every request as before: every list of up to four rules, at every number of places', () => {
    let joins = 0;
    for (const list of lists(4))
      for (let places = 1; places < list.length; places += 1) {
        const fitted = fit(list, { places });
        joins += list.length - fitted.length;
        assert.deepEqual(answers(fitted), answers(list), JSON.stringify([texts(list), texts(fitted)]));
      }
    assert.ok(joins > 500, String(joins));
  });

  test('Ask 1.5: so do larger lists, beside what AWS has joined before, and a second look changes nothing', () => {
    const anyRule = fc
      .record({
        of: fc.subarray(hosts, { minLength: 1 }),
        at: fc.subarray(['/x', '/x/*', '/x/y', '/z', '/*'], { minLength: 1, maxLength: 3 }),
        to: fc.constantFrom('x', 'y'),
      })
      .map(({ of, at, to }) => desired(to, host(...of), path(...at)));
    const list = fc.uniqueArray(anyRule, { maxLength: 8, selector: ({ path: place }) => place });
    fc.assert(
      fc.property(list, list, fc.integer({ min: 1, max: 8 }), (before, after, places) => {
        const existing = fit(before, { places });
        const fitted = fit(after, { places, existing });
        assert.deepEqual(answers(fitted), answers(after));
        const again = fit(after, { places, existing: fitted });
        const keys = (all: readonly DesiredRule[]) => all.map(({ conditions }) => conditionsKey(conditions));
        assert.deepEqual(keys(again), keys(fitted));
      }),
      { numRuns: 1000 },
    );
  });
});

test('Ask 1.5: a group whose rules are joined fits', () => {
  const rules = ['/1', '/2', '/3'].map((at) =>
    rule('web/a', 'a.b', { conditions: [host('a.b'), path(at)], path: at }),
  );
  const quotas = [{ name: 'rules-per-application-load-balancer', limit: 2, source: 'api' } as const];
  const { value, problems } = desiredGroup({
    model: model({ members: [member('web/a')], listeners: [listener(80, { rules })] }),
    facts: facts({ quotas }),
    observed: nothingObserved,
    config: coreConfig(),
    targetsOf: () => [],
  });
  assert.deepEqual(problems, []);
  assert.equal(value.loadBalancer?.listeners[0]?.rules.length, 2);
});
