import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strategicMerge } from '../../../../src/simulator/kube/patch/strategic-merge.ts';
import { pod, service } from '../../../../src/simulator/kube/schema/core.ts';
import { ingress } from '../../../../src/simulator/kube/schema/networking.ts';

const two = {
  spec: {
    ports: [
      { port: 80, name: 'a' },
      { port: 81, name: 'b' },
    ],
  },
};

test('Service ports are merged by port', () => {
  const patch = {
    spec: {
      ports: [
        { port: 81, targetPort: 9 },
        { port: 82, name: 'c' },
      ],
    },
  };
  assert.deepEqual(strategicMerge(two, patch, service), {
    spec: {
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'b', targetPort: 9 },
        { port: 82, name: 'c' },
      ],
    },
  });
});

test('items are deleted, replaced and ordered by directives', () => {
  const deleted = strategicMerge(two, { spec: { ports: [{ $patch: 'delete', port: 80 }] } }, service);
  assert.deepEqual(deleted, { spec: { ports: [{ port: 81, name: 'b' }] } });
  const replaced = strategicMerge(two, { spec: { ports: [{ $patch: 'replace' }, { port: 9 }] } }, service);
  assert.deepEqual(replaced, { spec: { ports: [{ port: 9 }] } });
  const order = { spec: { '$setElementOrder/ports': [{ port: 81 }, { port: 80 }] } };
  assert.deepEqual(strategicMerge(two, order, service), {
    spec: {
      ports: [
        { port: 81, name: 'b' },
        { port: 80, name: 'a' },
      ],
    },
  });
});

test('Ingress rules are one value', () => {
  const before = { spec: { rules: [{ host: 'a' }, { host: 'b' }] } };
  assert.deepEqual(strategicMerge(before, { spec: { rules: [{ host: 'c' }] } }, ingress), {
    spec: { rules: [{ host: 'c' }] },
  });
});

test('finalizers are a set, conditions go by type, nulls remove', () => {
  const before = {
    metadata: { finalizers: ['a', 'b'], labels: { x: '1', y: '2' } },
    status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Waiting' }] },
  };
  const patch = {
    metadata: { finalizers: ['c'], '$deleteFromPrimitiveList/finalizers': ['a'], labels: { x: null } },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Gate', status: 'True' },
      ],
    },
  };
  assert.deepEqual(strategicMerge(before, patch, pod), {
    metadata: { finalizers: ['b', 'c'], labels: { y: '2' } },
    status: {
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Waiting' },
        { type: 'Gate', status: 'True' },
      ],
    },
  });
});

test('an object is replaced or emptied by $patch, and $retainKeys drops the others', () => {
  const before = { spec: { selector: { a: '1', b: '2' } } };
  const replace = { spec: { selector: { $patch: 'replace', c: '3' } } };
  assert.deepEqual(strategicMerge(before, replace, service), { spec: { selector: { c: '3' } } });
  const retain = { spec: { selector: { $retainKeys: ['a'] } } };
  assert.deepEqual(strategicMerge(before, retain, service), { spec: { selector: { a: '1' } } });
});
