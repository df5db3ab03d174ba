import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../../../src/simulator/kube/json.ts';
import { at } from '../../../../src/simulator/kube/json.ts';
import { validateStructural } from '../../../../src/simulator/kube/validate/structural.ts';
import type { Client } from '../support/client.ts';
import { start } from '../support/client.ts';

const text = { type: 'string' };
const spec = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 9 },
    mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
    name: { type: 'string', pattern: '^x', maxLength: 3 },
    ids: { type: 'array', minItems: 1, maxItems: 2, items: text },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port'],
      items: { type: 'object', properties: { port: { type: 'integer' }, note: text } },
    },
    labels: { type: 'object', additionalProperties: text },
    port: { 'x-kubernetes-int-or-string': true },
  },
  'x-kubernetes-validations': [{ rule: '!(has(self.name) && has(self.ids))', message: 'not both' }],
};
const schema = { type: 'object', properties: { spec } };

function problems(value: Json, old?: Json): readonly string[] {
  return validateStructural({ spec: value }, schema, old).map((error) => `${error.field}: ${error.body}`);
}

test('each bound of a field is told in the words of the API server', () => {
  const cases: readonly (readonly [Json, string])[] = [
    [{ size: 0 }, 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'],
    [{ size: 10 }, 'spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9'],
    [{ size: 1, name: 'yz' }, `spec.name: Invalid value: "yz": spec.name in body should match '^x'`],
    [
      { size: 1, name: 'xxxx' },
      'spec.name: Invalid value: "xxxx": spec.name in body should be at most 3 chars long',
    ],
    [{ size: 1, ids: [] }, 'spec.ids: Invalid value: 0: spec.ids in body should have at least 1 items'],
    [
      { size: 1, ids: ['a', 'b', 'c'] },
      'spec.ids: Invalid value: 3: spec.ids in body should have at most 2 items',
    ],
    [{ size: 1, name: 'x', ids: ['a'] }, 'spec: Invalid value: not both'],
  ];
  for (const [value, expected] of cases) assert.deepEqual(problems(value), [expected]);
  assert.deepEqual(problems({ size: 1, mode: 'b', labels: { a: 'b' }, port: 'http' }), []);
});

test('a missing field, a wrong type or an unknown value leave the rules unchecked, and it says so', () => {
  const unchecked = /^<nil>: Invalid value: null: some validation rules were not checked/;
  const first: readonly (readonly [Json, RegExp])[] = [
    [{}, /^spec\.size: Required value$/],
    [
      { size: 'x' },
      /^spec\.size: Invalid value: "string": spec\.size in body must be of type integer: "string"$/,
    ],
    [{ size: 1, mode: 'c' }, /^spec\.mode: Unsupported value: "c": supported values: "a", "b"$/],
    [
      { size: 1, labels: { a: 1 } },
      /^spec\.labels\.a: Invalid value: "integer": spec\.labels\.a in body must be of type string/,
    ],
  ];
  for (const [value, expected] of first) {
    const [error = '', last = ''] = problems(value);
    assert.match(error, expected);
    assert.match(last, unchecked);
  }
});

const path = '/apis/example.com/v1/namespaces/web/widgets';

async function define(t: TestContext): Promise<Client> {
  const { client } = await start(t);
  const additionalPrinterColumns = [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }];
  await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          additionalPrinterColumns,
        },
      ],
    },
  });
  return client;
}

function widget(changes: JsonObject): JsonObject {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec: { size: 1, ...changes },
  };
}

test('a stored definition drops unknown fields, fills in defaults, refuses and prints columns', async (t) => {
  const client = await define(t);
  const created = await client.post(path, widget({ nonsense: 1 }));
  assert.deepEqual(created.body['spec'], { size: 1, mode: 'a' });
  assert.equal(created.headers.get('warning'), '299 - "unknown field \\"spec.nonsense\\""');
  const refused = await client.patch(`${path}/w`, 'merge', { spec: { size: 0 } });
  assert.equal(refused.status, 422);
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const rows = (await client.get(path, { accept })).body['rows'] as readonly JsonObject[];
  assert.deepEqual(rows[0]?.['cells'], ['w', '1']);
});

test('server-side apply merges the lists of a custom kind by their keys', async (t) => {
  const client = await define(t);
  const apply = 'application/apply-patch+yaml';
  await client.patch(`${path}/w?fieldManager=a`, apply, widget({ ports: [{ port: 1, note: 'a' }] }));
  const both = await client.patch(`${path}/w?fieldManager=b`, apply, widget({ ports: [{ port: 2 }] }));
  assert.deepEqual(at(both.body, 'spec', 'ports'), [{ port: 1, note: 'a' }, { port: 2 }]);
});
