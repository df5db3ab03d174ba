import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Namespace } from '../../src/core/domain/cluster.ts';
import { decoderOf } from '../../src/kube/decode/decode-object.ts';
import { ObjectStore } from '../../src/kube/object-store.ts';

const raw = (name: string, resourceVersion: string, rest: object = {}): object => ({
  metadata: { name, resourceVersion, ...rest },
});

test('a bug in a decoder concerns one object, and the others go on', () => {
  const warnings: string[] = [];
  const decode = decoderOf('Namespace');
  const store = new ObjectStore<Namespace>(
    (raw) => {
      const namespace = decode(raw);
      if (namespace.meta.name === 'b') throw new TypeError('bug');
      return namespace;
    },
    (message) => void warnings.push(message),
  );
  const list = store.replacement();
  for (const name of ['a', 'b', 'c']) list.add({ metadata: { name } });
  list.commit();
  assert.deepEqual([...store.objects.keys(), store.unreadable, warnings.join()], ['a', 'c', 1, 'bug']);
});

test('an object with the same resource version is not decoded again by a new list', () => {
  let decoded = 0;
  const decode = decoderOf('Namespace');
  const store = new ObjectStore<Namespace>((object) => {
    decoded += 1;
    return decode(object);
  }, assert.fail);
  for (const versions of [
    ['1', '1'],
    ['1', '2'],
  ]) {
    const list = store.replacement();
    for (const [at, version] of versions.entries()) list.add(raw(`n${at}`, version));
    assert.equal(list.commit().length, versions.filter((version) => version === '2').length || 2);
  }
  assert.equal(decoded, 3);
});

test('an object that does not decode in a new list keeps its last good state there too', () => {
  const warnings: string[] = [];
  const store = new ObjectStore<Namespace>(decoderOf('Namespace'), (message) => void warnings.push(message));
  store.set(raw('a', '1', { labels: { x: 'y' } }));
  const list = store.replacement();
  list.add(raw('a', '2', { labels: 5 }));
  list.add({ metadata: {} });
  assert.deepEqual(list.commit(), []);
  assert.deepEqual(
    [...store.objects.values()].map(({ meta }) => meta.labels),
    [{ x: 'y' }],
  );
  assert.equal(store.unreadable, 1);
  assert.equal(warnings.length, 2);
});
