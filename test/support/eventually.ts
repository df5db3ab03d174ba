// Waiting for what other processes do. For tests of real programs only: with a virtual clock nothing has to be waited for.

import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats an assertion until it holds; after the deadline its last error is the test's. */
export async function eventually(assertion: () => void | Promise<void>, deadlineMs = 30_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(50);
  }
}
