import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalController } from '../support/local-controller.ts';

type Seen = { readonly statuses: ReadonlyMap<string, number>; readonly count: number };

/** Asks for `urls` in turn without a pause until `work` has ended, and counts what is answered. */
export async function underTraffic(
  local: LocalController,
  urls: readonly string[],
  work: () => Promise<void>,
): Promise<Seen> {
  const statuses = new Map<string, number>();
  let count = 0;
  let isOver = false;
  const ask = async (): Promise<void> => {
    while (!isOver) {
      const url = urls[count % urls.length] ?? '';
      count += 1;
      const answer = await local
        .request(url)
        .then(({ status, echo }) => `${status} ${echo?.service ?? '-'}`)
        .catch((error: Error) => error.message);
      statuses.set(answer, (statuses.get(answer) ?? 0) + 1);
      await sleep(2);
    }
  };
  const asking = ask();
  try {
    await work();
  } finally {
    isOver = true;
    await asking;
  }
  return { statuses, count };
}
