import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';

test('sleepers wake at their own moment, in time order, equal ones in the order they came', async () => {
  const clock = new VirtualClock(0);
  const woken: string[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms);
    woken.push(`${name}@${clock.now()}`);
  };
  const all = [sleeper('c', 30), sleeper('a', 10), sleeper('b', 10)];
  assert.equal(clock.untilNextWake(), 10);
  await clock.advance(29);
  assert.deepEqual(woken, ['a@10', 'b@10']);
  assert.equal(clock.now(), 29);
  await clock.advance(1);
  await Promise.all(all);
  assert.deepEqual(woken, ['a@10', 'b@10', 'c@30']);
  assert.equal(clock.untilNextWake(), undefined);
});

test('what a woken sleeper schedules inside the span is served within it', async () => {
  const clock = new VirtualClock(0);
  const times: number[] = [];
  const loop = (async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      await clock.sleep(10);
      times.push(clock.now());
    }
  })();
  await clock.advance(100);
  await loop;
  assert.deepEqual(times, [10, 20, 30]);
});

test('both clocks reject a sleep whose signal is aborted, before or during it', async () => {
  for (const clock of [new VirtualClock(), systemClock]) {
    const controller = new AbortController();
    const sleep = clock.sleep(60_000, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(sleep, /enough/);
    await assert.rejects(clock.sleep(1, { signal: controller.signal }), /enough/);
  }
});
