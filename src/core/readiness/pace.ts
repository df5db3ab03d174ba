/** When the health of one target group's targets is asked for next, while pods wait for it. */
export type Pace = {
  readonly waiting: readonly string[];
  /** Looks in a row that brought nothing new. */
  readonly looks: number;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** The first look is soon: after a restart the targets may be healthy already. */
const firstMs = 1000;
const soonMs = 5000;
const latestMs = 60_000;

/**
 * The next look. Soon after anything changed, then half as long again each time, at most a minute: a target with the default health
 * check needs 15 to 30 s, and one that never becomes healthy must not cost a call every few seconds for ever.
 */
export function nextLook(
  before: Pace | undefined,
  {
    waiting,
    now,
    looked,
  }: { readonly waiting: readonly string[]; readonly now: number; readonly looked: boolean },
): Pace {
  if (before === undefined) return { waiting, looks: 0, at: now + firstMs };
  const isNews = before.waiting.join() !== waiting.join();
  if (!looked) {
    return isNews ? { waiting, looks: 0, at: Math.min(before.at, now + soonMs) } : before;
  }
  const looks = isNews ? 0 : before.looks + 1;
  return { waiting, looks, at: now + Math.min(latestMs, soonMs * 1.5 ** Math.max(0, looks - 1)) };
}
