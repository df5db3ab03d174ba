import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldByClaims } from '../../../src/core/claims/claims.ts';
import type { ClusterObject } from '../../../src/core/domain/cluster.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import type { RuleCondition } from '../../../src/core/domain/rule.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { coreConfig } from '../../support/core-config.ts';
import { ingress, ingressClass, rule, service } from '../../support/builders.ts';
import { albc, albcClass, cluster, problemLines } from '../model/model-of.ts';

const to = 'front:80';
const key = groupKey('public');

type Words = {
  readonly order?: number;
  readonly born?: string;
  readonly annotations?: Record<string, string>;
};

function member(id: string, rules: readonly ReturnType<typeof rule>[], words: Words = {}) {
  const { order = 0, born = '2026-01-01T00:00:00Z', annotations = {} } = words;
  return ingress(id, {
    annotations: { 'group.name': 'public', 'group.order': String(order), ...annotations },
    meta: { creationTimestamp: born },
    rules,
  });
}

function held(
  objects: readonly ClusterObject[],
  observed: ObservedGroup = emptyObservedGroup(key),
  config = coreConfig({}),
) {
  const snapshot = cluster([...['a', 'b', 'c'].map((name) => service(`${name}/front`)), ...objects]);
  const model = groupModel(snapshot, key, config);
  const { refused, problems } = heldByClaims({ model, observed, snapshot, config });
  return { ids: [...refused.keys()], problems: [...problems, ...[...refused.values()].flat()] };
}

/** AWS has a rule of each of these Ingresses for that host and path, in order of priority. */
function has(...rules: readonly (readonly [id: string, host: string, ...paths: string[]])[]): ObservedGroup {
  const conditions = (host: string, values: readonly string[]): readonly RuleCondition[] => [
    { kind: 'host-header', values: [host], regexValues: [] },
    { kind: 'path-pattern', values, regexValues: [] },
  ];
  const found = rules.map(([id, host, ...paths], index) => ({
    priority: index + 1,
    conditions: conditions(host, paths),
    tags: { 'albatross.dev/ingress': id },
  }));
  return {
    ...emptyObservedGroup(key),
    loadBalancers: [{ listeners: [{ port: 80, rules: found }] }],
  } as unknown as ObservedGroup;
}

const app = (...paths: readonly string[]) => [
  rule('app.example.com', Object.fromEntries(paths.map((path) => [path, to]))),
];
const young = { born: '2026-06-01T00:00:00Z' };

test('Ask 22.1: a host and path belong to the namespace whose Ingress is older, whatever the order, and both are told', () => {
  const { ids, problems } = held([
    member('b/new', app('/api'), { ...young, order: -5 }),
    member('a/old', app('/api')),
  ]);
  assert.deepEqual(ids, ['b/new']);
  assert.deepEqual(problemLines(problems), ['error HostClaimed b/new', 'warning HostClaimed a/old']);
  assert.equal(
    problems[0]?.message,
    'Ingress b/new asks for app.example.com/api, which Ingress a/old of another namespace had first',
  );
  assert.match(
    problems[1]?.message ?? '',
    /^Ingress b\/new of another namespace is held, because it asks for app\.example\.com\/api/,
  );
});

test('Ask 22.2: an older Ingress that is edited takes nothing from the one whose rule AWS has', () => {
  const objects = [member('a/old', app('/api')), member('b/new', app('/api'), young)];
  assert.deepEqual(held(objects).ids, ['b/new']);
  assert.deepEqual(held(objects, has(['b/new', 'app.example.com', '/api', '/api/*'])).ids, ['a/old']);
  const both = has(['b/new', 'app.example.com', '/api'], ['a/old', 'app.example.com', '/api']);
  assert.deepEqual(held(objects, both).ids, []);
});

test('Ask 22.1: other paths of a host, other ports and the same namespace are no dispute', () => {
  const ports = (port: number) => ({ annotations: { 'listen-ports': `[{"HTTP": ${port}}]` } });
  for (const objects of [
    [member('a/old', app('/')), member('b/new', app('/api'), young)],
    [member('a/old', app('/'), ports(80)), member('b/new', app('/'), { ...young, ...ports(81) })],
    [member('a/old', app('/')), member('a/new', app('/'), young)],
  ])
    assert.deepEqual(held(objects).ids, []);
});

test('Ask 22.2: a newcomer cannot step in front of everything that another namespace has', () => {
  const wide = member('b/new', [rule('', { '/': to })], { ...young, order: -1 });
  const { ids, problems } = held([member('a/old', app('/api')), wide]);
  assert.deepEqual(ids, ['b/new']);
  assert.match(problems[0]?.message ?? '', /would come before, and take all of, app\.example\.com\/api/);
  const late = member('b/new', [rule('', { '/': to })], { ...young, order: 1 });
  assert.deepEqual(held([member('a/old', app('/api')), late]).ids, []);
  const older = member('b/new', [rule('', { '/': to })], { order: -1, born: '2025-01-01T00:00:00Z' });
  assert.deepEqual(held([member('a/old', app('/api')), older]).ids, []);
});

test('Ask 22.2: somebody whose rules AWS has cannot move in front of another namespace afterwards', () => {
  const objects = [
    member('a/old', app('/api')),
    member('b/wide', [rule('*.example.com', { '/': to })], {
      ...young,
      order: -1,
      annotations: {
        'conditions.front': '[{"field":"host-header","hostHeaderConfig":{"regexValues":["example"]}}]',
      },
    }),
  ];
  const regex = (id: string, values: string[], regexValues: string[], path: string[]) => ({
    id,
    conditions: [
      { kind: 'host-header', values, regexValues },
      { kind: 'path-pattern', values: path, regexValues: [] },
    ],
  });
  const a = regex('a/old', ['app.example.com'], [], ['/api', '/api/*']);
  const b = regex('b/wide', [], ['^[^.]+\\.example\\.com$', 'example'], ['/*']);
  const observed = (...rules: readonly (typeof a)[]) =>
    ({
      ...emptyObservedGroup(key),
      loadBalancers: [
        {
          listeners: [
            {
              port: 80,
              rules: rules.map(({ id, conditions }, index) => ({
                conditions,
                priority: index + 1,
                tags: { 'albatross.dev/ingress': id },
              })),
            },
          ],
        },
      ],
    }) as unknown as ObservedGroup;
  assert.deepEqual(held(objects, observed(a, b)).ids, ['b/wide']);
  assert.deepEqual(held(objects, observed(b, a)).ids, []);
});

test('Ask 22.1: what a held Ingress still has in AWS is not free either', () => {
  const broken = member('a/old', app('/'), { annotations: { scheme: 'sideways' } });
  const objects = [broken, member('b/new', app('/api'), young)];
  assert.deepEqual(held(objects).ids, []);
  assert.deepEqual(held(objects, has(['a/old', 'app.example.com', '/api', '/api/*'])).ids, ['b/new']);
});

const policyOf = (text: string) => ({
  ...ingressClass(),
  meta: { ...ingressClass().meta, annotations: { 'albatross.dev/host-claims': text } },
});

test('Ask 22.1: a class gives hosts to namespaces, the most specific pattern counts', () => {
  const policy = policyOf('# teams\n*.example.com: a\nshared.example.com: a, b\n*: c\n');
  const allowed: readonly (readonly [string, string])[] = [
    ['a', 'app.example.com'],
    ['a', '*.example.com'],
    ['b', 'shared.example.com'],
    ['c', 'other.test'],
    ['c', ''],
  ];
  const refused: readonly (readonly [string, string])[] = [
    ['b', 'app.example.com'],
    ['b', 'APP.example.com'],
    ['c', 'shared.example.com'],
    ['b', '*.example.com'],
    ['a', ''],
    ['a', 'example.org'],
  ];
  for (const [namespace, host] of allowed)
    assert.deepEqual(
      held([policy, member(`${namespace}/x`, [rule(host, { '/': to })])]).ids,
      [],
      `${namespace} ${host}`,
    );
  for (const [namespace, host] of refused) {
    const { ids, problems } = held([policy, member(`${namespace}/x`, [rule(host, { '/': to })])]);
    assert.deepEqual(ids, [`${namespace}/x`], `${namespace} ${host}`);
    assert.match(problems[0]?.message ?? '', /its IngressClass gives \S+ to [abc, ]+ only$/);
  }
});

test('Ask 22.1: hosts that annotations add are judged too, wildcards and expressions by what they reach', () => {
  const policy = policyOf('app.example.com: a');
  for (const config of [
    { values: ['app.example.com'] },
    { values: ['ap?.example.com'] },
    { regexValues: ['^app\\.'] },
  ]) {
    const annotations = {
      'conditions.front': JSON.stringify([{ field: 'host-header', hostHeaderConfig: config }]),
    };
    const sly = member('b/sly', [rule('b.example.com', { '/': to })], { annotations });
    const { ids } = held([policy, sly, member('a/app', app('/'))]);
    assert.deepEqual(ids, ['b/sly'], JSON.stringify(config));
  }
});

test('a line of the policy that cannot be read is told, and the others count', () => {
  const { ids, problems } = held([
    policyOf('app.example.com\nApp: a\napp.example.com: a'),
    member('b/x', app('/')),
  ]);
  assert.deepEqual(ids, ['b/x']);
  assert.deepEqual(problemLines(problems), [
    'warning ClassInvalid b/x',
    'warning ClassInvalid b/x',
    'error HostClaimed b/x',
  ]);
  assert.match(
    problems[0]?.message ?? '',
    /has the line "app\.example\.com", which has no effect; allowed: HOST: NAMESPACE…/,
  );
});

test('with ALBC’s policy, and alone on a load balancer, nobody is held', () => {
  const objects = [member('a/old', app('/api')), member('b/new', app('/api'), young)];
  assert.deepEqual(held([albcClass, ...objects], undefined, coreConfig(albc)).ids, []);
});
