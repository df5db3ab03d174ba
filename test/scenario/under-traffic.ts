import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalController } from '../support/local-controller.ts';

/** What is answered, such as `200 web`. */
export const answerTo = (
  local: LocalController,
  ...request: Parameters<LocalController['request']>
): Promise<string> =>
  local
    .request(...request)
    .then(({ status, echo }) => `${status} ${echo?.service ?? '-'}`)
    .catch((error: Error) => error.message);

/** Asks without a pause until `work` has ended, and counts the answers. */
export async function answersDuring(
  ask: () => Promise<string>,
  work: () => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const answer = await ask();
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
      await sleep(2);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await asking;
  }
  return seen;
}

type Seen = { readonly statuses: ReadonlyMap<string, number>; readonly count: number };

/** Asks for `urls` in turn until `work` has ended, and counts the answers. */
export async function underTraffic(
  local: LocalController,
  urls: readonly string[],
  work: () => Promise<void>,
): Promise<Seen> {
  let count = 0;
  const statuses = await answersDuring(() => {
    const url = urls[count % urls.length] ?? '';
    count += 1;
    return answerTo(local, url);
  }, work);
  return { statuses, count };
}
