import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../../src/simulator/kube/json.ts';
import { jsonPatch } from '../../../../src/simulator/kube/patch/json-patch.ts';

const document = { a: { b: [1, 2, 3] }, 'x/y': 'z' };

test('operations apply in order and leave the document alone', () => {
  const patch = [
    { op: 'test', path: '/a/b/0', value: 1 },
    { op: 'add', path: '/a/b/1', value: 9 },
    { op: 'add', path: '/a/b/-', value: 10 },
    { op: 'remove', path: '/a/b/0' },
    { op: 'replace', path: '/x~1y', value: 'w' },
    { op: 'copy', from: '/a/b', path: '/c' },
    { op: 'move', from: '/x~1y', path: '/d' },
  ];
  assert.deepEqual(jsonPatch(document, patch), { a: { b: [9, 2, 3, 10] }, c: [9, 2, 3, 10], d: 'w' });
  assert.deepEqual(document, { a: { b: [1, 2, 3] }, 'x/y': 'z' });
});

test('what does not apply is 422', () => {
  const wrong: readonly Json[] = [
    [{ op: 'test', path: '/a/b/0', value: 2 }],
    [{ op: 'replace', path: '/nope/deep', value: 1 }],
    [{ op: 'remove', path: '/a/c' }],
    [{ op: 'add', path: '/a/b/9', value: 1 }],
    [{ op: 'add', path: '/no/such', value: 1 }],
    [{ op: 'add', path: '/a' }],
    [{ op: 'turn', path: '/a' }],
    [{ op: 'remove', path: 'a' }],
  ];
  for (const patch of wrong) {
    assert.throws(() => jsonPatch(document, patch), { code: 422 }, JSON.stringify(patch));
  }
});

test('a test for absence passes only when the value is absent', () => {
  assert.deepEqual(jsonPatch(document, [{ op: 'test', path: '/nope', value: null }]), document);
  assert.throws(() => jsonPatch(document, [{ op: 'test', path: '/a', value: null }]), { code: 422 });
});
