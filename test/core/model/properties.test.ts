import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { annotationTable } from '../../../src/core/annotations/table.ts';
import type { ClusterObject, Ingress } from '../../../src/core/domain/cluster.ts';
import { policies } from '../../../src/core/domain/config.ts';
import { type GroupKey, groupKey } from '../../../src/core/domain/ids.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { allGroupKeys } from '../../../src/core/model/membership.ts';
import { ingress, ingressClass, rule, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';

const names = ['x', 'front', 'HTTP-80', 'front.80'];
const keys = annotationTable
  .filter(({ key }) => key !== 'group.name' && key !== 'group.order')
  .flatMap(({ key }) =>
    key.includes('<') ? names.map((name) => `${key.slice(0, key.indexOf('<'))}${name}`) : [key],
  );

/** Nonsense, near misses, and values that are right for some annotation. */
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.constantFrom(...annotationTable.map(({ example }) => example)),
  fc.constantFrom(...annotationTable.map(({ example }) => example.slice(1))),
  fc.constantFrom('true', '0', '-1', '80', 'a=1', 'a=2', ',', '=', '{}', '[]', '[{}]', 'null'),
);
const annotations = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 });

function member(name: string, order: number, more: Readonly<Record<string, string>>): Ingress {
  return ingress(`shop/${name}`, {
    annotations: { ...more, 'group.name': 'g', 'group.order': String(order) },
    rules: [rule(`${name}.example.com`, { '/': 'front:80', 'Exact /x': 'x:use-annotation' })],
  });
}

const world: readonly ClusterObject[] = [ingressClass(), service('shop/front')];
const key: GroupKey = groupKey('g');

test('whatever stands in an annotation, nothing throws, and the Ingress is either served or told what is wrong', () => {
  fc.assert(
    fc.property(annotations, fc.constantFrom(policies.none, policies.albc), (more, policy) => {
      const objects = [
        ...world,
        ingressClass('alb', { controller: policy.controllers[0] ?? '' }),
        member('bad', 0, more),
      ];
      const model = groupModel(snapshotOf(objects), key, coreConfig({ policy }));
      const hasError = model.problems.some(({ severity }) => severity === 'error');
      assert.equal(model.members.length, hasError ? 0 : 1);
      assert.equal(model.held.length, hasError ? 1 : 0);
    }),
    { numRuns: 400 },
  );
});

test('a later member, whatever its annotations say, never takes or changes a rule of an earlier one', () => {
  const own = (objects: readonly ClusterObject[]) => {
    const model = groupModel(snapshotOf(objects), key, coreConfig());
    const rules = model.listeners.find(({ port }) => port === 80)?.rules ?? [];
    return {
      held: model.held.some(({ id }) => id === 'shop/good'),
      rules: rules
        .filter(({ member: { name } }) => name === 'good')
        .map(({ conditions, actions }) => ({ conditions, actions })),
    };
  };
  // What one member may ask for all: a redirect of HTTP, and tags are merged into everything.
  const local = annotations.map(({ 'ssl-redirect': _redirect, ...rest }) => rest);
  fc.assert(
    fc.property(local, (more) => {
      const good = member('good', 0, {});
      assert.deepEqual(own([...world, good, member('bad', 1, more)]), own([...world, good]));
    }),
    { numRuns: 400 },
  );
});

test('the order in which objects arrive does not matter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -2, max: 2 }), annotations), { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      (members, dice) => {
        const objects = [
          ...world,
          ...members.map(([order, more], index) => member(`m${index}`, order, more)),
        ];
        const config = coreConfig();
        const shuffled = objects
          .map((object) => ({ object, at: dice.next().value }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ object }) => object);
        const [first, second] = [snapshotOf(objects), snapshotOf(shuffled)];
        assert.deepEqual(allGroupKeys(first, config), allGroupKeys(second, config));
        assert.deepEqual(groupModel(first, key, config), groupModel(second, key, config));
      },
    ),
    { numRuns: 100 },
  );
});
