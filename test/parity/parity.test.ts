import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checklist, promises } from './checklist.ts';
import { proofs } from './proofs.ts';

test('a recording or a test proves every feature of ALBC that many users meet', () => {
  const found = proofs();
  const missing = Object.entries(checklist())
    .filter(([id, { importance }]) => importance !== 'Low' && !found.has(id))
    .map(([id]) => id);
  assert.deepEqual(missing, []);
});

test('a test proves by number each thing that a controller must never do', () => {
  const found = proofs();
  const missing = Object.keys(promises()).filter((id) => id.startsWith('Trap') && !found.has(id));
  assert.deepEqual(missing, []);
});

test('recordings and titles name only ids of the checklist, and traps there are', () => {
  const known = { ...checklist(), ...promises() };
  assert.deepEqual(
    [...proofs().keys()].filter((id) => !(id in known) && !id.startsWith('Ask')),
    [],
  );
});
