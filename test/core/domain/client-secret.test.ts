import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ClientSecret } from '../../../src/core/domain/client-secret.ts';
import { canonical } from '../../../src/lib/canonical.ts';

test('no way of printing a client secret shows its text', () => {
  const secret = new ClientSecret('s3cret');
  const holder = { values: { secret }, list: [secret] };
  const printed = [
    JSON.stringify(holder),
    canonical(holder),
    inspect(holder, { depth: 9, showHidden: true }),
    `${secret}`,
    Object.entries(secret).join(),
    JSON.stringify(Object.assign({}, secret)),
    new assert.AssertionError({ actual: holder, expected: {}, operator: 'deepStrictEqual' }).message,
  ];
  for (const text of printed) assert.ok(!text.includes('s3cret'), text);
  assert.equal(secret.reveal(), 's3cret');
});

test('equal texts have equal hashes, and a hash holds nothing of the text', () => {
  assert.equal(new ClientSecret('a').hash, new ClientSecret('a').hash);
  assert.notEqual(new ClientSecret('a').hash, new ClientSecret('a ').hash);
  assert.match(new ClientSecret('a').hash, /^[0-9a-f]{16}$/);
});
