import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Verdict, WorkQueue, backOffMs } from '../../src/engine/work-queue.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';

const rest: Verdict = { kind: 'rest' };

function queueOf(run: (key: string, attempt: number) => Promise<Verdict> | Verdict, concurrency = 2) {
  const clock = new VirtualClock(0);
  const runs: string[] = [];
  const errors: unknown[] = [];
  const queue = new WorkQueue<string>({
    clock,
    concurrency,
    debounceMs: 100,
    backOff: { baseMs: 200, maxMs: 300_000, random: () => 0 },
    run: async (key, { attempt }) => {
      runs.push(`${clock.now()} ${key}`);
      return run(key, attempt);
    },
    onError: (_key, error) => errors.push(error),
  });
  return { clock, queue, runs, errors };
}

/** A promise that the test settles. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test('a burst of changes of one key becomes one run after the debounce', async () => {
  const { clock, queue, runs } = queueOf(() => rest);
  queue.add('a', { priority: 'user' });
  await clock.advance(60);
  queue.add('a', { priority: 'user' });
  await clock.advance(500);
  assert.deepEqual(runs, ['100 a']);
  assert.equal(queue.size, 0);
});

test('a sooner request replaces a later one, and a later one does not postpone', async () => {
  const { clock, queue, runs } = queueOf(() => rest);
  queue.add('a', { priority: 'resync', afterMs: 60_000 });
  queue.add('a', { priority: 'user' });
  queue.add('a', { priority: 'resync', afterMs: 60_000 });
  await clock.advance(120_000);
  assert.deepEqual(runs, ['100 a']);
});

test('a key that changes while it runs runs once more afterwards, never twice at once', async () => {
  const first = gate();
  const { clock, queue, runs } = queueOf(async () => {
    await first.opened;
    return rest;
  });
  queue.add('a', { priority: 'user' });
  await clock.advance(100);
  queue.add('a', { priority: 'user' });
  queue.add('a', { priority: 'user' });
  await clock.advance(1000);
  assert.deepEqual(runs, ['100 a']);
  first.open();
  await clock.advance(1000);
  assert.deepEqual(runs, ['100 a', '1100 a']);
});

test('failures back off exponentially and are forgotten on success', async () => {
  const attempts: number[] = [];
  const { clock, queue, runs } = queueOf((_key, attempt) => {
    attempts.push(attempt);
    return attempts.length < 4 ? { kind: 'backOff', atLeastMs: 0 } : rest;
  });
  queue.add('a', { priority: 'user', afterMs: 0 });
  await clock.advance(10_000);
  assert.deepEqual(runs, ['0 a', '200 a', '600 a', '1400 a']);
  queue.add('a', { priority: 'user', afterMs: 0 });
  await clock.advance(0);
  assert.deepEqual(attempts, [0, 1, 2, 3, 0]);
});

test('a user edit does not wait for the back-off to end', async () => {
  const { clock, queue, runs } = queueOf((_key, attempt) =>
    attempt === 0 ? { kind: 'backOff', atLeastMs: 60_000 } : rest,
  );
  queue.add('a', { priority: 'user', afterMs: 0 });
  await clock.advance(1000);
  queue.add('a', { priority: 'user' });
  await clock.advance(100_000);
  assert.deepEqual(runs, ['0 a', '1100 a']);
});

test('Ask 16.2: what waits for a slot runs by priority, and a higher priority moves it up', async () => {
  const held = gate();
  const { clock, queue, runs } = queueOf(async (key) => {
    if (key === 'busy') await held.opened;
    return rest;
  }, 1);
  queue.add('busy', { priority: 'user', afterMs: 0 });
  await clock.advance(0);
  queue.add('audit', { priority: 'resync', afterMs: 0 });
  queue.add('pod', { priority: 'target', afterMs: 0 });
  queue.add('late', { priority: 'resync', afterMs: 0 });
  await clock.advance(1);
  queue.add('late', { priority: 'user', afterMs: 0 });
  held.open();
  await clock.advance(1);
  assert.deepEqual(
    runs.map((run) => run.split(' ')[1]),
    ['busy', 'late', 'pod', 'audit'],
  );
});

test('an error thrown by a run is reported, backed off, and stops nobody else', async () => {
  const { clock, queue, runs, errors } = queueOf((key) => {
    if (key === 'bad') throw new Error('bug');
    return rest;
  });
  queue.add('bad', { priority: 'user', afterMs: 0 });
  queue.add('good', { priority: 'user', afterMs: 0 });
  await clock.advance(250);
  assert.deepEqual(runs, ['0 bad', '0 good', '200 bad']);
  assert.equal(errors.length, 2);
});

test('stopping takes no more keys, waits for what runs, and aborts it only after the deadline', async () => {
  const clock = new VirtualClock(0);
  const seen: string[] = [];
  const queue = new WorkQueue<string>({
    clock,
    concurrency: 1,
    debounceMs: 0,
    backOff: { baseMs: 1, maxMs: 1, random: () => 0 },
    run: async (key, { signal }) => {
      seen.push(`start ${key}`);
      await clock.sleep(60_000, { signal }).catch(() => seen.push(`aborted at ${clock.now()}`));
      return rest;
    },
    onError: () => undefined,
  });
  queue.add('a', { priority: 'user' });
  queue.add('b', { priority: 'user' });
  await clock.advance(0);
  const stopped = queue.stop(5000);
  queue.add('c', { priority: 'user' });
  await clock.advance(5000);
  await stopped;
  assert.deepEqual(seen, ['start a', 'aborted at 5000']);
});

test('the back-off doubles up to its limit and jitter only shortens it', () => {
  const noJitter = { baseMs: 200, maxMs: 300_000, random: () => 0 };
  assert.deepEqual(
    [1, 2, 3, 20].map((failures) => backOffMs(failures, noJitter)),
    [200, 400, 800, 300_000],
  );
  assert.equal(backOffMs(20, { ...noJitter, random: () => 0.999_999 }), 225_001);
});
