import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Store, keyOf } from '../../../src/simulator/kube/store.ts';
import type { KubeObject, ObjectMeta } from '../../../src/simulator/kube/object.ts';

type Change = { readonly name: string; readonly remove: boolean };

const changes = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), remove: fc.boolean() }), {
  maxLength: 40,
});

function object(name: string): KubeObject {
  const metadata: ObjectMeta = {
    name,
    namespace: 'web',
    uid: name,
    resourceVersion: '',
    creationTimestamp: '',
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

function carryOut(store: Store, list: readonly Change[]): void {
  for (const { name, remove } of list) {
    const found = store.get('s', `web/${name}`);
    if (!remove) store.put('s', object(name));
    else if (found) store.delete('s', found);
  }
}

test('a list at any revision plus the events since then is the final list', () => {
  fc.assert(
    fc.property(changes, changes, (before, after) => {
      const store = new Store(1000);
      carryOut(store, before);
      const revision = store.revision;
      const listed = store.list('s');
      carryOut(store, after);
      assert.deepEqual(store.listAt('s', revision), listed);
      const replayed = new Map(listed.map((each) => [keyOf(each), each]));
      for (const event of store.since(revision)) {
        if (event.type === 'DELETED') replayed.delete(keyOf(event.object));
        else replayed.set(keyOf(event.object), event.object);
      }
      assert.deepEqual(
        [...replayed].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each),
        store.list('s'),
      );
    }),
  );
});

test('what the history has forgotten is refused, never left out', () => {
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 5 }), (list, limit) => {
      const small = new Store(limit);
      const large = new Store(1000);
      carryOut(small, list);
      carryOut(large, list);
      for (let revision = 1; revision <= small.revision; revision++) {
        const known = attempt(() => small.since(revision).map((event) => event.revision));
        if (known)
          assert.deepEqual(
            known,
            large.since(revision).map((event) => event.revision),
          );
        else assert.ok(small.revision - revision >= limit, `revision ${revision} of ${small.revision}`);
      }
    }),
  );
});

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
