import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../../src/kube/decode/decode-object.ts';

function valuesOf(fields: object) {
  const metadata = { namespace: 'shop', name: 'oidc' };
  const secret = decodeObject({ apiVersion: 'v1', kind: 'Secret', metadata, ...fields });
  assert.ok(secret?.kind === 'Secret' && secret.values !== undefined);
  const { clientId, clientSecret } = secret.values;
  return [clientId, clientSecret?.reveal()];
}

const encoded = (values: Readonly<Record<string, string>>): object => ({
  data: Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
});

test('white space after the id and control characters after the secret are cut off, as ALBC does', () => {
  assert.deepEqual(valuesOf(encoded({ clientID: ' id \u00a0\n', clientSecret: ' secret \r\n' })), [
    ' id',
    ' secret ',
  ]);
});

test('the old key clientId counts where clientID is absent; absent keys are undefined', () => {
  assert.deepEqual(valuesOf(encoded({ clientId: 'old', clientSecret: 's' })), ['old', 's']);
  assert.deepEqual(valuesOf(encoded({ clientId: 'old', clientID: 'new' })), ['new', undefined]);
  assert.deepEqual(valuesOf({}), [undefined, undefined]);
  assert.deepEqual(valuesOf({ stringData: { clientID: 'id', clientSecret: 's' } }), ['id', 's']);
});

test('a value of the wrong type is not quoted in an error', () => {
  assert.deepEqual(valuesOf({ stringData: { clientID: 'id', clientSecret: 12_345 } }), ['id', undefined]);
  assert.deepEqual(valuesOf({ data: 's3cret', stringData: 's3cret' }), [undefined, undefined]);
});
