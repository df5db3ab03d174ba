import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterKind, ClusterObject, Ingress } from '../../../src/core/domain/cluster.ts';
import type { CoreConfig } from '../../../src/core/domain/config.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { allGroupKeys, membership } from '../../../src/core/model/membership.ts';
import { ingress, ingressClass, ingressClassParams, namespace, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { albc, albcClass, cluster, ids, modelOf, problemLines } from './model-of.ts';

const implicit = { finalizers: ['albatross.dev/resources'] };
const nginx = ingressClass('nginx', { controller: 'k8s.io/ingress-nginx' });

type Words = { readonly config?: Partial<CoreConfig>; readonly without?: readonly ClusterKind[] };

/** Who is what in the group `shop/web`, and all group keys. */
function rosterOf(objects: readonly ClusterObject[], words: Words = {}) {
  const snapshot = cluster(objects, { without: words.without ?? [] });
  const config = coreConfig(words.config);
  const model = groupModel(snapshot, groupKey('shop/web'), config);
  return {
    keys: allGroupKeys(snapshot, config),
    members: ids(model.members),
    held: ids(model.held),
    leaving: model.leaving.map(({ id, proof }) => `${id} ${proof}`),
    problems: problemLines(model.problems),
  };
}

const nobody = { keys: [], members: [], held: [], leaving: [], problems: [] };

test('an Ingress is ours by the controller of its class, whatever the name of the class', () => {
  const named = ingress('shop/web', { className: 'gold' });
  assert.deepEqual(rosterOf([named, ingressClass('gold')]).members, ['shop/web']);
  assert.deepEqual(rosterOf([ingress('shop/web', { className: 'nginx' }), nginx]), nobody);
});

test('an Ingress without a class belongs to the default class', () => {
  const bare = ingress('shop/web', { className: undefined });
  assert.deepEqual(rosterOf([bare]), nobody);
  assert.deepEqual(rosterOf([bare, ingressClass('gold', { isDefault: true })]).members, ['shop/web']);
  const foreign = ingressClass('nginx', { controller: 'k8s.io/ingress-nginx', isDefault: true });
  assert.deepEqual(rosterOf([bare, foreign]), nobody);
});

test('two default classes hold an Ingress without a class where both are ours, and concern nobody else', () => {
  const bare = ingress('shop/web', { className: undefined });
  const ours = [ingressClass('a', { isDefault: true }), ingressClass('b', { isDefault: true })];
  assert.deepEqual(rosterOf([bare, ...ours]).problems, ['error ClassAmbiguous shop/web']);
  const theirs = ingressClass('n', { isDefault: true, controller: 'k8s.io/ingress-nginx' });
  assert.deepEqual(rosterOf([bare, ingressClass('a', { isDefault: true }), theirs]), nobody);
});

test('the class annotation counts only where the policy says so', () => {
  const annotated = (value: string) =>
    ingress('shop/web', { className: undefined, annotations: { 'kubernetes.io/ingress.class': value } });
  assert.deepEqual(rosterOf([annotated('alb'), ingressClass('d', { isDefault: true })]), nobody);
  const members = (value: string, ingressClassFlag = 'alb') =>
    rosterOf([annotated(value), albcClass], { config: { ...albc, ingressClass: ingressClassFlag } }).members;
  assert.deepEqual(members('alb'), ['shop/web']);
  assert.deepEqual(members('edge'), []);
  assert.deepEqual(members('edge', 'edge'), ['shop/web']);
  assert.deepEqual(members('', ''), ['shop/web']);
});

test('the parameters of a class apply only to Ingresses that have the class by name', () => {
  const params = [
    ingressClass('alb', { controller: 'ingress.k8s.aws/alb', parameters: 'p' }),
    ingressClassParams('p', { groupName: 'forced' }),
  ];
  const annotated = ingress('shop/web', {
    className: undefined,
    annotations: { 'kubernetes.io/ingress.class': 'alb' },
  });
  const config = coreConfig(albc);
  assert.deepEqual(allGroupKeys(cluster([annotated, ...params]), config), ['shop/web']);
  assert.deepEqual(allGroupKeys(cluster([ingress('shop/web'), ...params]), config), ['forced']);
});

test('another namespace than the watched one is nobody’s business', () => {
  assert.deepEqual(
    rosterOf([ingress('shop/web', { meta: implicit })], { config: { watchNamespace: 'other' } }),
    nobody,
  );
});

test('leaving needs positive proof: a deletion, another readable class, another valid group', () => {
  const leaving = (web: Ingress) => rosterOf([web, nginx]).leaving;
  const deleted = { ...implicit, deletionTimestamp: '2026-01-01T00:00:00Z' };
  assert.deepEqual(leaving(ingress('shop/web', { meta: deleted })), ['shop/web deleted']);
  assert.deepEqual(leaving(ingress('shop/web', { className: 'nginx', meta: implicit })), [
    'shop/web otherClass',
  ]);
  const moved = ingress('shop/web', { annotations: { 'group.name': 'g' }, meta: implicit });
  assert.deepEqual(leaving(moved), ['shop/web leftGroup']);
  assert.deepEqual(rosterOf([moved]).keys, ['g', 'shop/web']);
});

test('Ask 4.1, trap 2: what is missing proves nothing: the member is held, and nothing of it goes', () => {
  const params = ingressClass('gold', { parameters: 'gone' });
  const cases: readonly (readonly [string, readonly ClusterObject[], Words])[] = [
    ['class gone', [ingress('shop/web', { className: 'gone', meta: implicit })], {}],
    ['class taken away', [ingress('shop/web', { className: undefined, meta: implicit })], {}],
    ['parameters gone', [ingress('shop/web', { className: 'gold', meta: implicit }), params], {}],
    [
      'bad group name',
      [ingress('shop/web', { annotations: { 'group.name': 'Bad_Name' }, meta: implicit })],
      {},
    ],
    [
      'classes unread',
      [ingress('shop/web', { className: 'nginx', meta: implicit }), nginx],
      { without: ['IngressClass'] },
    ],
    [
      'Ingresses unread',
      [ingress('shop/web', { meta: { ...implicit, deletionTimestamp: '2026-01-01T00:00:00Z' } })],
      { without: ['Ingress'] },
    ],
  ];
  for (const [name, objects, words] of cases) {
    const found = rosterOf(objects, words);
    assert.deepEqual(
      { held: found.held, leaving: found.leaving, members: found.members },
      { held: ['shop/web'], leaving: [], members: [] },
      name,
    );
    assert.ok(
      found.problems.every((line) => line.startsWith('error ')),
      name,
    );
  }
});

test('a member in an unread list of Ingresses holds the whole group as it is', () => {
  const found = rosterOf([ingress('shop/web')], { without: ['Ingress'] });
  assert.deepEqual(found.members, []);
  assert.deepEqual(found.held, ['shop/web']);
});

test('an Ingress with an unknown class that never was ours is left in peace', () => {
  assert.deepEqual(rosterOf([ingress('shop/web', { className: 'gone' })]), nobody);
});

test('a class of ours with unusable parameters is told to an Ingress that just came', () => {
  const found = rosterOf([
    ingress('shop/web', { className: 'gold' }),
    ingressClass('gold', { parameters: 'gone' }),
  ]);
  assert.deepEqual(found.problems, ['error ClassInvalid shop/web']);
  assert.deepEqual(found.keys, ['shop/web']);
});

test('parameters select namespaces by their labels, and an unread namespace is not judged', () => {
  const objects = [
    ingressClass('alb', { parameters: 'p' }),
    ingressClassParams('p', {
      namespaceSelector: {
        matchLabels: { team: 'shop' },
        matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['test'] }],
      },
    }),
    ingress('shop/web'),
  ];
  assert.deepEqual(rosterOf([...objects, namespace('shop', { team: 'shop' })]).members, ['shop/web']);
  assert.deepEqual(rosterOf([...objects, namespace('shop', { team: 'shop', stage: 'test' })]).held, [
    'shop/web',
  ]);
  assert.deepEqual(rosterOf([...objects, namespace('shop')]).held, ['shop/web']);
  assert.deepEqual(rosterOf(objects).held, ['shop/web']);
});

test('the group of the class goes before the annotation', () => {
  const found = membership(
    ingress('shop/web', { annotations: { 'group.name': 'Bad_Name' } }),
    cluster([ingressClass('alb', { parameters: 'p' }), ingressClassParams('p', { groupName: 'gold' })]),
    coreConfig(),
  );
  assert.deepEqual(found.current, { kind: 'explicit', name: 'gold' });
  assert.deepEqual(found.problems, []);
});

test('an unusable group.order holds its member, or with ALBC’s policy the group', () => {
  const objects = [
    ingress('shop/a', { annotations: { 'group.name': 'g', 'group.order': '1001' } }),
    ingress('shop/b', { annotations: { 'group.name': 'g' }, defaultBackend: 'front:80' }),
  ];
  assert.deepEqual(ids(modelOf('g', objects).held), ['shop/a']);
  assert.deepEqual(ids(modelOf('g', [...objects, albcClass], albc).held), ['shop/a', 'shop/b']);
});

test('with ALBC’s policy an unusable group name leaves the old group', () => {
  const objects = [
    albcClass,
    ingress('shop/a', {
      annotations: { 'group.name': 'Bad_Name' },
      meta: { finalizers: ['group.ingress.k8s.aws/g'] },
    }),
    ingress('shop/b', { annotations: { 'group.name': 'g' } }),
  ];
  const model = modelOf('g', objects, albc);
  assert.deepEqual(ids(model.leaving), ['shop/a']);
  assert.deepEqual(ids(model.members), ['shop/b']);
  assert.deepEqual(problemLines(modelOf('shop/a', objects, albc).problems), [
    'error GroupNameInvalid shop/a',
  ]);
});

test('one bad member holds its group with ALBC’s policy, and every member is told why', () => {
  const objects = [
    albcClass,
    service('shop/front'),
    ingress('shop/a', { annotations: { 'group.name': 'g', scheme: 'public' } }),
    ingress('shop/b', { annotations: { 'group.name': 'g' } }),
  ];
  const model = modelOf('g', objects, albc);
  assert.deepEqual(model.members, []);
  assert.deepEqual(model.listeners, []);
  assert.deepEqual(
    model.held.map((member) => member.problems.map(({ scope, albcMessage }) => `${scope} ${albcMessage}`)),
    [['member unknown scheme: public'], ['group unknown scheme: public']],
  );
});

test('with ALBC’s policy a deleted Ingress that asks for deletion protection holds its group', () => {
  const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['group.ingress.k8s.aws/g'] };
  const model = (value: string) =>
    modelOf(
      'g',
      [
        albcClass,
        ingress('shop/a', {
          annotations: {
            'group.name': 'g',
            'load-balancer-attributes': `deletion_protection.enabled=${value}`,
          },
          meta: deleted,
        }),
        ingress('shop/b', { annotations: { 'group.name': 'g' } }),
      ],
      albc,
    );
  assert.deepEqual(ids(model('true').held), ['shop/b', 'shop/a']);
  assert.deepEqual(ids(model('yes').held), ['shop/b', 'shop/a']);
  assert.deepEqual(ids(model('false').leaving), ['shop/a']);
  assert.deepEqual(ids(model('false').members), ['shop/b']);
});
