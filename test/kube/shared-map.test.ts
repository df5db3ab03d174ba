import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SharedMap } from '../../src/kube/shared-map.ts';

type Step = { readonly kind: 'set' | 'delete' | 'view'; readonly key: number };

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('set', 'set', 'delete', 'view'),
    key: fc.integer({ min: 0, max: 600 }),
  }),
  { maxLength: 1000, size: 'max' },
);

const contentOf = (map: ReadonlyMap<number, number>): object => ({
  size: map.size,
  entries: [...map].toSorted(([a], [b]) => a - b),
});

test('a shared map holds what a Map would hold, and its views never change', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const map = new SharedMap<number, number>();
      const model = new Map<number, number>();
      const views: { readonly view: ReadonlyMap<number, number>; readonly content: object }[] = [];
      for (const [at, { kind, key }] of list.entries()) {
        if (kind === 'set') {
          map.set(key, at);
          model.set(key, at);
        } else if (kind === 'delete') {
          map.delete(key);
          model.delete(key);
        } else {
          views.push({ view: map.view(), content: contentOf(model) });
        }
        assert.equal(map.get(key), model.get(key));
        assert.equal(map.size, model.size);
      }
      for (const { view, content } of views) assert.deepEqual(contentOf(view), content);
    }),
    { numRuns: 10 },
  );
});

test('a view answers like a Map, with changed entries in their old places', () => {
  const map = new SharedMap(
    new Map([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]),
  );
  assert.equal(map.view(), map.view());
  map.set('b', 20);
  map.delete('a');
  map.set('d', 4);
  const view = map.view();
  assert.deepEqual([...view.keys()], ['b', 'c', 'd']);
  assert.deepEqual([...view.values()], [20, 3, 4]);
  assert.deepEqual(
    [view.get('a'), view.get('b'), view.has('a'), view.has('d')],
    [undefined, 20, false, true],
  );
  const seen: string[] = [];
  view.forEach((value, key) => void seen.push(`${key}${value}`));
  assert.deepEqual(seen, ['b20', 'c3', 'd4']);
});
