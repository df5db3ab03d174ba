import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AwsErrorKind, Refusal } from '../../src/core/domain/outcome.ts';
import { retryOf } from '../../src/engine/retry.ts';

const refusal = (kind: AwsErrorKind, retryAfterMs?: number): Refusal => ({
  kind,
  code: kind,
  action: 'a:B',
  message: kind,
  requestId: undefined,
  retryAfterMs,
});

test('without a refusal a key rests', () => {
  assert.deepEqual(retryOf([]), { verdict: { kind: 'rest' }, stale: false });
});

test('what cannot have changed anything leaves the memory alone, what may have does not', () => {
  const stale = (['throttled', 'denied', 'quotaExceeded', 'invalid', 'inUse', 'credentials'] as const).filter(
    (kind) => retryOf([refusal(kind)]).stale,
  );
  assert.deepEqual(stale, []);
  for (const kind of ['unavailable', 'unknownOutcome', 'conflict', 'notFound', 'alreadyExists'] as const) {
    assert.equal(retryOf([refusal(kind)]).stale, true, kind);
  }
});

test('the soonest of several waits counts, and AWS’s own wish is heard', () => {
  assert.deepEqual(retryOf([refusal('denied'), refusal('inUse')]).verdict, {
    kind: 'backOff',
    atLeastMs: 1000,
  });
  assert.deepEqual(retryOf([refusal('throttled', 7000)]).verdict, { kind: 'backOff', atLeastMs: 7000 });
  assert.deepEqual(retryOf([refusal('invalid')]).verdict, { kind: 'rest' });
});
